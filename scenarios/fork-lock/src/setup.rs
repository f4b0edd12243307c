//! What the variants share: the log, the thread in the middle of an entry, and the children.
//!
//! A child waits until it is called, and then writes one entry to the log.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Seek, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use labkit::sys::{self, Patience};
use labkit::{Bench, Child, Result, checksum};

/// What a fresh child is called, so that it knows what it is.
const CHILD: &str = "fork-lock-child";

/// What the rest of an entry takes, as if the log were on a slow disk. Nothing depends on it: it lets
/// people see a fork that waits.
const REST: Duration = Duration::from_millis(20);

/// A log, which lives as long as the program.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    /// The file, and its lock: who writes an entry holds it.
    pub(crate) lock: &'static Mutex<File>,
    /// The same file, for processes that have their own lock.
    file: &'static File,
}

impl Log {
    /// Opens a log. Its file has no name, so that it is gone with the last process that writes to it.
    pub(crate) fn open(bench: &Bench) -> Result<Log> {
        let file = tempfile::tempfile_in(bench.shm())?;
        let lock = Box::leak(Box::new(Mutex::new(file.try_clone()?)));
        Ok(Log { lock, file: Box::leak(Box::new(file)) })
    }

    /// Waits until nobody holds the lock.
    pub(crate) fn wait_until_free(self) {
        drop(self.hold());
    }

    fn hold(self) -> MutexGuard<'static, File> {
        self.lock.lock().expect("no thread panics while it writes an entry")
    }

    /// Whether somebody is in the middle of an entry, with this lock or with the logger's.
    fn is_held(self) -> bool {
        LOGGERS_LOCK.get().into_iter().chain([&self.lock]).any(|lock| lock.try_lock().is_err())
    }

    /// How many entries there are, and the sum of them.
    fn sum(self) -> Result<(usize, u64)> {
        let mut bytes = Vec::new();
        let mut file = self.hold();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        let (entries, _) = bytes.as_chunks::<{ size_of::<u64>() }>();
        let sum = entries.iter().fold(0, |sum: u64, entry| sum.wrapping_add(u64::from_le_bytes(*entry)));
        Ok((entries.len(), sum))
    }
}

/// A thread in the middle of its entry. It holds the lock, and finishes when it is told to.
pub(crate) struct Logger {
    log: Log,
    tell: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Logger {
    /// Starts the thread, and returns when it holds the lock.
    pub(crate) fn in_mid_entry(bench: &Bench, log: Log) -> Result<Logger> {
        let (entry, _) = entries(bench);
        let (begin, begun) = mpsc::channel();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut file = log.hold();
            LOGGERS_LOCK.get_or_init(|| log.lock);
            begin.send(()).map_err(io::Error::other)?;
            told.recv().map_err(io::Error::other)?;
            thread::sleep(REST);
            file.write_all(&entry.to_le_bytes())
        });
        begun.recv()?;
        Ok(Logger { log, tell, thread })
    }

    /// Lets the thread finish its entry, and does not wait for it.
    pub(crate) fn go_on(&self) -> Result {
        Ok(self.tell.send(())?)
    }

    /// Waits until the thread has finished its entry, and states whether the lock is free then.
    pub(crate) fn finish(self, bench: &Bench) -> Result {
        // A logger that was told before, and has ended, hears nothing any more.
        let _ = self.tell.send(());
        self.thread.join().map_err(|_| "the logger panicked")??;
        bench.fact("lock_free_in_parent", u64::from(!self.log.is_held()));
        Ok(())
    }
}

/// The lock that the logger of this process takes, if there has been one.
static LOGGERS_LOCK: OnceLock<&Mutex<File>> = OnceLock::new();

/// The children, and the pipe by which they are called.
pub(crate) struct Crew {
    gate: PipeWriter,
    children: Vec<Child>,
    /// At how many of the starts the lock was held.
    held: usize,
    /// How many were forked next to a logger, at a moment when it happened not to write.
    by_luck: usize,
    /// How many were forked next to a logger by a process that held the lock for that moment.
    under_lock: usize,
}

/// Forks as many children as there are `workers`. If they find the lock held, they wait for it.
pub(crate) fn fork(bench: &Bench, log: Log) -> Result<Crew> {
    fork_with(bench, log, Patience::Endless)
}

/// Forks children that do not wait. If they find the lock held, they leave the entry to the parent.
pub(crate) fn fork_impatient(bench: &Bench, log: Log) -> Result<Crew> {
    fork_with(bench, log, Patience::None)
}

fn fork_with(bench: &Bench, log: Log, patience: Patience) -> Result<Crew> {
    let (mut by_luck, mut under_lock) = (0, 0);
    let crew = start(bench, log, |gate, entry| {
        let is_beside = LOGGERS_LOCK.get().is_some_and(|lock| ptr::eq(*lock, log.lock));
        by_luck += usize::from(is_beside && !log.is_held() && !sys::locks_around_forks());
        under_lock += usize::from(is_beside && sys::locks_around_forks());
        Ok(sys::fork_to_log(gate.as_fd(), log.lock, entry, patience)?)
    })?;
    Ok(Crew { by_luck, under_lock, ..crew })
}

/// Starts as many fresh processes of this program: they are given the file, and have their own lock.
pub(crate) fn spawn(bench: &Bench, log: Log) -> Result<Crew> {
    start(bench, log, |gate, entry| {
        let mut command = Command::new("/proc/self/exe");
        command.arg0(CHILD).arg(entry.to_string()).stdin(gate.try_clone()?).stdout(log.file.try_clone()?);
        Ok(command.spawn()?.into())
    })
}

/// A process that never has a second thread, and forks the children for the one that has.
pub(crate) struct Server {
    ask: PipeWriter,
    crew: Crew,
}

/// Forks a server.
pub(crate) fn server(bench: &Bench, log: Log) -> Result<Server> {
    let (asked, ask) = io::pipe()?;
    let (waiting, gate) = io::pipe()?;
    let (_, entries) = entries(bench);
    let server = sys::fork(|| {
        (&asked).read_exact(&mut [0])?;
        let child = |entry: &u64| sys::fork(|| write_entry(&waiting, log.lock, *entry));
        let children: Vec<Child> = entries.iter().map(child).collect::<io::Result<_>>()?;
        children.into_iter().try_for_each(Child::wait)
    })?;
    Ok(Server { ask, crew: Crew { gate, children: vec![server], held: 0, by_luck: 0, under_lock: 0 } })
}

impl Server {
    /// Asks for as many children as there are `workers`.
    pub(crate) fn fork(mut self, bench: &Bench, log: Log) -> Result<Crew> {
        self.crew.held = if log.is_held() { bench.size("workers") } else { 0 };
        self.ask.write_all(&[0])?;
        Ok(self.crew)
    }
}

impl Crew {
    /// States how the children were started, calls them, waits until they are done, and states what the log
    /// holds then.
    pub(crate) fn write(mut self, bench: &Bench, log: Log) -> Result {
        bench.fact("lock_held_at_start", self.held as u64);
        bench.fact("forked_by_luck", self.by_luck as u64);
        bench.fact("forked_under_lock", self.under_lock as u64);
        let (_, entries) = entries(bench);
        self.gate.write_all(&vec![0; entries.len()])?;
        let mut left = 0;
        for (child, entry) in self.children.into_iter().zip(entries) {
            match child.wait() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    log.hold().write_all(&entry.to_le_bytes())?;
                    left += 1;
                }
                done => done?,
            }
        }
        let (written, sum) = log.sum()?;
        // One entry is the logger's.
        bench.fact("entries_of_children", (written - left - 1) as u64);
        bench.fact("checksum", sum);
        Ok(())
    }
}

/// The whole life of a fresh child; in every other process it returns at once.
#[expect(clippy::disallowed_methods, reason = "a child in this role has no main to return to")]
pub(crate) fn serve() {
    let mut words = std::env::args();
    if words.next().is_none_or(|name| name != CHILD) {
        return;
    }
    let entry = words.next().and_then(|word| word.parse().ok()).ok_or(io::ErrorKind::InvalidInput.into());
    let done = entry.and_then(write_fresh_entry);
    if let Err(error) = &done {
        eprintln!("a fresh child: {error}");
    }
    std::process::exit(i32::from(done.is_err()))
}

/// Writes an entry with what a fresh process has been given, and with its own lock.
fn write_fresh_entry(entry: u64) -> io::Result<()> {
    // Not through the buffer of the standard input, which would take the bytes of the others as well.
    let gate = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let log = Mutex::new(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    write_entry(&gate, &log, entry)
}

/// Does what [`sys::fork_to_log`] lets its child do, in a process that is whole.
fn write_entry(mut gate: impl Read, log: &Mutex<File>, entry: u64) -> io::Result<()> {
    gate.read_exact(&mut [0])?;
    let mut file = log.lock().map_err(|_| io::Error::other("a thread panicked while it held the lock"))?;
    file.write_all(&entry.to_le_bytes())
}

/// Starts a child for each entry, and counts at how many of these starts the lock was held.
fn start(bench: &Bench, log: Log, mut child: impl FnMut(&PipeReader, u64) -> Result<Child>) -> Result<Crew> {
    let (waiting, gate) = io::pipe()?;
    let (mut children, mut held) = (Vec::new(), 0);
    for entry in entries(bench).1 {
        held += usize::from(log.is_held());
        children.push(child(&waiting, entry)?);
    }
    Ok(Crew { gate, children, held, by_luck: 0, under_lock: 0 })
}

/// What is written to the log: a number for the logger, and one for each of the `workers`.
///
/// They are the checksums of the parts of a random array, so that the log proves who has written to it.
fn entries(bench: &Bench) -> (u64, Vec<u64>) {
    let array = bench.array(bench.size("array_mib"));
    let writers = bench.size("workers") + 1;
    let mut entries = array.exact_chunks(array.len() / writers).into_iter().map(|part| checksum(part));
    (entries.next().expect("the logger is one of the writers"), entries.take(writers - 1).collect())
}
