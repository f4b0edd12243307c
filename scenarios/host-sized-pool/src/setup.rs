//! What the variants share: what the kernel says of processors and of memory, a service with a dictionary, and its
//! pool of forked workers.
//!
//! A worker loads its own index, waits until all have theirs, and does its share of the tasks with it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use labkit::{Bench, Child, Result, checksum, sys};
use ndarray::{Array1, ArrayView1, s};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CpuSet, sched_getaffinity};
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

/// How many workers a service usually has for so many processors: twice as many and one more, as gunicorn's
/// documentation has it (<https://docs.gunicorn.org/en/stable/design.html#how-many-workers>).
///
/// With it there are three workers on a machine with one processor. The bound keeps a run small where there are
/// hundreds.
pub(crate) fn usual(bench: &Bench, processors: usize) -> usize {
    (2 * processors + 1).min(bench.size("most"))
}

/// The processors of the machine: what sysconf(_SC_NPROCESSORS_ONLN) counts, and from where.
///
/// # Errors
///
/// That of the file, which is in every sysfs.
pub(crate) fn processors() -> Result<usize> {
    let online = fs::read_to_string("/sys/devices/system/cpu/online")?;
    let ranges = online.trim().split(',').map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Ok(last.parse::<usize>()? + 1 - first.parse::<usize>()?)
    });
    ranges.sum()
}

/// What this process may have of the memory, in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// The lowest limit of all groups that it is in, or all that the machine has.
    pub(crate) limit: usize,
    /// What is charged to the group with that limit.
    pub(crate) usage: usize,
    /// How much of that is page cache of files, which the kernel takes back before it kills anybody.
    pub(crate) cache: usize,
    /// What the machine could give away (MemAvailable of proc_meminfo(5)).
    pub(crate) available: usize,
}

impl Memory {
    /// Asks the kernel about all groups that this process is in.
    pub(crate) fn look() -> Result<Self> {
        Self::of(&Group::all()?)
    }

    /// Asks about the outermost group that can be seen from here, whose files are those with the shortest path.
    pub(crate) fn look_at_top() -> Result<Self> {
        let groups = Group::all()?;
        Self::of(&groups[groups.len().saturating_sub(1)..])
    }

    fn of(groups: &[Group]) -> Result<Self> {
        let available = of_machine("MemAvailable:")?;
        let lowest =
            groups.iter().filter_map(|group| Some((group.limit()?, group))).min_by_key(|(limit, _)| *limit);
        let Some((limit, group)) = lowest else {
            let limit = of_machine("MemTotal:")?;
            return Ok(Memory { limit, usage: limit - available, cache: 0, available });
        };
        Ok(Memory { limit: mib(limit), usage: mib(group.usage()?), cache: mib(group.cache()?), available })
    }

    /// What is left for workers: page cache counts as free, and all else that is there stays.
    pub(crate) fn room(&self) -> usize {
        (self.limit + self.cache).saturating_sub(self.usage)
    }
}

/// A line of /proc/meminfo, in MiB.
fn of_machine(name: &str) -> Result<usize> {
    let text = fs::read_to_string("/proc/meminfo")?;
    Ok(field(&text, name).ok_or("/proc/meminfo lacks a line")? >> 10)
}

/// States what each source says, whether a variant asks it or not.
fn state_sources(bench: &Bench) -> Result {
    bench.fact("processors_online", processors()? as u64);
    bench.fact("processors_affinity", allowed()? as u64);
    bench.fact("processors_parallel", available_parallelism()?.get() as u64);
    bench.fact("machine_mib", of_machine("MemTotal:")? as u64);
    bench.fact("limit_mib", Memory::look()?.limit as u64);
    Ok(())
}

/// The processors that this process may run on (sched_getaffinity(2)).
fn allowed() -> Result<usize> {
    let set = sched_getaffinity(Pid::from_raw(0))?;
    Ok((0..CpuSet::count()).filter(|&processor| set.is_set(processor) == Ok(true)).count())
}

fn mib(bytes: u64) -> usize {
    (bytes >> 20) as usize
}

/// The number after a word at the begin of a line.
fn field(text: &str, name: &str) -> Option<usize> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// A memory control group that this process is in.
struct Group {
    folder: PathBuf,
    is_version_2: bool,
}

impl Group {
    /// All of them, the innermost first (cgroups(7)). None if nobody has mounted them here.
    fn all() -> Result<Vec<Self>> {
        let own = fs::read_to_string("/proc/self/cgroup")?;
        let mounts = fs::read_to_string("/proc/self/mountinfo")?;
        let mut groups = Vec::new();
        for mount in mounts.lines() {
            // What is mounted begins at `root` of the hierarchy, and is seen at `top` (proc_pid_mountinfo(5)).
            let words: Vec<&str> = mount.split(' ').collect();
            let Some(dash) = words.iter().position(|word| *word == "-") else { continue };
            let [_, _, _, root, top, ..] = words[..] else { continue };
            let top = Path::new(top);
            let is_version_2 = match words[dash + 1] {
                "cgroup2" => fs::read_to_string(top.join("cgroup.controllers"))
                    .is_ok_and(|names| names.split_whitespace().any(|name| name == "memory")),
                "cgroup" if words.last().is_some_and(|options| has(options, "memory")) => false,
                _ => continue,
            };
            let is_own = |line: &&str| match line.split(':').nth(1) {
                Some(controllers) if is_version_2 => controllers.is_empty(),
                Some(controllers) => has(controllers, "memory"),
                None => false,
            };
            let path = own.lines().find(is_own).and_then(|line| line.splitn(3, ':').nth(2));
            let Some(inside) = path.and_then(|path| Path::new(path).strip_prefix(root).ok()) else {
                continue;
            };
            let innermost = top.join(inside);
            let above = innermost.ancestors().take_while(|folder| folder.starts_with(top));
            groups.extend(above.map(|folder| Group { folder: folder.to_owned(), is_version_2 }));
        }
        Ok(groups)
    }

    /// Its limit in bytes; `None` if it has none of its own.
    fn limit(&self) -> Option<u64> {
        // Version 2 writes `max` for none, and version 1 the most pages that it can count.
        let name = if self.is_version_2 { "memory.max" } else { "memory.limit_in_bytes" };
        self.number(name).ok().filter(|&limit| limit < 1 << 60)
    }

    fn usage(&self) -> Result<u64> {
        self.number(if self.is_version_2 { "memory.current" } else { "memory.usage_in_bytes" })
    }

    fn cache(&self) -> Result<u64> {
        let stat = fs::read_to_string(self.folder.join("memory.stat"))?;
        // Version 1 has each line twice: with `total_` the groups below are counted, too.
        let total = if self.is_version_2 { "" } else { "total_" };
        let of = |list: &str| field(&stat, &format!("{total}{list}_file ")).unwrap_or_default();
        Ok((of("active") + of("inactive")) as u64)
    }

    fn number(&self, file: &str) -> Result<u64> {
        Ok(fs::read_to_string(self.folder.join(file))?.trim().parse()?)
    }
}

/// Whether a name is in a list with commas.
fn has(list: &str, name: &str) -> bool {
    list.split(',').any(|one| one == name)
}

/// A service that answers with the help of a dictionary, and of an index of it.
pub(crate) struct Service<'a> {
    bench: &'a Bench,
    /// It's half as large again as an index, and there before the first worker is forked, so all of them share it.
    dictionary: Array1<f64>,
}

impl<'a> Service<'a> {
    pub(crate) fn start(bench: &'a Bench) -> Result<Self> {
        // What a worker has freed is to leave the process at once (mallopt(3)).
        sys::map_large_blocks(1 << 20);
        state_sources(bench)?;
        Ok(Service { bench, dictionary: bench.array(bench.size("index_mib") * 3 / 2) })
    }

    /// Writes half of the dictionary to the disk, and waits until the disk has it.
    pub(crate) fn save(&self) -> Result {
        let mut file = File::create(self.bench.disk().join("words"))?;
        for words in self.dictionary.exact_chunks(SEGMENT).into_iter().step_by(2) {
            file.write_all(&words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>())?;
        }
        file.sync_all()?;
        self.bench.fact("kib_saved", file.metadata()?.len() >> 10);
        Ok(())
    }

    /// Makes an index: a part of the dictionary, and then its words in order, segment by segment.
    pub(crate) fn load(&self) -> Array1<f64> {
        let mut index = self.dictionary.slice(s![..self.dictionary.len() * 2 / 3]).to_owned();
        for mut segment in index.exact_chunks_mut(SEGMENT) {
            segment.as_slice_mut().expect("it is in one piece").sort_unstable_by(f64::total_cmp);
        }
        index
    }

    /// Does the tasks of one of so many workers, and returns how many there were and the sum over them.
    fn work(&self, index: ArrayView1<'_, f64>, worker: usize, workers: usize) -> [u64; 2] {
        let tasks = self.bench.size("tasks");
        let each = index.len() / tasks;
        let own = (worker..tasks).step_by(workers);
        let answers = own.map(|task| {
            let part = s![task * each..(task + 1) * each];
            checksum((&index.slice(part) * &self.dictionary.slice(part)).view())
        });
        answers.fold([0; 2], |[count, sum], answer| [count + 1, sum.wrapping_add(answer)])
    }

    /// Forks so many workers, each of which loads its own index.
    pub(crate) fn hire(&self, workers: usize) -> Result<Pool<'_>> {
        self.hire_in_turn(workers, workers)
    }

    /// Forks so many workers, of which so many at a time may have an index.
    pub(crate) fn hire_in_turn(&self, workers: usize, at_once: usize) -> Result<Pool<'_>> {
        let mut pool = Pool::new(self, None)?;
        pool.add_in_turn(workers, at_once)?;
        Ok(pool)
    }

    /// Forks so many workers that all use this index.
    pub(crate) fn hire_with<'s>(&'s self, index: &'s Array1<f64>, workers: usize) -> Result<Pool<'s>> {
        let mut pool = Pool::new(self, Some(index))?;
        pool.add(workers)?;
        Ok(pool)
    }
}

/// How many words are sorted or written at once. A MiB has two segments.
const SEGMENT: usize = 1 << 16;

/// The workers, and what they have come to.
pub(crate) struct Pool<'s> {
    service: &'s Service<'s>,
    /// The index that all of them use, if they don't load their own.
    index: Option<&'s Array1<f64>>,
    answers: (PipeReader, PipeWriter),
    workers: Vec<Worker>,
    /// Those that have their index.
    loaded: Vec<usize>,
    /// Those that may not load theirs yet.
    waiting: VecDeque<usize>,
    killed: u64,
    answered: u64,
    sum: u64,
}

/// A worker as its pool knows it.
struct Worker {
    /// `None` when it has ended.
    child: Option<Child>,
    pidfd: OwnedFd,
    orders: PipeWriter,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Load the index.
    Load,
    /// Say that you are there.
    Call,
    /// Do your share of the tasks, and end.
    Work,
}

/// What a pool can hear.
enum Event {
    /// A worker has done what it was to do.
    Done(usize, Order),
    /// A worker was killed.
    Death(usize),
}

/// The numbers of a message, to a worker or from one.
type Message = [[u8; 8]; 4];

impl<'s> Pool<'s> {
    fn new(service: &'s Service<'_>, index: Option<&'s Array1<f64>>) -> Result<Self> {
        Ok(Pool {
            service,
            index,
            answers: io::pipe()?,
            workers: Vec::new(),
            loaded: Vec::new(),
            waiting: VecDeque::new(),
            killed: 0,
            answered: 0,
            sum: 0,
        })
    }

    /// Forks more workers, and waits until they have their index, or are dead.
    pub(crate) fn add(&mut self, workers: usize) -> Result {
        self.add_in_turn(workers, workers)
    }

    fn add_in_turn(&mut self, workers: usize, at_once: usize) -> Result {
        let first = self.workers.len();
        for number in first..first + workers {
            self.fork(number)?;
        }
        let begin = first..first + at_once.min(workers);
        self.waiting.extend(begin.end..first + workers);
        let loaded = self.all(begin.collect(), Order::Load)?;
        // Whom the kernel has chosen may have answered before, and need not be gone before the one for which it made
        // room answers, too. But a call is answered by nobody who was sent a SIGKILL before.
        self.loaded.extend(loaded);
        self.loaded = self.all(self.loaded.clone(), Order::Call)?;
        self.state();
        Ok(())
    }

    /// What the first worker has in memory, in MiB, up to a whole one: the sum of these lines of its smaps_rollup
    /// (proc_pid_smaps(5)), such as `Rss`.
    pub(crate) fn measure(&self, lines: &[&str]) -> Result<usize> {
        let worker =
            self.workers.first().and_then(|worker| worker.child.as_ref()).ok_or("there is no worker")?;
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", worker.pid()))?;
        let of =
            |line: &&str| field(&rollup, &format!("{line}:")).ok_or(format!("smaps_rollup has no {line}"));
        let sizes: std::result::Result<Vec<usize>, String> = lines.iter().map(of).collect();
        Ok(sizes?.into_iter().sum::<usize>().div_ceil(1 << 10))
    }

    /// Has all tasks done, and ends the workers.
    ///
    /// # Errors
    ///
    /// If a worker was killed: nobody knows what is lost, so the pool gives up, as that of Python does.
    pub(crate) fn work(mut self) -> Result {
        if self.killed > 0 {
            return Err(format!("{} of {} workers were killed", self.killed, self.workers.len()).into());
        }
        for worker in self.loaded.clone() {
            self.send(worker, Order::Work)?;
        }
        let mut open = self.workers.len();
        while open > 0 {
            match self.next()? {
                Event::Done(worker, Order::Work) => {
                    open -= 1;
                    // Its memory is free when it has ended, and not before.
                    self.workers[worker].child.take().map_or(Ok(()), Child::wait)?;
                    if let Some(next) = self.waiting.pop_front() {
                        self.send(next, Order::Load)?;
                    }
                    self.service.bench.done(self.answered as usize);
                }
                Event::Done(worker, _) => self.send(worker, Order::Work)?,
                Event::Death(_) => return Err("a worker was killed at work".into()),
            }
        }
        self.state();
        self.service.bench.fact("checksum", self.sum);
        Ok(())
    }

    fn fork(&mut self, number: usize) -> Result {
        let (taken, orders) = io::pipe()?;
        let (service, index, answers) = (self.service, self.index, &self.answers.1);
        let child = sys::fork(|| serve(service, index, number, &taken, answers))?;
        let pidfd = child.pidfd()?;
        self.workers.push(Worker { child: Some(child), pidfd, orders });
        Ok(())
    }

    /// Gives these workers an order, waits until each has done it or is dead, and returns those that have.
    fn all(&mut self, workers: Vec<usize>, order: Order) -> Result<Vec<usize>> {
        for &worker in &workers {
            self.send(worker, order)?;
        }
        let (mut open, mut done) = (workers, Vec::new());
        open.retain(|&worker| self.workers[worker].child.is_some());
        while !open.is_empty() {
            let (Event::Done(worker, _) | Event::Death(worker)) = self.next()?;
            open.retain(|&other| other != worker);
            done.push(worker);
        }
        done.retain(|&worker| self.workers[worker].child.is_some());
        Ok(done)
    }

    fn send(&mut self, worker: usize, order: Order) -> io::Result<()> {
        let message: Message = [order as u64, self.workers.len() as u64, 0, 0].map(u64::to_le_bytes);
        match self.workers[worker].orders.write_all(message.as_flattened()) {
            // It is dead, and that is heard elsewhere.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            sent => sent,
        }
    }

    /// Waits until a worker has answered, or has ended without an answer.
    fn next(&mut self) -> Result<Event> {
        let alive = self.workers.iter().enumerate().filter(|(_, worker)| worker.child.is_some());
        let (numbers, pidfds): (Vec<_>, Vec<_>) =
            alive.map(|(number, worker)| (number, worker.pidfd.as_fd())).unzip();
        let fds = [self.answers.0.as_fd()].into_iter().chain(pidfds);
        let mut polled: Vec<PollFd<'_>> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        poll(&mut polled, PollTimeout::NONE)?;
        let mut ready = polled.iter().map(|fd| fd.any().unwrap_or(false));
        if ready.next() == Some(true) {
            return self.answer();
        }
        let dead =
            numbers.into_iter().zip(ready).find(|(_, is_ready)| *is_ready).ok_or("nothing has happened")?.0;
        self.bury(dead)
    }

    fn answer(&mut self) -> Result<Event> {
        let mut message = Message::default();
        self.answers.0.read_exact(message.as_flattened_mut())?;
        let [worker, order, count, sum] = message.map(u64::from_le_bytes);
        self.answered += count;
        self.sum = self.sum.wrapping_add(sum);
        let order = [Order::Load, Order::Call, Order::Work].into_iter().find(|one| *one as u64 == order);
        Ok(Event::Done(worker as usize, order.ok_or("an answer to no order")?))
    }

    /// Lets go of a worker that has ended.
    fn bury(&mut self, worker: usize) -> Result<Event> {
        let child = self.workers[worker].child.take().ok_or("it has ended before")?;
        let pid = Pid::from_raw(child.pid());
        let status = waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
        let ended = child.wait();
        if !matches!(status, WaitStatus::Signaled(_, Signal::SIGKILL, _)) {
            ended?;
            return Err("a worker has ended too early".into());
        }
        self.killed += 1;
        Ok(Event::Death(worker))
    }

    /// States how far the pool is.
    fn state(&self) {
        let bench = self.service.bench;
        bench.fact("workers_started", self.workers.len() as u64);
        bench.fact("workers_killed", self.killed);
        bench.fact("workers_loaded", self.loaded.len() as u64);
        bench.fact("tasks_answered", self.answered);
    }
}

/// The whole life of a worker.
fn serve(
    service: &Service<'_>,
    shared: Option<&Array1<f64>>,
    number: usize,
    mut orders: &PipeReader,
    mut answers: &PipeWriter,
) -> io::Result<()> {
    let mut own = None;
    loop {
        let mut message = Message::default();
        orders.read_exact(message.as_flattened_mut())?;
        let [order, workers, ..] = message.map(u64::from_le_bytes);
        if order == Order::Load as u64 && shared.is_none() {
            own = Some(service.load());
        }
        let [count, sum] = match shared.or(own.as_ref()) {
            Some(index) if order == Order::Work as u64 => {
                service.work(index.view(), number, workers as usize)
            }
            _ => [0; 2],
        };
        // At most PIPE_BUF bytes, so answers of several workers do not mix (pipe(7)).
        answers.write_all([number as u64, order, count, sum].map(u64::to_le_bytes).as_flattened())?;
        if order == Order::Work as u64 {
            return Ok(());
        }
    }
}
