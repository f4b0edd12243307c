//! The order of events, for the record, to tell "a worker was killed, and then nothing moved" from the reverse.

use std::collections::BTreeSet;

use crate::model::record::{Event, Line, What};

/// So many events are kept of those that happen often, and of the rest.
const KEPT: usize = 10_000;

/// Counts the kept events of a run.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    often: usize,
    seldom: usize,
    /// How many were too many.
    pub(super) dropped: u64,
    /// The processes that were there at the last look.
    known: BTreeSet<i32>,
}

impl Timeline {
    /// The line of an event; `None` if there were too many before it.
    pub(super) fn line(&mut self, event: Event) -> Option<Line> {
        let kept = if event.what.is_frequent() { &mut self.often } else { &mut self.seldom };
        if *kept == KEPT {
            self.dropped += 1;
            return None;
        }
        *kept += 1;
        Some(Line::Event(event))
    }

    /// The processes that have come and gone since the last look at `t`, if the kernel doesn't report them.
    pub(super) fn look(&mut self, t: u64, pids: impl Iterator<Item = i32>) -> Vec<Event> {
        let now: BTreeSet<i32> = pids.collect();
        let event = |pid: &i32, what| Event { t, pid: Some(*pid), what };
        let came = now.difference(&self.known).map(|pid| event(pid, What::Started { parent: None }));
        let gone = self.known.difference(&now).map(|pid| event(pid, What::Gone));
        let events = came.chain(gone).collect();
        self.known = now;
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_and_goes_is_noticed_once() {
        let mut timeline = Timeline::default();
        let started = |pid| Event { t: 5, pid: Some(pid), what: What::Started { parent: None } };
        assert_eq!(timeline.look(5, [1, 2].into_iter()), [started(1), started(2)]);
        let gone = Event { t: 9, pid: Some(1), what: What::Gone };
        assert_eq!(timeline.look(9, [2].into_iter()), [gone]);
        assert_eq!(timeline.look(9, [2].into_iter()), []);
    }

    #[test]
    fn a_storm_of_processes_does_not_keep_what_is_seldom_out_of_the_record() {
        let mut timeline = Timeline::default();
        let event = |what| Event { t: 0, pid: None, what };
        let kept = (0..2 * KEPT).filter(|_| timeline.line(event(What::Gone)).is_some()).count();
        assert_eq!((kept, timeline.dropped), (KEPT, KEPT as u64));
        assert!(timeline.line(event(What::OomKills { count: 1, group: String::new() })).is_some());
    }
}
