//! The first line of `main`: it makes the process a worker or the tracker, if it was started as one.

#![expect(clippy::disallowed_methods, reason = "a process in this role has no main to return to")]

use std::path::PathBuf;
use std::process::exit;

use crate::role::{TRACKER, WORKER, take_stream};
use crate::task::{self, Entry};
use crate::{tracker, worker};

/// Names the tasks of this program. It must be called before anything else in `main`.
///
/// A pool starts the same program again as its workers. In those processes this call doesn't return: it waits for
/// tasks, runs them, and ends the process. In all others it returns immediately.
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
        let Ok(stream) = take_stream(WORKER) else { exit(2) };
        worker::serve(stream, tasks);
    }
    if role == TRACKER {
        let Ok(stream) = take_stream(TRACKER) else { exit(2) };
        tracker::serve(stream, PathBuf::from(words.next().unwrap_or_default()));
    }
    task::name(tasks);
}
