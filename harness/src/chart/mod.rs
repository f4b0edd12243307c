//! From records to pictures: pure functions, without files, clocks or terminals.
//!
//! A [`Figure`] says what to show, and two modules draw it. [`terminal`] makes lines of text, also many times a second
//! while a run goes on, and [`svg`] a file or a part of a page.
//!
//! Both draw a metric as what it is: a step function, which keeps its last value until the next sample. Both thin it
//! by the lowest and highest value under each column of the picture, so a peak of a single sample shows however many
//! samples there are. Both name a curve by a letter at its end, because colour can't separate curves that overlap.

mod describe;
mod heat;
mod inks;
mod label;
mod outline;
mod scale;
mod stack;
pub mod svg;
pub mod terminal;
mod thin;

use std::collections::BTreeSet;

use crate::model::metric::{Metric, Unit, human};
use crate::model::record::{Mark, Record};
use crate::model::series::Series;
pub(crate) use describe::describe;
pub(crate) use heat::{Heat, HeatRow};
pub use inks::Ink;
pub(crate) use label::{clean, fit};
pub use outline::outline;
use scale::Axis;
pub use scale::{amount, seconds};
pub use stack::{Band, Stack, Who};

/// So many phases are numbered in a picture; nobody could follow more.
const PHASES: usize = 9;

/// What the axis is of where each run has its own time.
pub const OWN_TIME: &str = "share of each run's own time";

/// The picture: one metric of some runs.
#[derive(Debug, Clone)]
pub struct Figure<'a> {
    /// The headline.
    pub title: String,
    /// What the values are of; empty if the headline says it.
    pub axis: String,
    /// What the values count.
    pub unit: Unit,
    /// The runs, in the order of the legend.
    pub curves: Vec<Curve<'a>>,
    /// Values that are worth a separate line.
    pub levels: Vec<Level>,
    /// Whether each run has the whole width for the time that it took, so that a long one doesn't squeeze the others.
    pub in_own_time: bool,
}

/// The metric of one run.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    /// The name of the run, most often of the variant.
    pub label: String,
    /// The samples; none if the metric was unavailable.
    pub series: Series<'a>,
    /// The highest value that is known, which may be one that no sample saw.
    pub peak: Option<u64>,
    /// When the run ended, in microseconds. Until then the last value is kept.
    pub end: u64,
    /// The phases of the run.
    pub marks: &'a [Mark],
}

/// A value that is worth a horizontal line: a limit, or the bound of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// What the line means.
    pub label: String,
    /// Where it is, in the unit of the figure.
    pub value: u64,
}

impl<'a> Figure<'a> {
    /// A figure of one metric of these records, each named by its variant.
    ///
    /// A record without the metric keeps its place in the legend, which calls it not measured.
    pub(crate) fn of(records: &[&'a Record], metric: &str, unit: Unit) -> Self {
        let curves = records.iter().map(|record| Curve::of(record, metric)).collect();
        let (title, axis) = (metric.to_owned(), human(metric).to_owned());
        Figure { title, axis, unit, curves, levels: Vec::new(), in_own_time: false }
    }

    /// A figure of several metrics of one record, each named by itself; all are of the first one's unit.
    /// Metrics that the record doesn't have are left out.
    pub(crate) fn of_metrics(record: &'a Record, metrics: &[&'static Metric]) -> Self {
        let unit = metrics.first().map_or(Unit::Count, |metric| metric.unit);
        let there = metrics.iter().filter(|metric| record.series(metric.name).is_some());
        let curves =
            there.map(|metric| Curve { label: metric.name.to_owned(), ..Curve::of(record, metric.name) });
        let axis = match metrics {
            [metric] => human(metric.name),
            _ => unit.of_several(),
        };
        let (title, axis) = (record.header.title.clone(), axis.to_owned());
        Figure { title, axis, unit, curves: curves.collect(), levels: Vec::new(), in_own_time: false }
    }

    /// The end of the time axis in microseconds, at least 1.
    fn span(&self) -> u64 {
        self.curves.iter().map(Curve::last).max().unwrap_or(0).max(1)
    }

    /// What the width of the picture stands for with this curve, in microseconds, at least 1.
    fn span_of(&self, curve: &Curve<'_>) -> u64 {
        if self.in_own_time { curve.last().max(1) } else { self.span() }
    }

    /// The axis of time, with at most `count` steps.
    fn times(&self, count: usize) -> Axis {
        if self.in_own_time { Axis::of_shares(count) } else { Axis::of_time(self.span(), count) }
    }

    /// The place of a moment of this curve on the axis of time.
    fn moment(&self, curve: &Curve<'_>, t: u64) -> f64 {
        if self.in_own_time { t as f64 / self.span_of(curve) as f64 } else { t as f64 }
    }

    /// What the axis of time is of.
    fn time_axis(&self) -> &'static str {
        if self.in_own_time { OWN_TIME } else { "time since the start" }
    }

    /// The highest value that must be in the picture.
    ///
    /// A level far above every curve would press them flat: it is only named, at the top.
    fn highest(&self) -> u64 {
        let curves = self.curves.iter().filter_map(|curve| curve.peak).max().unwrap_or(0);
        let near = |value: &u64| curves == 0 || *value / 2 <= curves;
        self.levels.iter().map(|level| level.value).filter(near).fold(curves, u64::max)
    }

    /// The names of the phases, in the order of their numbers from 1 on, and how many got none.
    fn phases(&self) -> (Vec<&'a str>, usize) {
        let mut seen = BTreeSet::new();
        let marks = self.curves.iter().flat_map(|curve| curve.marks);
        let mut names: Vec<&str> =
            marks.map(|mark| mark.name.as_str()).filter(|name| seen.insert(*name)).collect();
        let more = names.len().saturating_sub(PHASES);
        names.truncate(PHASES);
        (names, more)
    }
}

impl Level {
    /// The bound of the run's sandbox that a metric can reach.
    pub fn limit(metric: &Metric, record: &Record) -> Option<Self> {
        let limits = &record.header.limits;
        let (label, value) = match metric.name {
            "tmpfs" => ("tmpfs limit", limits.tmpfs?),
            "cgroup" => ("memory limit", limits.memory?),
            _ => return None,
        };
        Some(Level { label: label.to_owned(), value })
    }
}

impl<'a> Curve<'a> {
    /// One metric of a record.
    pub fn of(record: &'a Record, metric: &str) -> Self {
        let series = record.series(metric).unwrap_or(Series::EMPTY);
        let (label, peak) = (record.header.name(), record.peak(metric));
        Curve { label, series, peak, end: record.duration(), marks: &record.marks }
    }

    /// The end of the run, or its last sample if the record is at odds with itself.
    fn last(&self) -> u64 {
        self.series.t.last().copied().unwrap_or(0).max(self.end)
    }

    /// What the legend says of the curve after its name.
    fn summary(&self, unit: Unit) -> (String, String) {
        let peak = self.peak.map_or_else(|| "not measured".to_owned(), |peak| scale::amount(unit, peak));
        (peak, scale::seconds(self.last()))
    }
}

/// The course of a curve in so many values: the highest in each of equal parts of its time.
///
/// `None` stands before the first sample.
pub(crate) fn course(curve: &Curve<'_>, parts: usize) -> Vec<Option<u64>> {
    let extents = thin::thin(curve, curve.last(), parts);
    extents.into_iter().map(|extent| extent.map(|extent| extent.high)).collect()
}

/// The letter that names a curve in a picture.
fn letter(index: usize) -> char {
    ('a'..='z').chain('A'..='Z').nth(index).unwrap_or('*')
}

#[cfg(test)]
mod tests;
