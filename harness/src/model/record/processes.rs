//! Facts about single processes: how each ended, how many there were, what limited them.

use serde::{Deserialize, Serialize};

/// A process of the run that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When its last thread ended, in microseconds.
    pub t: u64,
    /// When it was forked, in microseconds; `None` for one that was there when counting began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) began: Option<u64>,
    /// Its number, as `lab` sees it.
    pub pid: i32,
    /// The number of the process that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<i32>,
    /// The name of its program; empty if the kernel didn't report it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// How it ended; `None` if that was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The peak of its resident memory since its last exec(2), in bytes, as taskstats reports it; `None` if the
    /// kernel didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rss: Option<u64>,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// By itself, with this code.
    Exited(i32),
    /// By the signal of this number.
    Killed(i32),
}

/// The processes of a run as the kernel has reported each of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Processes {
    /// How many there were; `None` if the kernel didn't report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Why totals or peaks are missing; `None` if it has both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lack: Option<String>,
}

/// How many processes there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Processes of the run that were forked while it was recorded.
    pub forks: u64,
    /// Processes of the run that have ended, up to its first one.
    pub exits: u64,
    /// The most that lived at the same time, however shortly; 0 in older records.
    #[serde(default)]
    pub at_once: u64,
    /// How often the kernel had more to report than there was room for. Where this isn't 0, neither
    /// count is exact.
    pub overruns: u64,
    /// Statistics of threads that couldn't be read.
    pub unread: u64,
}

/// A limit of setrlimit(2), and the process that came nearest to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rlimit {
    /// Its name, such as `RLIMIT_AS`.
    pub name: String,
    /// The soft limit, in the unit of setrlimit(2).
    pub limit: u64,
    /// The most that the process was seen to use of it; `None` if it isn't the run alone that uses it, as with
    /// the number of the user's processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// The process.
    pub pid: i32,
}
