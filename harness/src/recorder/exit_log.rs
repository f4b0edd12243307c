//! The processes of a run, one by one, if the kernel reports them.

use std::time::Instant;

use super::exits::{Begun, Exit, Exits, Root};
use super::pace::micros;
use crate::model::record::{Ended, Event, Line, Processes, Status};

/// So many processes that have ended are kept; the rest are counted.
const KEPT: usize = 10_000;

/// Keeps what the kernel reports of the processes of a run.
pub(super) struct ExitLog {
    exits: Result<Exits, String>,
    kept: usize,
    /// A process whose end is asked for, and how it ended.
    first: Option<i32>,
    end: Option<Status>,
}

impl ExitLog {
    /// Begins to listen. What happens before isn't counted, so this comes before the run.
    pub(super) fn open() -> Self {
        ExitLog { exits: Exits::open(), kept: 0, first: None, end: None }
    }

    /// Says where the processes begin that are counted.
    pub(super) fn begin(&mut self, root: Root) {
        if let Root::At(pid) = root {
            self.first = Some(pid);
        }
        if let Ok(exits) = &mut self.exits {
            exits.begin(root);
        }
    }

    /// The processes that have ended since the last time, for the record of a run that began at `start`.
    ///
    /// The source that samples their high-water marks may have reset them; it hands in its values with `seen`.
    pub(super) fn take(&mut self, start: Instant, seen: impl Fn(i32) -> Option<u64>) -> Vec<Line> {
        let exits = self.exits.as_mut().map(Exits::take).unwrap_or_default();
        let first = exits.iter().find(|exit| Some(exit.pid) == self.first);
        self.end = self.end.or(first.and_then(|exit| exit.status));
        let kept = exits.len().min(KEPT - self.kept);
        self.kept += kept;
        let whole = |exit: Exit| Exit {
            peak_rss: exit.peak_rss.map(|peak| peak.max(seen(exit.pid).unwrap_or(0))),
            ..exit
        };
        exits.into_iter().take(kept).map(|exit| Line::Ended(ended(whole(exit), start))).collect()
    }

    /// Which processes have started and executed a program, as was seen when the ends were [taken](ExitLog::take).
    pub(super) fn begun(&mut self, start: Instant) -> Vec<Event> {
        let begun = self.exits.as_mut().map(Exits::begun).unwrap_or_default();
        begun
            .into_iter()
            .map(|Begun { at, pid, what }| Event { t: t(at, start), pid: Some(pid), what })
            .collect()
    }

    /// Whether the kernel reports the processes.
    pub(super) fn is_open(&self) -> bool {
        self.exits.is_ok()
    }

    /// How the process ended that the count [began](ExitLog::begin) at, if the kernel has reported it.
    pub(super) fn end_of_first(&self) -> Option<Status> {
        self.end
    }

    /// How many there were, and what couldn't be had.
    pub(super) fn totals(&self) -> Processes {
        match &self.exits {
            Err(why) => Processes { totals: None, lack: Some(why.clone()) },
            Ok(exits) => {
                Processes { totals: Some(exits.totals()), lack: exits.no_peaks().map(str::to_owned) }
            }
        }
    }
}

fn ended(exit: Exit, start: Instant) -> Ended {
    let Exit { pid, parent, name, status, peak_rss, started, ended } = exit;
    let began = started.map(|started| t(started, start));
    Ended { t: t(ended, start), began, pid, parent, name, status, peak_rss }
}

/// The time of a moment in a run that began at `start`.
fn t(at: Instant, start: Instant) -> u64 {
    micros(at.saturating_duration_since(start))
}
