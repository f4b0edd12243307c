//! The sources of a run, each with its pace and the samples that wait to be written.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Rates;
use super::headroom::Moment;
use super::members::{Details, Members};
use super::movement::Movement;
use super::pace::Pace;
use super::pace::micros;
use super::samples::Samples;
use super::source::{Budget, Conclusion, Every, Latest, Row, Source, Target, View};
use super::sources;
use super::tracks::Tracks;
use crate::model::record::{Block, Event, Header, Line};

/// The sources of a run, and the curves of its processes.
pub(super) struct Readings {
    start: Instant,
    slots: Vec<Slot>,
    latest: Latest,
    pub(super) movement: Movement,
    events: Vec<Event>,
    tracks: Tracks,
}

struct Slot {
    source: Box<dyn Source>,
    name: &'static str,
    every: Every,
    budget: Budget,
    pace: Pace,
    samples: Samples,
    /// The last sample, whose room the next one takes.
    row: Row,
}

impl Readings {
    /// Opens all sources that there are for a run which began at `start`.
    pub(super) fn open(target: &Target<'_>, rates: Rates, start: Instant) -> Result<Self> {
        // What falls due between two sampling times is read at the nearer one.
        let nearly = |least: Duration| least.saturating_sub(rates.interval / 2);
        let slot = |opened: sources::Opened| {
            let sources::Opened { name, schedule, source } = opened;
            let least = match schedule.every {
                Every::Interval => rates.interval,
                Every::Slow => rates.slow,
                Every::Second => rates.slow.max(Duration::from_secs(1)),
            };
            let samples = Samples::new(name, source.columns());
            let (every, budget) = (schedule.every, schedule.budget);
            Slot {
                source,
                name,
                every,
                budget,
                pace: Pace::new(start, nearly(least), budget),
                samples,
                row: Row::default(),
            }
        };
        let slots = sources::open(target)?.into_iter().map(slot).collect();
        Ok(Readings {
            start,
            slots,
            latest: Latest::default(),
            movement: Movement::default(),
            events: Vec::new(),
            tracks: Tracks::new(start),
        })
    }

    /// Adds to the header where every metric is read.
    pub(super) fn describe(&self, header: &mut Header) {
        for column in self.slots.iter().flat_map(|slot| slot.samples.columns()) {
            let name = || column.metric.name.to_owned();
            header.metrics.insert(name(), column.from.clone());
            header.peaks.extend(column.peaks_from.clone().map(|from| (name(), from)));
        }
        self.slots.iter().for_each(|slot| slot.source.describe(header));
    }

    /// The last value of every metric.
    pub(super) fn latest(&self) -> &Latest {
        &self.latest
    }

    /// Samples the sources that are due, if the time between two samples is stretched so many times. Returns whether
    /// the processes were read one by one.
    pub(super) fn sample_due(&mut self, now: Instant, stretch: u32, members: &mut Members) -> bool {
        // A source that's read at every sampling time needs no other clock, and once a second costs nothing.
        let is_due = |slot: &Slot| slot.pace.due(now, if slot.every == Every::Slow { stretch } else { 1 });
        let were_read = self.sample(members, Moment::Running, is_due);
        // A program that is over in a moment is looked at by every source.
        if self.tracks.is_waiting() && members.each_now().next().is_some() {
            return self.sample(members, Moment::Running, |_| true);
        }
        were_read
    }

    /// Samples the sources that are read at every interval.
    pub(super) fn sample_frequent(&mut self, members: &mut Members) {
        self.sample(members, Moment::Running, |slot| slot.every == Every::Interval);
    }

    /// Samples again at the end: the sources that are read at every interval, and those that look at no process.
    pub(super) fn sample_last(&mut self, members: &mut Members) {
        self.sample(members, Moment::Running, |slot| {
            slot.every == Every::Interval || slot.budget == Budget::Free
        });
        self.tracks.end_gone(members, &Details::new());
    }

    /// Samples all sources, while the program waits at a mark.
    pub(super) fn sample_all(&mut self, members: &mut Members) {
        self.sample(members, Moment::AtMark, |_| true);
    }

    fn sample(&mut self, members: &mut Members, moment: Moment, chosen: impl Fn(&Slot) -> bool) -> bool {
        let (start, latest) = (self.start, &mut self.latest);
        for slot in self.slots.iter_mut().filter(|slot| chosen(slot)) {
            let Slot { source, pace, row, samples, every, .. } = slot;
            row.clear();
            pace.sample(|| source.sample(&mut View { members, latest, moment }, row));
            let t = micros(start.elapsed());
            samples.push(t, row);
            self.events.extend(row.take_events().map(|what| Event { t, pid: None, what }));
            if *every == Every::Interval && !source.is_everybodys() {
                self.movement.note(row);
            }
            latest.take(row);
        }
        self.tracks.sample(members)
    }

    /// The samples since the last time, a block for each source and for each process that is followed.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Block> {
        let of_processes = self.tracks.take();
        self.slots.iter_mut().filter_map(|slot| slot.samples.take()).chain(of_processes)
    }

    /// Which processes are followed now, and which aren't any more, since the last time.
    pub(super) fn take_processes(&mut self) -> impl Iterator<Item = Line> {
        self.tracks.lines()
    }

    /// What the sources have found to have happened since the last time.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// How often each source was sampled.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        self.slots.iter().map(|slot| (slot.name.to_owned(), slot.pace.samples)).collect()
    }

    /// What the expensive sources took together, by the clock.
    pub(super) fn expensive(&self) -> Duration {
        let expensive = self.slots.iter().filter(|slot| slot.budget == Budget::Expensive);
        expensive.map(|slot| slot.pace.took).sum()
    }

    /// What the sources know at the end.
    pub(super) fn conclude(&mut self) -> Conclusion {
        let mut conclusion = Conclusion::default();
        self.slots.iter_mut().for_each(|slot| slot.source.conclude(&mut conclusion));
        conclusion
    }
}
