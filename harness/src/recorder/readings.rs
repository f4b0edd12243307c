//! The sources of a run, each with its pace and the samples that wait to be written.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::Rates;
use super::members::Members;
use super::movement::Movement;
use super::pace::Pace;
use super::samples::Samples;
use super::source::{Budget, Conclusion, Every, Latest, Row, Source, Target, View};
use super::sources;
use crate::model::record::{Block, Event, Header};

/// The sources of a run.
pub(super) struct Readings {
    start: Instant,
    slots: Vec<Slot>,
    latest: Latest,
    pub(super) movement: Movement,
    events: Vec<Event>,
}

struct Slot {
    source: Box<dyn Source>,
    name: &'static str,
    every: Every,
    budget: Budget,
    pace: Pace,
    samples: Samples,
}

impl Readings {
    /// Opens all sources that there are for a run which began at `start`.
    pub(super) fn open(target: &Target<'_>, rates: Rates, start: Instant) -> Result<Self> {
        let slot = |opened: sources::Opened| {
            let sources::Opened { name, schedule, source } = opened;
            let least = match schedule.every {
                Every::Interval => rates.interval,
                Every::Slow => rates.slow,
                Every::Second => rates.slow.max(Duration::from_secs(1)),
            };
            // What falls due between two sampling times is read at the nearer one.
            let least = least.saturating_sub(rates.interval / 2);
            let samples = Samples::new(name, source.columns());
            let (every, budget) = (schedule.every, schedule.budget);
            Slot { source, name, every, budget, pace: Pace::new(start, least, budget), samples }
        };
        let slots = sources::open(target)?.into_iter().map(slot).collect();
        let (latest, movement, events) = (Latest::default(), Movement::default(), Vec::new());
        Ok(Readings { start, slots, latest, movement, events })
    }

    /// Adds to the header where every metric is read.
    pub(super) fn describe(&self, header: &mut Header) {
        for column in self.slots.iter().flat_map(|slot| slot.samples.columns()) {
            let name = || column.metric.name.to_owned();
            header.metrics.insert(name(), column.from.clone());
            header.peaks.extend(column.peaks_from.clone().map(|from| (name(), from)));
        }
    }

    /// The last value of every metric.
    pub(super) fn latest(&self) -> &Latest {
        &self.latest
    }

    /// Samples the sources that are due, where the time between two samples is stretched so many times.
    pub(super) fn sample_due(&mut self, now: Instant, stretch: u32, members: &mut Members) {
        // Who is read at every sampling time needs no other clock.
        let is_due =
            |slot: &Slot| slot.pace.due(now, if slot.every == Every::Interval { 1 } else { stretch });
        self.sample(members, is_due);
    }

    /// Samples the sources that are read at every interval.
    pub(super) fn sample_frequent(&mut self, members: &mut Members) {
        self.sample(members, |slot| slot.every == Every::Interval);
    }

    /// Samples all sources.
    pub(super) fn sample_all(&mut self, members: &mut Members) {
        self.sample(members, |_| true);
    }

    fn sample(&mut self, members: &mut Members, chosen: impl Fn(&Slot) -> bool) {
        let (start, latest) = (self.start, &mut self.latest);
        for slot in self.slots.iter_mut().filter(|slot| chosen(slot)) {
            let mut row = Row::default();
            let (source, pace) = (&mut slot.source, &mut slot.pace);
            pace.sample(|| source.sample(&mut View { members, latest }, &mut row));
            let t = micros(start.elapsed());
            slot.samples.push(t, &row);
            self.events.extend(row.take_events().map(|what| Event { t, pid: None, what }));
            if slot.every == Every::Interval && !slot.source.is_everybodys() {
                self.movement.note(&row);
            }
            latest.take(&row);
        }
    }

    /// The samples since the last time, a block for each source.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Block> {
        self.slots.iter_mut().filter_map(|slot| slot.samples.take())
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

/// A duration in whole microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
