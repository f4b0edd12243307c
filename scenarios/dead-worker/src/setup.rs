//! What the variants share: a pool of forked workers, its tasks, and the death of some of the workers.
//!
//! A worker takes a task, fills its own array for it, and answers with a number. Some workers are killed with
//! their first task in hand, as the kernel's out-of-memory killer would do it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use labkit::{Bench, Child, Gate, Result, checksum, pass_gate, sys};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// The pipes by which answers come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pipes {
    /// One for all workers. The pool keeps its other end, for workers that come later.
    Shared,
    /// One for each worker, which is the only process that has the other end.
    OneEach,
    /// One for each worker, and all of them are made before the first worker is forked.
    MadeBefore,
}

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task(u64);

impl Task {
    /// Its number, counted from 0.
    pub(crate) fn number(self) -> usize {
        self.0 as usize
    }
}

/// What a worker has made of its task.
pub(crate) struct Answer {
    task: Task,
    value: u64,
}

/// What a pool can wait for.
pub(crate) enum Event {
    /// A task is done.
    Answer(Answer),
    /// A worker is dead, or at least will never answer again.
    Death(WorkerId),
}

/// A worker, dead or alive, by the number of its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WorkerId(i32);

/// A worker as its pool knows it.
struct Worker {
    child: Child,
    orders: PipeWriter,
    /// The pipe of its answers, if it has one for itself.
    answers: Option<PipeReader>,
    pidfd: Option<OwnedFd>,
    /// The task that it was given and has not answered.
    in_hand: Option<Task>,
}

/// Workers, and the tasks that they are given one by one.
pub(crate) struct Pool<'a> {
    bench: &'a Bench,
    gate: Gate,
    pipes: Pipes,
    shared: (PipeReader, PipeWriter),
    workers: Vec<Worker>,
    waiting: VecDeque<Task>,
    is_poisoned: bool,
    /// How often each task was given to a worker.
    tries: Vec<u64>,
    started: u64,
    answered: u64,
    failed: u64,
    sum: u64,
}

/// What a worker is to do with its task besides doing it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Nothing else.
    Answer,
    /// It comes to the gate first, with all that the task needs.
    Pause,
    /// It dies of it.
    Die,
    /// There is no task: the worker ends.
    End,
}

/// A pool that goes through more workers than this has a mistake in it, and should not go on forever.
const MOST_WORKERS: u64 = 100;

impl<'a> Pool<'a> {
    /// Forks as many workers as there are `workers`.
    pub(crate) fn start(bench: &'a Bench, pipes: Pipes) -> Result<Self> {
        // What a task has freed is to leave the process at once (mallopt(3)).
        sys::map_large_blocks(1 << 20);
        let tasks = bench.size("tasks");
        let mut pool = Pool {
            bench,
            gate: Gate::new(bench.size("workers"))?,
            pipes,
            shared: io::pipe()?,
            workers: Vec::new(),
            waiting: (0..tasks as u64).map(Task).collect(),
            is_poisoned: false,
            tries: vec![0; tasks],
            started: 0,
            answered: 0,
            failed: 0,
            sum: 0,
        };
        // All pipes that are in this list are open in each worker that is forked meanwhile.
        let mut made = Vec::new();
        if pipes == Pipes::MadeBefore {
            made = (0..bench.size("workers")).map(|_| io::pipe()).collect::<io::Result<_>>()?;
        }
        for worker in 0..bench.size("workers") {
            let (reader, writer) = match made.get(worker) {
                Some((reader, writer)) => (reader.try_clone()?, writer.try_clone()?),
                None => io::pipe()?,
            };
            pool.fork(reader, writer)?;
        }
        pool.state();
        Ok(pool)
    }

    /// The same, with a first task that kills each worker that takes it.
    pub(crate) fn start_poisoned(bench: &'a Bench, pipes: Pipes) -> Result<Self> {
        Ok(Pool { is_poisoned: true, ..Self::start(bench, pipes)? })
    }

    /// Gives each worker its first task, and kills some when all have what they need for it.
    pub(crate) fn lose_some(&mut self) -> Result {
        for worker in 0..self.workers.len() {
            self.give(worker, Order::Pause)?;
        }
        let mut killed = Ok(());
        self.gate.open(|| {
            self.bench.mark("tasks in hand");
            let victims = &self.workers[..self.bench.size("killed")];
            killed = victims.iter().try_for_each(|victim| kill_and_see(&victim.child));
            self.bench.mark("workers killed");
        });
        Ok(killed?)
    }

    /// Whether there are tasks that have neither been answered nor failed.
    pub(crate) fn awaits(&self) -> bool {
        self.open() > 0
    }

    /// Whether any worker has a task in hand, as far as the pool knows.
    pub(crate) fn is_busy(&self) -> bool {
        self.workers.iter().any(|worker| worker.in_hand.is_some())
    }

    /// Waits until there is an answer in the pipe that all workers share.
    pub(crate) fn answer(&self) -> Result<Answer> {
        read_answer(&self.shared.0)?.ok_or_else(|| "the pool has no end of the pipe itself".into())
    }

    /// Waits until there is an answer in the pipe that all workers share, or until a worker has ended.
    pub(crate) fn answers_and_deaths(&mut self) -> Result<Vec<Event>> {
        self.look_for_the_living()?;
        for worker in &mut self.workers {
            if worker.pidfd.is_none() {
                worker.pidfd = Some(worker.child.pidfd()?);
            }
        }
        let pidfds = self.workers.iter().filter_map(|worker| worker.pidfd.as_ref()).map(AsFd::as_fd);
        let mut ready = wait(pidfds.chain([self.shared.0.as_fd()]), PollTimeout::NONE)?;
        ready.pop();
        let dead = self.workers.iter().zip(ready).filter(|(_, is_ready)| *is_ready);
        let deaths: Vec<Event> = dead.map(|(worker, _)| Event::Death(worker.id())).collect();
        // Read after the deaths were seen: what a worker has answered before it died is in the pipe by now.
        let mut events = Vec::new();
        while wait([self.shared.0.as_fd()], PollTimeout::ZERO)? == [true] {
            events.push(Event::Answer(self.answer()?));
        }
        events.extend(deaths);
        Ok(events)
    }

    /// Waits until there is an answer in one of the pipes, or until one of them is at its end.
    pub(crate) fn answers_and_ends(&self) -> Result<Vec<Event>> {
        self.look_for_the_living()?;
        let pipes: Vec<&PipeReader> =
            self.workers.iter().filter_map(|worker| worker.answers.as_ref()).collect();
        let ready = wait(pipes.iter().map(|pipe| pipe.as_fd()), PollTimeout::NONE)?;
        let mut events = Vec::new();
        for ((worker, pipe), _) in self.workers.iter().zip(pipes).zip(ready).filter(|(_, is_ready)| *is_ready)
        {
            events.push(match read_answer(pipe)? {
                Some(answer) => Event::Answer(answer),
                None => Event::Death(worker.id()),
            });
        }
        Ok(events)
    }

    /// Takes an answer, and gives its worker the next task.
    pub(crate) fn take(&mut self, Answer { task, value }: Answer) -> Result {
        self.answered += 1;
        // Some variants have no answer to the tasks of the killed workers, so these are in no sum.
        if task.number() >= self.bench.size("killed") {
            self.sum = self.sum.wrapping_add(value);
        }
        self.state();
        self.bench.done(self.answered as usize);
        match self.workers.iter().position(|worker| worker.in_hand == Some(task)) {
            Some(worker) => self.give(worker, Order::Answer),
            None => Ok(()),
        }
    }

    /// Lets go of a dead worker, and returns the task that it had in hand.
    pub(crate) fn bury(&mut self, dead: WorkerId) -> Result<Option<Task>> {
        let place = self.workers.iter().position(|worker| worker.id() == dead).ok_or("nobody knows it")?;
        let worker = self.workers.remove(place);
        // That it was killed is no error of the pool.
        let _ = worker.child.wait();
        Ok(worker.in_hand)
    }

    /// Gives up a task.
    pub(crate) fn fail(&mut self, task: impl IntoIterator<Item = Task>) {
        self.failed += task.into_iter().count() as u64;
        self.state();
    }

    /// Has a task done again, before those that are waiting.
    pub(crate) fn again(&mut self, task: impl IntoIterator<Item = Task>) {
        task.into_iter().for_each(|task| self.waiting.push_front(task));
    }

    /// Forks one more worker, and gives it a task if one is waiting.
    pub(crate) fn hire(&mut self) -> Result {
        let (reader, writer) = io::pipe()?;
        self.fork(reader, writer)?;
        self.state();
        self.give(self.workers.len() - 1, Order::Answer)
    }

    /// Ends the workers that are left, and states what was done.
    pub(crate) fn close(mut self) -> Result {
        for worker in &mut self.workers {
            send(&mut worker.orders, 0, Order::End)?;
        }
        self.workers.into_iter().try_for_each(|worker| worker.child.wait())?;
        self.bench.fact("checksum", self.sum);
        Ok(())
    }

    fn look_for_the_living(&self) -> Result {
        if self.workers.is_empty() { Err("no worker is left".into()) } else { Ok(()) }
    }

    fn open(&self) -> u64 {
        (self.tries.len() as u64).saturating_sub(self.answered + self.failed)
    }

    /// States how far the pool is. It may be the last time that it can.
    fn state(&self) {
        self.bench.fact("tasks_answered", self.answered);
        self.bench.fact("tasks_failed", self.failed);
        self.bench.fact("tasks_open", self.open());
        self.bench.fact("workers_started", self.started);
        self.bench.fact("most_tries", self.tries.iter().copied().max().unwrap_or(0));
    }

    fn fork(&mut self, reader: PipeReader, writer: PipeWriter) -> Result {
        if self.started == MOST_WORKERS {
            return Err(format!("{MOST_WORKERS} workers were started, and still some die").into());
        }
        let (bench, gate) = (self.bench, self.gate.name());
        let answers = if self.pipes == Pipes::Shared { &self.shared.1 } else { &writer };
        let (taken, orders) = io::pipe()?;
        let child = sys::fork(|| serve(bench, gate, &taken, answers))?;
        let answers = (self.pipes != Pipes::Shared).then_some(reader);
        // Here the parent's copies of the worker's ends are closed, and the next worker does not inherit them.
        self.workers.push(Worker { child, orders, answers, pidfd: None, in_hand: None });
        self.started += 1;
        Ok(())
    }

    /// Gives a worker the next task, if one is waiting.
    fn give(&mut self, worker: usize, order: Order) -> Result {
        let worker = &mut self.workers[worker];
        worker.in_hand = self.waiting.pop_front();
        let Some(task) = worker.in_hand else { return Ok(()) };
        self.tries[task.number()] += 1;
        let is_deadly = self.is_poisoned && task.number() == 0 && order == Order::Answer;
        let order = if is_deadly { Order::Die } else { order };
        send(&mut worker.orders, task.0, order)?;
        self.state();
        Ok(())
    }
}

impl Worker {
    fn id(&self) -> WorkerId {
        WorkerId(self.child.pid())
    }
}

/// The whole life of a worker.
fn serve(bench: &Bench, gate: &str, mut orders: &PipeReader, mut answers: &PipeWriter) -> io::Result<()> {
    loop {
        let mut message = [[0; 8]; 2];
        orders.read_exact(message.as_flattened_mut())?;
        let [task, order] = message.map(u64::from_le_bytes);
        if order == Order::End as u64 {
            return Ok(());
        }
        let mut numbers = bench.array(bench.size("array_mib"));
        numbers *= task as f64 + 1.0;
        if order == Order::Pause as u64 {
            pass_gate(gate)?;
        }
        if order == Order::Die as u64 {
            raise(Signal::SIGKILL)?;
        }
        let answer = [task, checksum(numbers.view())].map(u64::to_le_bytes);
        drop(numbers);
        // At most PIPE_BUF bytes, so answers of several workers do not mix (pipe(7)).
        answers.write_all(answer.as_flattened())?;
    }
}

fn send(orders: &mut PipeWriter, task: u64, order: Order) -> io::Result<()> {
    let message = [task, order as u64].map(u64::to_le_bytes);
    match orders.write_all(message.as_flattened()) {
        // A worker that has just died is none that this is told to, and its death is seen elsewhere.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        sent => sent,
    }
}

/// The next answer of a pipe; `None` at its end.
fn read_answer(mut pipe: &PipeReader) -> io::Result<Option<Answer>> {
    let mut message = [[0; 8]; 2];
    match pipe.read_exact(message.as_flattened_mut()) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        read => {
            let [task, value] = message.map(u64::from_le_bytes);
            read.map(|()| Some(Answer { task: Task(task), value }))
        }
    }
}

/// Waits until something can be read of one of these, or its end, and says of each whether it can.
fn wait<'fd>(fds: impl IntoIterator<Item = BorrowedFd<'fd>>, most: PollTimeout) -> io::Result<Vec<bool>> {
    let mut polled: Vec<PollFd<'_>> = fds.into_iter().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
    poll(&mut polled, most)?;
    Ok(polled.iter().map(|fd| fd.any().unwrap_or(false)).collect())
}

/// Kills a worker as the kernel's out-of-memory killer does, and waits until it is dead. It is left to be buried.
fn kill_and_see(worker: &Child) -> io::Result<()> {
    let pid = Pid::from_raw(worker.pid());
    kill(pid, Signal::SIGKILL)?;
    waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
    Ok(())
}
