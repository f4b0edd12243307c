//! What can go wrong in a pool.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why a pool couldn't start, or why a task has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `main` doesn't begin with [`serve`](crate::serve), so a worker would run the whole program again.
    #[error("no worker can be started: call labpool::serve(TASKS) in the first line of main")]
    NotServed,

    /// The task isn't in the table that `main` gave to [`serve`](crate::serve).
    #[error("no task is called '{name}': add Entry::of to the table that main gives to labpool::serve")]
    UnknownTask {
        /// The task's name.
        name: &'static str,
    },

    /// A process of the pool couldn't be started.
    #[error("a process of the pool could not be started")]
    Start(#[source] io::Error),

    /// The pool's folder couldn't be made.
    #[error("the pool's folder {} could not be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// An array couldn't be written for the workers. On a full tmpfs the source is ENOSPC, errno 28.
    #[error("an array of {bytes} bytes could not be written to {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// How many bytes it should have held.
        bytes: usize,
        /// What the system said.
        source: io::Error,
    },

    /// A worker died. The pool is of no use afterwards.
    #[error("the worker with pid {pid} died ({status}); SIGKILL is most often the kernel's OOM killer")]
    TerminatedWorker {
        /// The worker's process id.
        pid: u32,
        /// Its exit code or signal.
        status: ExitStatus,
    },

    /// The task panicked. The worker lives on.
    #[error("the task '{task}' panicked: {message}")]
    Panicked {
        /// The task's name.
        task: &'static str,
        /// What it said.
        message: String,
    },

    /// Arguments or a result couldn't be put into a message, or taken out of one.
    #[error("the task '{task}' could not be translated: {reason}")]
    Translation {
        /// The task's name.
        task: &'static str,
        /// What serde or the system said.
        reason: String,
    },

    /// The pool couldn't wait for its workers (poll(2)).
    #[error("the pool could not wait for its workers")]
    Wait(#[source] io::Error),
}
