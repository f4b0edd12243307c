//! The three roles of the program that uses a pool: itself, a worker, and the tracker.

#![expect(clippy::disallowed_methods, reason = "a process in this role has no main to return to")]

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use nix::unistd::dup2_stdin;

use crate::task::Entry;
use crate::{tracker, worker};

const WORKER: &str = "labpool-worker";
const TRACKER: &str = "labpool-tracker";

/// The tasks that `main` has named.
static TASKS: OnceLock<&[Entry]> = OnceLock::new();

/// Names the tasks of this program. It must be called before anything else in `main`.
///
/// A pool starts the same program again as its workers. In those processes this call does not
/// return: it waits for tasks, runs them, and ends the process. In all others it returns at once.
///
/// ```
/// use labpool::Entry;
/// # struct Sum;
/// # impl labpool::Task for Sum {
/// #     const NAME: &'static str = "sum";
/// #     type Args = labpool::Array;
/// #     type Output = f64;
/// #     fn run(numbers: labpool::Array) -> f64 { numbers.view().sum() }
/// # }
/// const TASKS: &[Entry] = &[Entry::of::<Sum>()];
///
/// fn main() {
///     labpool::serve(TASKS);
///     // ... the program
/// }
/// ```
pub fn serve(tasks: &'static [Entry]) {
    let mut words = std::env::args_os();
    let role = words.next().unwrap_or_default();
    if role == WORKER {
        let Ok(stream) = inherited() else { std::process::exit(2) };
        name_process(WORKER);
        worker::serve(stream, tasks);
    }
    if role == TRACKER {
        let Ok(stream) = inherited() else { std::process::exit(2) };
        name_process(TRACKER);
        tracker::serve(stream, PathBuf::from(words.next().unwrap_or_default()));
    }
    TASKS.get_or_init(|| tasks);
}

/// The tasks that `main` has named; `None` if it has not.
pub(crate) fn tasks() -> Option<&'static [Entry]> {
    TASKS.get().copied()
}

pub(crate) fn start_worker() -> io::Result<(Child, UnixStream)> {
    start(WORKER, &[], Command::new("/proc/self/exe"))
}

pub(crate) fn start_tracker(folder: &OsStr) -> io::Result<(Child, UnixStream)> {
    let mut command = Command::new("/proc/self/exe");
    // In a group of its own, it outlives a signal to the group of the program, as from Ctrl-C.
    command.process_group(0).stdout(Stdio::null());
    start(TRACKER, &[folder], command)
}

/// Starts this program again, with one end of a new socket as its standard input.
///
/// Any other descriptor would have to be opened to the child between fork and exec, and then std has
/// to fork: that copies the page table, and takes the longer the more memory the program has. As it is,
/// std calls posix_spawn(3), which does not.
fn start(role: &str, words: &[&OsStr], mut command: Command) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = command.arg0(role).args(words).stdin(OwnedFd::from(theirs)).spawn()?;
    // `command` held the other end: it is closed here, so that the child's death closes the socket.
    drop(command);
    Ok((child, ours))
}

/// The socket that came as the standard input. Tasks find nothing there: the stream is not theirs.
fn inherited() -> io::Result<UnixStream> {
    let stream = io::stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(File::open("/dev/null")?)?;
    Ok(UnixStream::from(stream))
}

/// Gives the process a name that `ps` and `pgrep` know; without it, it would be called "exe".
fn name_process(name: &str) {
    // Nothing depends on it, so that a failure is none.
    let _ = std::fs::write("/proc/self/comm", name);
}
