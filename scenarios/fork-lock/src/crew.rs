//! The children of all variants, forked or started afresh. Each waits to be called, and then writes one
//! entry to the log.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Mutex;

use labkit::{Bench, Forked, Result, sys};

use crate::logger::{self, Log};

/// What a fresh child is called, so that it knows what it is.
const CHILD: &str = "fork-lock-child";

/// The children, and the pipe by which they are called.
pub(crate) struct Crew {
    gate: PipeWriter,
    children: Vec<Child>,
}

enum Child {
    Forked(Forked),
    Fresh(std::process::Child),
}

/// Forks as many children as there are `workers`.
pub(crate) fn fork(bench: &Bench, log: Log) -> Result<Crew> {
    start(bench, log, |gate, entry| Ok(Child::Forked(sys::fork_to_log(gate.as_fd(), log.lock, entry)?)))
}

/// Starts as many fresh processes of this program: they are given the file, and have a lock of their own.
pub(crate) fn spawn(bench: &Bench, log: Log) -> Result<Crew> {
    start(bench, log, |gate, entry| {
        let mut command = Command::new("/proc/self/exe");
        command.arg0(CHILD).arg(entry.to_string()).stdin(gate.try_clone()?).stdout(log.file.try_clone()?);
        Ok(Child::Fresh(command.spawn()?))
    })
}

/// A process that never has a second thread, and forks the children for the one that has.
pub(crate) struct Server {
    ask: PipeWriter,
    gate: PipeWriter,
    process: Forked,
}

/// Forks a server.
pub(crate) fn server(bench: &Bench, log: Log) -> Result<Server> {
    let (asked, ask) = io::pipe()?;
    let (waiting, gate) = io::pipe()?;
    let (_, entries) = logger::entries(bench);
    let process = sys::fork(|| {
        (&asked).read_exact(&mut [0])?;
        let child = |entry: &u64| sys::fork(|| write_entry(&waiting, log.lock, *entry));
        let children: Vec<Forked> = entries.iter().map(child).collect::<io::Result<_>>()?;
        children.into_iter().try_for_each(Forked::wait)
    })?;
    Ok(Server { ask, gate, process })
}

impl Server {
    /// Asks for as many children as there are `workers`.
    pub(crate) fn fork(mut self, bench: &Bench, log: Log) -> Result<Crew> {
        let held = if log.lock.try_lock().is_err() { bench.size("workers") } else { 0 };
        bench.fact("lock_held_at_start", held as u64);
        self.ask.write_all(&[0])?;
        Ok(Crew { gate: self.gate, children: vec![Child::Forked(self.process)] })
    }
}

impl Crew {
    /// Calls the children, waits until they are done, and states what the log holds then.
    pub(crate) fn write(self, bench: &Bench, log: Log) -> Result {
        (&self.gate).write_all(&vec![0; bench.size("workers")])?;
        for child in self.children {
            child.wait()?;
        }
        logger::state(bench, log)
    }
}

/// The whole life of a fresh child; in every other process it returns at once.
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

/// Writes an entry with what a fresh process has been given, and with a lock of its own.
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

/// Starts a child for each entry, and states at how many of these starts the lock was held.
fn start(bench: &Bench, log: Log, child: impl Fn(&PipeReader, u64) -> Result<Child>) -> Result<Crew> {
    let (waiting, gate) = io::pipe()?;
    let (mut children, mut held) = (Vec::new(), 0);
    for entry in logger::entries(bench).1 {
        held += u64::from(log.lock.try_lock().is_err());
        children.push(child(&waiting, entry)?);
    }
    bench.fact("lock_held_at_start", held);
    Ok(Crew { gate, children })
}

impl Child {
    fn wait(self) -> Result {
        match self {
            Child::Forked(child) => child.wait()?,
            Child::Fresh(mut child) => {
                let status = child.wait()?;
                if !status.success() {
                    return Err(format!("a fresh child failed: {status}").into());
                }
            }
        }
        Ok(())
    }
}
