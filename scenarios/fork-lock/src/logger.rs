//! The log that everyone writes to, and the thread that is in the middle of an entry.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use labkit::{Bench, Result, checksum};

/// What the rest of an entry takes, as if the log were on a slow disk. Nothing depends on it: it lets
/// people see a fork that waits.
const REST: Duration = Duration::from_millis(20);

/// A log, which lives as long as the program.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    /// The file, and its lock: who writes an entry holds it.
    pub(crate) lock: &'static Mutex<File>,
    /// The same file, for processes that have a lock of their own.
    pub(crate) file: &'static File,
}

/// Opens a log. Its file has no name, so that it is gone with the last process that writes to it.
pub(crate) fn open(bench: &Bench) -> Result<Log> {
    let file = tempfile::tempfile_in(bench.shm())?;
    let lock = Box::leak(Box::new(Mutex::new(file.try_clone()?)));
    Ok(Log { lock, file: Box::leak(Box::new(file)) })
}

/// What is written to the log: a number for the logger, and one for each of the `workers`.
///
/// They are the checksums of the parts of a random array, so that the log proves who has written to it.
pub(crate) fn entries(bench: &Bench) -> (u64, Vec<u64>) {
    let array = bench.array(bench.size("array_mib"));
    let writers = bench.size("workers") + 1;
    let mut entries = array.exact_chunks(array.len() / writers).into_iter().map(|part| checksum(part));
    (entries.next().expect("the logger is one of the writers"), entries.take(writers - 1).collect())
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
            let mut file = hold(log);
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
        bench.fact("lock_free_in_parent", u64::from(self.log.lock.try_lock().is_ok()));
        Ok(())
    }
}

/// Waits until nobody holds the lock.
pub(crate) fn wait_until_free(log: Log) {
    drop(hold(log));
}

/// States what the log holds: how many entries are the children's, and the checksum of all.
pub(crate) fn state(bench: &Bench, log: Log) -> Result {
    let mut bytes = Vec::new();
    let mut file = hold(log);
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    let (entries, _) = bytes.as_chunks::<{ size_of::<u64>() }>();
    bench.fact("entries_of_children", entries.len().saturating_sub(1) as u64);
    bench.fact("checksum", entries.iter().fold(0, |sum, entry| sum.wrapping_add(u64::from_le_bytes(*entry))));
    Ok(())
}

fn hold(log: Log) -> MutexGuard<'static, File> {
    log.lock.lock().expect("no thread panics while it writes an entry")
}
