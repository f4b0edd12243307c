//! How the run ended, as far as it's about memory.

use nix::errno::Errno;

use super::View;
use crate::diagnosis::rule::Measured;
use crate::model::outcome::{Evidence, Finding, Killer, Outcome};
use crate::model::record::What;

impl View<'_> {
    /// Whether the OOM killer, or the watchdog in its place, has ended a process of the run.
    pub(in crate::diagnosis) fn oom_kill(&self) -> Measured {
        let record = self.record;
        let event = record
            .events
            .iter()
            .find(|event| matches!(&event.what, What::OomKills { count: 1.., group } if group.is_empty()));
        if let Some(event) = event {
            return Measured::Known(1, Some(event.t));
        }
        let Some(trailer) = &record.trailer else { return Measured::not_recorded("end") };
        let by_memory = matches!(trailer.outcome, Outcome::Killed { by: Killer::Oom | Killer::Watchdog, .. });
        let looked: Vec<&Evidence> = trailer
            .evidence
            .iter()
            .filter(|seen| seen.source.contains("oom_kill") || is_about_oom(seen))
            .collect();
        let fired = looked.iter().any(|seen| matches!(seen.finding, Finding::Fired(_)));
        let unseen = looked.iter().any(|seen| matches!(seen.finding, Finding::CouldNotLook(_)));
        let was_killed = matches!(trailer.outcome, Outcome::Killed { signal: SIGKILL, .. });
        match trailer.outcome {
            _ if by_memory => Measured::Known(1, Some(trailer.duration)),
            _ if fired => Measured::known(1),
            Outcome::Unfinished | Outcome::Gone | Outcome::Interrupted => Measured::not_recorded("end"),
            _ if unseen && (was_killed || self.children_killed().value() != Some(0)) => {
                Measured::not_recorded("count of OOM kills")
            }
            _ => Measured::known(0),
        }
    }

    /// Whether the run ended with an error, and not by somebody's will.
    pub(in crate::diagnosis) fn failure(&self) -> Measured {
        match self.record.outcome() {
            Outcome::Exited(0) | Outcome::TimedOut | Outcome::CouldNotStart(_) => Measured::known(0),
            Outcome::Unfinished | Outcome::Gone | Outcome::Interrupted => Measured::not_recorded("end"),
            Outcome::Exited(_) | Outcome::Failed { .. } | Outcome::Killed { .. } | Outcome::BusError => {
                Measured::Known(1, Some(self.record.duration()))
            }
        }
    }

    /// Whether it ended as a program does to which no memory is given: with its own words for that, by itself, or
    /// by a signal that it gets for it. The kernel has killed nothing.
    pub(in crate::diagnosis) fn refusal(&self) -> Measured {
        match self.record.outcome() {
            Outcome::Failed { errno, .. } => Measured::truth(errno == Errno::ENOMEM as i32),
            Outcome::Killed { by: Killer::Oom | Killer::Watchdog, .. } => Measured::known(0),
            _ => self.failure(),
        }
    }

    /// Whether the run ended as one does to which a tmpfs gives no page.
    pub(in crate::diagnosis) fn is_refused_by_tmpfs(&self) -> Measured {
        let bus = self.record.ended.iter().find(|ended| ended.is_killed_by(SIGBUS));
        match (self.record.outcome(), bus) {
            (_, Some(ended)) => Measured::Known(1, Some(ended.t)),
            // Not every language has a number for it.
            (Outcome::Failed { errno, .. }, _) => Measured::truth([0, Errno::ENOSPC as i32].contains(&errno)),
            (Outcome::Killed { by: Killer::Oom | Killer::Watchdog, .. }, _) => Measured::known(0),
            _ => self.failure(),
        }
    }

    /// Whether the tmpfs was full and the run ended well all the same: it keeps to its own limit.
    pub(in crate::diagnosis) fn copes_with_full_tmpfs(&self) -> Measured {
        match (self.tmpfs_full(), self.is_refused_by_tmpfs()) {
            (Measured::Known(0, _), _) => Measured::known(0),
            (Measured::Known(..), Measured::Known(refused, _)) => Measured::truth(refused == 0),
            (unknown @ Measured::Unknown(_), _) | (_, unknown) => unknown,
        }
    }

    /// Whether the memory's limit was reached, or something was killed for it.
    pub(in crate::diagnosis) fn harm(&self) -> Measured {
        match (self.oom_kill(), self.nearness()) {
            (Measured::Known(1.., at), _) => Measured::Known(1, at),
            (_, Measured::Known(90.., at)) => Measured::Known(1, at),
            (Measured::Known(..), Measured::Known(..)) => Measured::known(0),
            (unknown @ Measured::Unknown(_), _) | (_, unknown) => unknown,
        }
    }
}

const SIGKILL: i32 = nix::libc::SIGKILL;
const SIGBUS: i32 = nix::libc::SIGBUS;

fn is_about_oom(seen: &Evidence) -> bool {
    seen.source.contains("OOM killer")
}
