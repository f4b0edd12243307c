//! The three roles of the program that uses a pool: itself, a worker, and the tracker.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

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
        let Some(stream) = words.next().and_then(|number| inherited(&number)) else { std::process::exit(2) };
        name_process(WORKER);
        worker::serve(stream, tasks);
    }
    if role == TRACKER {
        let Some(stream) = words.next().and_then(|number| inherited(&number)) else { std::process::exit(2) };
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

/// Starts this program again, with one end of a new socket.
fn start(role: &str, words: &[&OsStr], mut command: Command) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    let number = labkit::sys::pass_fd(&mut command, theirs.into());
    let child = command.arg0(role).arg(number.to_string()).args(words).stdin(Stdio::null()).spawn()?;
    // `command` held the other end: it is closed here, so that the child's death closes the socket.
    drop(command);
    Ok((child, ours))
}

fn inherited(number: &OsStr) -> Option<UnixStream> {
    labkit::sys::take_fd(number.to_str()?.parse().ok()?).map(UnixStream::from)
}

/// Gives the process a name that `ps` and `pgrep` know; without it, it would be called "exe".
fn name_process(name: &str) {
    // Nothing depends on it, so that a failure is none.
    let _ = std::fs::write("/proc/self/comm", name);
}
