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

impl Crew {
    /// Calls the children, waits until they are done, and states what the log holds then.
    pub(crate) fn write(self, bench: &Bench, log: Log) -> Result {
        (&self.gate).write_all(&vec![0; self.children.len()])?;
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
    let done = entry.and_then(write_entry);
    if let Err(error) = &done {
        eprintln!("a fresh child: {error}");
    }
    std::process::exit(i32::from(done.is_err()))
}

/// Does what a forked child does, with the lock of this process.
fn write_entry(entry: u64) -> io::Result<()> {
    let log = Mutex::new(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    // Not through the buffer of the standard input, which would take the bytes of the others as well.
    File::from(io::stdin().as_fd().try_clone_to_owned()?).read_exact(&mut [0])?;
    let mut file = log.lock().expect("nobody else has this lock");
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
