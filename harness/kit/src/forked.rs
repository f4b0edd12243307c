//! A child that was forked by [`sys`](crate::sys), as its parent sees it.

use std::io;

use nix::errno::Errno;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

/// A forked child that nobody has waited for yet.
#[derive(Debug)]
#[must_use = "a child that is not waited for stays in the table of processes"]
pub struct Forked {
    pid: Pid,
}

impl Forked {
    pub(crate) fn new(pid: Pid) -> Self {
        Forked { pid }
    }

    /// Waits until the child ends (waitpid(2)).
    ///
    /// # Errors
    ///
    /// When the child says that it failed, or was killed.
    pub fn wait(self) -> io::Result<()> {
        loop {
            match waitpid(self.pid, None) {
                Ok(WaitStatus::Exited(_, 0)) => return Ok(()),
                Ok(status) => return Err(io::Error::other(format!("a forked child failed: {status:?}"))),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
