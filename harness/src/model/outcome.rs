//! How a run ended, as a type, and the evidence for it.

use std::fmt;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use crate::name::program;

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The program ended by itself with this exit code.
    Exited(i32),
    /// The program reported an error before it ended; `errno` is 0 where there was none.
    Failed {
        /// The number of errno(3).
        errno: i32,
        /// What the program was doing, in its own words.
        at: String,
    },
    /// A signal ended the program.
    Killed {
        /// The number of signal(7).
        signal: i32,
        /// Who sent it.
        by: Killer,
    },
    /// The program touched a page that the kernel couldn't give: SIGBUS.
    BusError,
    /// The program didn't end within its deadline, or nothing of it moved any more.
    TimedOut,
    /// The program couldn't be started, and why.
    CouldNotStart(String),
    /// The user stopped the run.
    Interrupted,
    /// A process that had been running before has ended; only its parent learns how.
    Gone,
    /// The record has no end: the recorder itself was killed.
    #[default]
    Unfinished,
}

/// The killer of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Killer {
    /// The kernel's out-of-memory killer, by the counter of the run's own control group.
    Oom,
    /// The harness's watchdog, because the run was about to exceed its budget or hurt the host.
    #[serde(alias = "guard")]
    Watchdog,
    /// Somebody else.
    Other,
}

/// One thing that was looked at to find out how the run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The thing that was checked, such as `memory.events oom_kill`.
    pub source: String,
    /// The finding.
    pub finding: Finding,
}

/// What a source of evidence said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It happened; with the detail.
    Fired(String),
    /// It was looked at, and didn't happen.
    DidNotFire,
    /// It couldn't be looked at, and why. This isn't proof of anything.
    CouldNotLook(String),
}

/// What the kernel's count of OOM kills said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OomKills {
    /// The counter of the run's own control group, and what it counted.
    Counted {
        /// The file and field of the counter.
        source: String,
        /// How many processes were killed.
        count: u64,
    },
    /// The counter of a group in which there may be other processes as well, and what it counted.
    CountedForOthersToo {
        /// The file and field of the counter, and the group.
        source: String,
        /// How many processes were killed.
        count: u64,
    },
    /// Nobody counted, and why.
    Unknown(String),
}

impl OomKills {
    /// As evidence.
    pub(crate) fn evidence(&self) -> Evidence {
        match self {
            OomKills::Unknown(why) => Evidence::could_not_look("the kernel's OOM killer", why.clone()),
            OomKills::Counted { source, count: 0 } | OomKills::CountedForOthersToo { source, count: 0 } => {
                Evidence::did_not_fire(source)
            }
            OomKills::CountedForOthersToo { source, count } => {
                Evidence::fired(source, format!("{count}, of this run or of others in the group"))
            }
            OomKills::Counted { source, count } => Evidence::fired(source, count.to_string()),
        }
    }

    /// Who sent a signal that ended the program.
    pub(crate) fn killer(&self, signal: i32) -> Killer {
        match self {
            // The OOM killer has no other signal.
            OomKills::Counted { count: 1.., .. } | OomKills::CountedForOthersToo { count: 1.., .. }
                if signal == Signal::SIGKILL as i32 =>
            {
                Killer::Oom
            }
            _ => Killer::Other,
        }
    }
}

impl Evidence {
    /// Something that happened.
    pub(crate) fn fired(source: &str, detail: String) -> Self {
        Evidence { source: source.to_owned(), finding: Finding::Fired(detail) }
    }

    /// Something that didn't happen.
    pub(crate) fn did_not_fire(source: &str) -> Self {
        Evidence { source: source.to_owned(), finding: Finding::DidNotFire }
    }

    /// Something that nobody could see, and why.
    pub(crate) fn could_not_look(source: &str, why: String) -> Self {
        Evidence { source: source.to_owned(), finding: Finding::CouldNotLook(why) }
    }
}

/// The source of evidence that is lab's own.
pub(crate) const WATCHDOG: &str = "lab's watchdog";

impl Outcome {
    /// The end of a run whose watchdog has struck.
    pub(crate) const BY_WATCHDOG: Outcome =
        Outcome::Killed { signal: Signal::SIGKILL as i32, by: Killer::Watchdog };

    /// Whether the program ran to its end and said that all is well.
    pub fn is_success(&self) -> bool {
        *self == Outcome::Exited(0)
    }
}

impl Outcome {
    /// How it ended, without the reason of a run that was never started.
    pub(crate) fn in_short(&self) -> String {
        match self {
            Outcome::CouldNotStart(_) => "not started".to_owned(),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Exited(code) => write!(f, "exited with {code}"),
            Outcome::Failed { errno: 0, at } => write!(f, "failed: {at}"),
            Outcome::Failed { errno, .. } => write!(f, "{}", errno_name(*errno)),
            Outcome::Killed { signal, by: Killer::Oom } => write!(f, "OOM killer ({})", signal_name(*signal)),
            Outcome::Killed { signal, by: Killer::Watchdog } => {
                write!(f, "{}'s watchdog ({})", program(), signal_name(*signal))
            }
            Outcome::Killed { signal, by: Killer::Other } => write!(f, "{}", signal_name(*signal)),
            Outcome::BusError => write!(f, "SIGBUS"),
            Outcome::TimedOut => write!(f, "timed out"),
            Outcome::CouldNotStart(why) => write!(f, "not started: {why}"),
            Outcome::Interrupted => write!(f, "interrupted"),
            Outcome::Gone => write!(f, "it's gone; only its parent knows how it ended"),
            Outcome::Unfinished => write!(f, "cut short"),
        }
    }
}

fn errno_name(errno: i32) -> String {
    let errno = nix::errno::Errno::from_raw(errno);
    format!("{errno:?}: {}", errno.desc())
}

/// The name of a signal, as signal(7) has it; of a real-time one, its number.
pub fn signal_name(signal: i32) -> String {
    match Signal::try_from(signal) {
        Ok(signal) => signal.as_str().to_owned(),
        Err(_) => format!("signal {signal}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(count: u64) -> OomKills {
        OomKills::Counted { source: "memory.events oom_kill".into(), count }
    }

    #[test]
    fn what_nobody_counted_is_no_proof_that_nothing_happened() {
        let finding = OomKills::Unknown("refused".into()).evidence().finding;
        assert_eq!(finding, Finding::CouldNotLook("refused".into()));
        assert_eq!(counted(0).evidence().finding, Finding::DidNotFire);
        assert_eq!(counted(2).evidence().finding, Finding::Fired("2".into()));
    }
}
