//! Signals that are read instead of delivered (signalfd(2)), all 64 of them.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use anyhow::{Context, Result};
use labkit::sys;
use nix::errno::Errno;
use nix::libc::{SIGHUP, SIGINT, SIGSTOP, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU};
use procfs::process::Process;

/// Where signals arrive that would else have ended or stopped this process.
#[derive(Debug)]
pub(crate) struct Signals(OwnedFd);

/// A signal that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signal {
    /// Its number (signal(7)).
    pub(crate) number: i32,
}

impl Signal {
    /// Whether it asks a program to end.
    pub(crate) fn asks_to_end(self) -> bool {
        [SIGINT, SIGTERM, SIGHUP].contains(&self.number)
    }

    /// Whether it is Ctrl-C, or the same sent by hand.
    pub(crate) fn is_ctrl_c(self) -> bool {
        self.number == SIGINT
    }

    /// Whether it asks a program to stop for a while.
    pub(crate) fn asks_to_stop(self) -> bool {
        [SIGTSTP, SIGTTIN, SIGTTOU].contains(&self.number)
    }
}

impl Signals {
    /// Has every signal wait to be read that the caller of this program didn't ignore. Call it before the
    /// first thread is started.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub(crate) fn catch() -> Result<Self> {
        sys::block_signals(sys::ALL_SIGNALS);
        let ignored = sys::inherited_signals().ignored;
        Ok(Signals(sys::signal_fd(!ignored).context("signalfd(2)")?))
    }

    /// Has Ctrl-C and its kin wait to be read, and no other signal.
    ///
    /// # Errors
    ///
    /// When the kernel refuses.
    pub(crate) fn catch_the_end() -> Result<Self> {
        let set = [SIGINT, SIGTERM, SIGHUP].map(sys::bit).into_iter().fold(0, |set, bit| set | bit);
        sys::block_signals(set);
        Ok(Signals(sys::signal_fd(set).context("signalfd(2)")?))
    }

    /// Those of a process that has blocked them all.
    pub(super) fn all() -> std::io::Result<Self> {
        sys::signal_fd(sys::ALL_SIGNALS).map(Signals)
    }

    /// The next signal that somebody has sent; `None` when there is none left.
    ///
    /// # Errors
    ///
    /// When the descriptor can't be read.
    pub(crate) fn next(&self) -> Result<Option<Signal>> {
        loop {
            // A `struct signalfd_siginfo`: of its fields, which are 32 bits each, the first is the
            // number, the third says how it was sent, and the fourth by whom.
            let mut info = [0_u8; 128];
            match nix::unistd::read(&self.0, &mut info) {
                Ok(_) => {}
                Err(Errno::EAGAIN) => return Ok(None),
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error).context("the signals"),
            }
            let field = |at: usize| i32::from_ne_bytes(info[4 * at..][..4].try_into().expect("four bytes"));
            let (number, code, sender) = (field(0), field(2), field(3));
            // What this process has brought upon itself, such as SIGPIPE, and the ends of its children
            // aren't news from anybody.
            let is_own = sender == std::process::id().cast_signed() || (1..SI_KERNEL).contains(&code);
            if !is_own {
                return Ok(Some(Signal { number }));
            }
        }
    }
}

/// The code of a signal that the kernel itself has sent, as it does for Ctrl-C. Positive ones below it
/// say what became of a child, a page or a timer (sigaction(2)).
const SI_KERNEL: i32 = 0x80;

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Whether this process has the terminal, and so a shell waits for it to end or to stop.
pub(crate) fn has_the_terminal() -> bool {
    let stat = Process::myself().and_then(|process| process.stat());
    stat.is_ok_and(|stat| stat.tpgid == stat.pgrp)
}

/// Stops this process as its program has stopped, so that the shell sees the job stopped. Returns when it
/// is continued.
pub(crate) fn stop() {
    let _ = sys::send_signal(std::process::id().cast_signed(), SIGSTOP);
}
