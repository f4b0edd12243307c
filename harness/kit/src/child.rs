//! A child process as its parent sees it, however it was made.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use nix::errno::Errno;
use nix::libc;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

/// A child that nobody has waited for yet.
#[derive(Debug)]
#[must_use = "a child that is not waited for stays in the table of processes"]
pub struct Child(Made);

#[derive(Debug)]
enum Made {
    ByFork(Pid),
    ByExec(std::process::Child),
}

/// The exit code of a child that gave up waiting for a lock: EX_TEMPFAIL of sysexits.h(3head).
pub(crate) const GAVE_UP: i32 = 75;

impl Child {
    pub(crate) fn forked(pid: Pid) -> Self {
        Child(Made::ByFork(pid))
    }

    /// Its number. It's nobody else's until somebody has waited for the child.
    pub fn pid(&self) -> i32 {
        match &self.0 {
            Made::ByFork(pid) => pid.as_raw(),
            Made::ByExec(child) => child.id().cast_signed(),
        }
    }

    /// Waits until the child ends (waitpid(2)).
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::WouldBlock`] when the child gave up waiting for a lock. Another one when it
    /// says that it failed in another way, or was killed.
    pub fn wait(self) -> io::Result<()> {
        let status = match self.0 {
            Made::ByFork(pid) => wait_for(pid)?,
            Made::ByExec(mut child) => child.wait()?,
        };
        match status.code() {
            Some(0) => Ok(()),
            Some(GAVE_UP) => Err(io::ErrorKind::WouldBlock.into()),
            _ => Err(io::Error::other(format!("a child failed: {status}"))),
        }
    }
}

impl From<std::process::Child> for Child {
    fn from(child: std::process::Child) -> Self {
        Child(Made::ByExec(child))
    }
}

fn wait_for(pid: Pid) -> io::Result<ExitStatus> {
    loop {
        match waitpid(pid, None) {
            Ok(WaitStatus::Exited(_, code)) => return Ok(ExitStatus::from_raw(libc::W_EXITCODE(code, 0))),
            Ok(WaitStatus::Signaled(_, signal, _)) => return Ok(ExitStatus::from_raw(signal as i32)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
