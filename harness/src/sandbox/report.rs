//! The reports of supervisor and init to `lab`, and the outcome that follows.

use std::path::PathBuf;

use nix::libc;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::cgroup::Group;
use super::spec::raw;
use crate::model::outcome::{OomKills, Outcome};

/// What the supervisor answers when it has made the sandbox, or not.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// The sandbox stands. If it has a namespace, descriptors of what is in it come with this: of the private
    /// tmpfs, and of the table of its System V segments.
    Ready {
        /// Its folder of shared memory, as the program sees it; `None` if it has none.
        shm: Option<PathBuf>,
        /// Its folder on the disk.
        #[serde(with = "raw")]
        disk: Option<PathBuf>,
        /// Its control group.
        cgroup: Option<Group>,
        /// The folder of the group that bounds its processes, which may be the same.
        pids: Option<PathBuf>,
    },
    /// It couldn't be made, and why.
    Refused(String),
}

/// The exit code of env(1) if the program isn't to blame.
pub(super) const FAILED: i32 = 125;

/// What init reports, a JSON line each.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Report {
    /// The program couldn't be started.
    CouldNotStart {
        /// Why.
        why: String,
        /// The exit code that env(1) and the shell have for that.
        code: i32,
    },
    /// The program runs.
    Started,
    /// The program has stopped, as for Ctrl-Z.
    Stopped,
    /// It goes on.
    Continued,
    /// The highest resident memory of any one of its processes that was waited for, in bytes.
    Largest(u64),
    /// The program exited with this code.
    Exited(i32),
    /// This signal killed the program.
    Killed(i32),
}

impl Report {
    /// That a program couldn't be started: not found, not executable, or no fault of the program's.
    pub(super) fn not_started(program: &str, error: &std::io::Error) -> Self {
        let code = match error.raw_os_error() {
            Some(libc::ENOENT) => 127,
            Some(libc::EAGAIN | libc::ENOMEM | libc::EMFILE | libc::ENFILE) | None => FAILED,
            Some(_) => 126,
        };
        Report::CouldNotStart { why: format!("{program}: {error}"), code }
    }

    /// The exit code that a shell makes of it.
    pub(crate) fn status(&self) -> Option<i32> {
        match self {
            Report::CouldNotStart { code, .. } | Report::Exited(code) => Some(*code),
            Report::Killed(signal) => Some(128 + signal),
            _ => None,
        }
    }
}

/// Weighs what init reported last, what the program said of its failure, and the kernel's counter.
///
/// No report means that init itself was killed.
pub(crate) fn outcome(report: Option<Report>, failure: Option<(i32, String)>, oom: &OomKills) -> Outcome {
    match report {
        Some(Report::CouldNotStart { why, .. }) => Outcome::CouldNotStart(why),
        Some(Report::Exited(code)) => match failure {
            Some((errno, at)) if code != 0 => Outcome::Failed { errno, at },
            _ => Outcome::Exited(code),
        },
        Some(Report::Killed(signal)) if signal == Signal::SIGBUS as i32 => Outcome::BusError,
        Some(Report::Killed(signal)) => Outcome::Killed { signal, by: oom.killer(signal) },
        _ => {
            let signal = Signal::SIGKILL as i32;
            Outcome::Killed { signal, by: oom.killer(signal) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Killer;

    const SIGKILL: i32 = 9;

    fn counted(count: u64) -> OomKills {
        OomKills::Counted { source: "memory.events oom_kill".into(), count }
    }

    #[test]
    fn a_kill_is_the_kernels_only_if_its_counter_says_so() {
        let by = |report, oom: &OomKills| match outcome(report, None, oom) {
            Outcome::Killed { signal: SIGKILL, by } => by,
            other => panic!("{other}"),
        };
        let killed = || Some(Report::Killed(SIGKILL));
        assert_eq!(by(killed(), &counted(1)), Killer::Oom);
        assert_eq!(by(killed(), &counted(0)), Killer::Other);
        assert_eq!(by(killed(), &OomKills::Unknown("no control group".into())), Killer::Other);
        assert_eq!(by(None, &counted(0)), Killer::Other);
    }

    #[test]
    fn a_reported_error_is_an_outcome_only_if_the_program_failed() {
        let failure = || Some((28, "writing".to_owned()));
        let failed = Outcome::Failed { errno: 28, at: "writing".into() };
        assert_eq!(outcome(Some(Report::Exited(1)), failure(), &counted(0)), failed);
        assert_eq!(outcome(Some(Report::Exited(0)), failure(), &counted(0)), Outcome::Exited(0));
        assert_eq!(outcome(Some(Report::Exited(1)), None, &counted(0)), Outcome::Exited(1));
    }

    #[test]
    fn a_bus_error_differs_from_other_signals() {
        let of = |signal| outcome(Some(Report::Killed(signal)), None, &counted(0));
        assert_eq!(of(Signal::SIGBUS as i32), Outcome::BusError);
        assert_eq!(of(11).to_string(), "SIGSEGV");
    }

    #[test]
    fn a_program_that_is_not_there_and_one_that_is_no_program_have_the_codes_of_a_shell() {
        let code = |errno| Report::not_started("x", &std::io::Error::from_raw_os_error(errno)).status();
        assert_eq!(
            [libc::ENOENT, libc::EACCES, libc::ENOEXEC, libc::EAGAIN].map(code),
            [Some(127), Some(126), Some(126), Some(125)]
        );
    }
}
