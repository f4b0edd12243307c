//! The ways in which each case is recorded.

use std::fmt;

use crate::common;

/// What the recorder does to the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It only watches.
    Watched,
    /// It runs the command in a sandbox.
    Confined,
}

/// Who runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Root,
    /// A user of no rights and no groups, who may not make control groups.
    Ordinary,
}

/// The user and group of an ordinary user: nobody's.
pub(crate) const NOBODY: u32 = 65534;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) mode: Mode,
    pub(crate) user: User,
}

impl Way {
    pub(crate) const ALL: [Way; 4] = [
        Way { mode: Mode::Watched, user: User::Root },
        Way { mode: Mode::Watched, user: User::Ordinary },
        Way { mode: Mode::Confined, user: User::Root },
        Way { mode: Mode::Confined, user: User::Ordinary },
    ];

    /// What starts a program as this user; why that's impossible for who runs these tests.
    pub(crate) fn before(self) -> Result<&'static [&'static str], String> {
        match (self.user, nix::unistd::geteuid().is_root()) {
            (User::Root, true) | (User::Ordinary, false) => Ok(&[]),
            (User::Root, false) => Err("the tests are run by an ordinary user".into()),
            (User::Ordinary, true) => Ok(common::NOBODY),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Watched => "watched",
            Mode::Confined => "confined",
        };
        let user = match self.user {
            User::Root => "root",
            User::Ordinary => "user",
        };
        write!(f, "{mode}::{user}")
    }
}
