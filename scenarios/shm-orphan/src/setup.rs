//! What the variants share: the jobs, their segments, their trackers and workers, and who starts and kills them.
//!
//! A job makes segments and hands them over to a worker. When all are read, the job reports and waits for more
//! work, as a server does. Then it's killed.

use std::cell::Cell;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::ops::Range;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::str::FromStr;

use labkit::{Bench, Child, Result, checksum, sys};
use ndarray::{Array1, ArrayView1, s};
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::WaitPidFlag;
use nix::unistd::{Pid, setpgid};

/// What a fresh process is called, so that it knows what it is.
const TRACKER: &str = "shm-orphan-tracker";
const WORKER: &str = "shm-orphan-worker";

/// Whom SIGKILL is sent to when a job is to end.
#[derive(Clone, Copy)]
pub(crate) enum Kill {
    /// The job, its tracker and its worker.
    Group,
    /// The job alone.
    Owner,
}

/// What a job does.
type Work = fn(&Job<'_>) -> io::Result<()>;

/// Starts as many jobs as there are `jobs`, one after another, and kills each when its segments have been read.
pub(crate) fn run_jobs(bench: &Bench, whom: Kill, work: Work) -> Result {
    // Whatever a killed job leaves behind becomes a child of this process, which can wait for it.
    prctl::set_child_subreaper(true)?;
    let starter = Maker::this()?;
    let array = bench.array(bench.size("segments") * bench.size("segment_mib"));
    bench.mark("jobs begin");
    let (mut sum, mut done) = (0_u64, 0);
    let mut end = Ok(());
    while done < bench.size("jobs") && end.is_ok() {
        let (owner, mut report) = start(bench, starter, &array, done, work)?;
        end = read_report(&mut report).map(|job| sum = sum.wrapping_add(job));
        if end.is_ok() {
            match done {
                0 => bench.mark("first job at work"),
                _ => bench.done(done),
            }
            done += 1;
        }
        let pid = Pid::from_raw(owner.pid());
        // One that has failed may be gone by now.
        let _ = match whom {
            Kill::Group => killpg(pid, Signal::SIGKILL),
            Kill::Owner => kill(pid, Signal::SIGKILL),
        };
        wait_for_all()?;
        bench.done(done);
        if done == 1 {
            bench.mark("first job killed");
        }
    }
    bench.fact("jobs_done", done as u64);
    end?;
    bench.fact("checksum", sum);
    bench.mark("last job killed");
    Ok(())
}

/// The same, where three others have segments in the same folder.
///
/// Two of them live, and their segments must be there to the end: this process, and the one that has started it. The third
/// is dead, and its number has been given out again: to this process.
pub(crate) fn run_jobs_beside_others(bench: &Bench, whom: Kill, work: Work) -> Result {
    let alive = [Maker::this()?, Maker::parent()?];
    let dead = Maker { start: alive[0].start.saturating_sub(1), ..alive[0] };
    let count = bench.size("segments");
    // Those of the jobs have lower numbers.
    let first = bench.size("jobs") * count;
    let path = |maker: Maker, number: usize| bench.shm().join(maker.name(number));
    let of_the_dead = (first..first + 2 * count).map(|number| path(dead, number));
    let of_the_living = || (first..first + count).map(|number| path(alive[number % 2], number));
    for path in of_the_dead.chain(of_the_living()) {
        fs::write(path, b"a segment")?;
    }
    run_jobs(bench, whom, work)?;
    of_the_living().try_for_each(fs::remove_file)?;
    Ok(())
}

/// Starts a job in a separate process group, and returns it with the end of the pipe on which it reports.
fn start(
    bench: &Bench,
    starter: Maker,
    array: &Array1<f64>,
    number: usize,
    work: Work,
) -> Result<(Child, PipeReader)> {
    let (report, reporting) = io::pipe()?;
    let parts = bench.size("segments");
    // The fractions of the multiples of an irrational number are all different, and so are the sums of the jobs.
    let factor = ((number + 1) as f64 * std::f64::consts::SQRT_2).fract();
    let owner = sys::fork(move || {
        let this = Pid::from_raw(0);
        setpgid(this, this)?;
        let (folder, maker) = (bench.shm(), Maker::this()?);
        let (sum, read) = (Cell::new(0), Cell::new(0));
        let job = Job { folder, number, parts, array, factor, maker, starter, reporting, sum, read };
        let done = work(&job);
        if let Err(error) = &done {
            job.report(error.raw_os_error().unwrap_or(Errno::EIO as i32))?;
        }
        done
    })?;
    Ok((owner, report))
}

/// Waits for the report of a job: the sum of what its worker has read.
fn read_report(report: &mut impl Read) -> Result<u64> {
    let [mut errno, mut sum] = [[0; 8]; 2];
    report.read_exact(&mut errno).map_err(|_| "a job has ended before all of its segments were read")?;
    report.read_exact(&mut sum)?;
    match i32::try_from(u64::from_le_bytes(errno))? {
        0 => Ok(u64::from_le_bytes(sum)),
        errno => Err(io::Error::from_raw_os_error(errno).into()),
    }
}

/// Waits until all children are gone: the job, and the orphans that it leaves.
fn wait_for_all() -> Result {
    loop {
        match sys::wait_any(WaitPidFlag::WEXITED) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(Errno::ECHILD) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

/// A job, as it sees itself.
pub(crate) struct Job<'a> {
    folder: &'a Path,
    number: usize,
    parts: usize,
    array: &'a Array1<f64>,
    factor: f64,
    /// The job itself.
    pub(crate) maker: Maker,
    /// The process that starts the jobs.
    pub(crate) starter: Maker,
    reporting: PipeWriter,
    sum: Cell<u64>,
    read: Cell<usize>,
}

impl Job<'_> {
    /// The parts of the job's data: one for each segment.
    pub(crate) fn parts(&self) -> Range<usize> {
        0..self.parts
    }

    /// Makes a segment with a name in the folder of shared memory, as shm_open(3) does.
    pub(crate) fn named(&self, part: usize) -> io::Result<Segment> {
        self.named_after(self.maker, part)
    }

    /// Makes a segment whose name tells of another maker.
    pub(crate) fn named_after(&self, maker: Maker, part: usize) -> io::Result<Segment> {
        let path = self.folder.join(maker.name(self.number * self.parts + part));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        let mut segment = Segment { file, path: Some(path), goes_with_owner: false };
        // A segment that has no room is nobody's, so it's removed here.
        self.fill(&segment.file, part).inspect_err(|_| drop(segment.unlink()))?;
        Ok(segment)
    }

    /// Makes a segment that never has a name in any folder (memfd_create(2)).
    pub(crate) fn nameless(&self, part: usize) -> io::Result<Segment> {
        let file = File::from(memfd_create(c"segment", MFdFlags::MFD_CLOEXEC)?);
        self.fill(&file, part)?;
        Ok(Segment { file, path: None, goes_with_owner: false })
    }

    fn fill(&self, mut file: &File, part: usize) -> io::Result<()> {
        let len = self.array.len() / self.parts;
        let numbers = &self.array.slice(s![part * len..(part + 1) * len]) * self.factor;
        let numbers = numbers.as_slice().ok_or(io::ErrorKind::InvalidData)?;
        file.write_all(bytemuck::cast_slice(numbers))
    }

    /// Starts a tracker: a fresh process in the group of the job.
    pub(crate) fn start_tracker(&self) -> io::Result<Tracker> {
        let mut process = fresh(TRACKER).stdin(Stdio::piped()).spawn()?;
        Ok(Tracker { names: process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)? })
    }

    /// Has a worker read segments: by their names, or by their descriptors if they have none.
    ///
    /// After the last part the job has nothing to do but to report, and to keep its segments and its worker until it's
    /// asked for more. So this doesn't return then.
    pub(crate) fn hand_over(&self, segments: &[Segment]) -> io::Result<()> {
        let mut command = fresh(WORKER);
        for segment in segments {
            match &segment.path {
                Some(path) => command.arg(path),
                None => {
                    let number = sys::pass_fd(&mut command, segment.file.try_clone()?.into());
                    command.arg(number.to_string())
                }
            };
        }
        let mut worker = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut sum = [0; 8];
        worker.stdout.as_mut().ok_or(io::ErrorKind::BrokenPipe)?.read_exact(&mut sum)?;
        self.sum.set(self.sum.get().wrapping_add(u64::from_le_bytes(sum)));
        self.read.set(self.read.get() + segments.len());
        if self.read.get() == self.parts {
            self.report(0)?;
            // The worker waits for the end of its standard input, which isn't closed before this process ends.
            let _open = worker.stdin.take();
            worker.wait()?;
        }
        drop(worker.stdin.take());
        worker.wait().map(drop)
    }

    fn report(&self, errno: i32) -> io::Result<()> {
        let errno = u64::from(errno.unsigned_abs());
        (&self.reporting).write_all(&[errno.to_le_bytes(), self.sum.get().to_le_bytes()].concat())
    }

    /// Removes the segments of makers that are dead.
    pub(crate) fn sweep(&self) -> io::Result<()> {
        for found in self.segments_there()? {
            if start_of(found.maker.pid) != Some(found.maker.start) {
                found.remove()?;
            }
        }
        Ok(())
    }

    /// The segments in the folder whose names tell who made them.
    pub(crate) fn segments_there(&self) -> io::Result<Vec<Found>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(self.folder)? {
            let path = entry?.path();
            if let Some(maker) = path.file_name().and_then(|name| Maker::from_name(name.to_str()?)) {
                segments.push(Found { maker, path });
            }
        }
        Ok(segments)
    }
}

/// A piece of shared memory, as its owner has it.
pub(crate) struct Segment {
    file: File,
    path: Option<PathBuf>,
    goes_with_owner: bool,
}

impl Segment {
    /// Takes the name away (unlink(2)). Whoever has the file open or mapped keeps it.
    pub(crate) fn unlink(&mut self) -> io::Result<()> {
        self.path.take().map_or(Ok(()), fs::remove_file)
    }

    /// Has the name taken away when this is dropped.
    pub(crate) fn remove_on_drop(&mut self) {
        self.goes_with_owner = true;
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.goes_with_owner {
            let _ = self.unlink();
        }
    }
}

/// A segment that was found in the folder.
pub(crate) struct Found {
    /// Who made it.
    pub(crate) maker: Maker,
    path: PathBuf,
}

impl Found {
    /// Removes its name, unless another job was faster.
    pub(crate) fn remove(&self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// Removes a name, unless somebody else was faster.
fn remove(path: impl AsRef<Path>) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A process that makes segments: its number in /proc, and when it began, in ticks since the machine was started.
///
/// It isn't always the number of getpid(2). A container that hides parts of /proc lets nobody mount another one, so a
/// pid namespace in there has the container's own /proc, with the container's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Maker {
    pub(crate) pid: i32,
    pub(crate) start: u64,
}

impl Maker {
    fn this() -> io::Result<Maker> {
        let this = fs::read_link("/proc/self")?;
        Maker::of(this.to_str().and_then(|number| number.parse().ok()))
    }

    fn parent() -> io::Result<Maker> {
        Maker::of(stat("self", 4))
    }

    /// The process with this number.
    fn of(pid: Option<i32>) -> io::Result<Maker> {
        let found = pid.and_then(|pid| Some(Maker { pid, start: start_of(pid)? }));
        Ok(found.ok_or(io::ErrorKind::NotFound)?)
    }

    /// The name of one of its segments.
    fn name(self, number: usize) -> String {
        format!("job-{}-{}-{number}", self.pid, self.start)
    }

    fn from_name(name: &str) -> Option<Maker> {
        let mut words = name.strip_prefix("job-")?.splitn(3, '-');
        let maker = Maker { pid: words.next()?.parse().ok()?, start: words.next()?.parse().ok()? };
        words.next().map(|_| maker)
    }
}

/// Whether there is a process with this number.
pub(crate) fn is_alive(pid: i32) -> bool {
    start_of(pid).is_some()
}

/// When the process with this number began; `None` if there is none, or it's dead already.
pub(crate) fn start_of(pid: i32) -> Option<u64> {
    stat(pid, 22)
}

/// A field behind the state in the stat of a process (proc_pid_stat(5)); `None` if it's dead already.
fn stat<T: FromStr>(process: impl Display, field: usize) -> Option<T> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in parentheses, may have spaces and parentheses in it.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    // Field 3 is the state.
    let is_dead = fields.next().is_none_or(|state| ["Z", "X"].contains(&state));
    fields.nth(field - 4).filter(|_| !is_dead)?.parse().ok()
}

/// The job's side of a tracker.
pub(crate) struct Tracker {
    names: ChildStdin,
}

impl Tracker {
    /// Tells the tracker of a segment that it's to remove when the job ends.
    pub(crate) fn watch(&mut self, segment: &Segment) -> io::Result<()> {
        let name = segment.path.as_ref().ok_or(io::ErrorKind::InvalidInput)?;
        self.names.write_all(&[name.as_os_str().as_bytes(), b"\n"].concat())
    }
}

/// A process that begins with this program, and knows by its name what it is.
fn fresh(role: &str) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.arg0(role);
    command
}

/// The whole life of a tracker or of a worker; in every other process it returns at once.
#[expect(clippy::disallowed_methods, reason = "a child in this role has no main to return to")]
pub(crate) fn serve() {
    let mut words = std::env::args();
    let done = match words.next().as_deref() {
        Some(TRACKER) => track(),
        Some(WORKER) => read(words),
        _ => return,
    };
    if let Err(error) = &done {
        eprintln!("a process of a job: {error}");
    }
    std::process::exit(i32::from(done.is_err()))
}

/// Waits for the end of the pipe, which comes however the job ends, and removes all segments that it was told of.
fn track() -> io::Result<()> {
    let mut names = String::new();
    io::stdin().read_to_string(&mut names)?;
    names.lines().try_for_each(remove)
}

/// Reads every number of some segments, says what they add up to, and keeps them until the job ends.
fn read(segments: impl Iterator<Item = String>) -> io::Result<()> {
    let (mut sum, mut maps) = (0_u64, Vec::new());
    for word in segments {
        let file = match word.parse().ok().map(sys::take_fd) {
            Some(descriptor) => File::from(descriptor.ok_or(io::ErrorKind::NotFound)?),
            None => File::open(word)?,
        };
        let len = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        let map = sys::map(&file, 0, len)?;
        sum = sum.wrapping_add(checksum(ArrayView1::from(bytemuck::cast_slice(&map))));
        maps.push(map);
    }
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    (&output).write_all(&sum.to_le_bytes())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(maps);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_was_given_out_again_is_told_by_its_start_time() {
        let this = Maker::this().unwrap();
        assert_eq!(Maker::from_name(&this.name(7)), Some(this));
        let before = Maker { start: this.start - 1, ..this };
        assert!(is_alive(before.pid) && start_of(before.pid) != Some(before.start));
    }

    #[test]
    fn only_names_of_segments_tell_of_a_maker() {
        for name in ["job-1-2", "job-x-2-3", "psm_1234", "job--1-2-3x"] {
            assert_eq!(Maker::from_name(name), None, "{name}");
        }
    }
}
