//! A picture of what a run's memory is made of: that of each process, or each kind of memory, stacked.
//!
//! All bands at one place of a picture are of one moment: the one that falls there and at which they were highest
//! together. So a spike of a single sample shows, and the stack is never higher than the memory ever was.

mod bands;

use super::inks::inks;
use super::{Curve, letter, thin};
use crate::model::metric::{Metric, human};
use crate::model::record::Record;
use bands::Stacked;

/// This many processes get a separate band; the rest share one. Nobody could follow more.
pub(super) const BANDS: usize = 6;

/// The memory of single processes, or of single kinds, stacked.
#[derive(Debug, Clone)]
pub struct Stack<'a> {
    /// The headline.
    pub title: String,
    /// From the bottom up: the largest first, and all others last.
    pub bands: Vec<Band>,
    /// The total of the run, which also has what belongs to no process.
    pub total: Curve<'a>,
    /// The end of the time axis, in microseconds.
    pub(super) span: u64,
}

/// One process; or several of one name, one after the other, as a pool's workers; or all others. Or a kind of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// The name of its program.
    pub name: String,
    /// Who it is.
    pub who: Who,
    /// Its words, without the folder of its program.
    pub command: String,
    /// Its peak of the stacked quantity, in bytes.
    pub peak: u64,
    /// The most that was resident, in bytes, as far as that is known.
    pub resident: Option<u64>,
    /// Its processor time, in microseconds.
    pub cpu: Option<u64>,
    /// How each was followed, and ended.
    pub(super) lives: Vec<Life>,
    /// Its values, each with the time from which on it holds.
    pub(super) steps: Vec<(u64, u64)>,
}

/// Who a band is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The process of this number.
    One(i32),
    /// So many processes in turn.
    InTurn(usize),
    /// Those without a separate band.
    Others,
    /// No process, but a kind of memory, with the number of the colour that it has in all figures.
    Kind(usize),
}

/// When a process was followed, in microseconds, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) fate: String,
    /// Whether it has ended, and isn't counted among others from then on.
    pub(super) has_ended: bool,
    /// Whether a signal has ended it.
    pub(super) is_killed: bool,
}

impl<'a> Stack<'a> {
    /// The processes of a record under its `total`; `None` if the record has none.
    pub(crate) fn of(record: &'a Record, total: &Metric) -> Option<Self> {
        if record.processes.is_empty() {
            return None;
        }
        let stacked = Stacked::of(record);
        let mut all = bands::of(record, stacked);
        let rest = all.split_off(all.len().min(BANDS));
        all.extend(bands::others(&rest, record, stacked));
        let total = Curve::of(record, total.name);
        let last = all.iter().filter_map(|band| band.steps.last()).map(|step| step.0).max().unwrap_or(0);
        let span = total.last().max(last).max(1);
        let title = format!("{}: {}", stacked.meaning(), record.header.title);
        Some(Stack { title, bands: all, total, span })
    }

    /// These kinds of a run's memory under their `total`, the lowest first.
    pub fn of_kinds(title: &str, record: &'a Record, total: Curve<'a>, kinds: &[&Metric]) -> Self {
        let curves: Vec<Curve<'_>> = kinds
            .iter()
            .map(|kind| Curve { label: human(kind.name).to_owned(), ..Curve::of(record, kind.name) })
            .collect();
        let bands = curves.iter().zip(inks(&curves)).zip(kinds);
        let bands = bands.map(|((curve, ink), kind)| Band::of_kind(curve, ink.number, kind));
        Stack { title: title.to_owned(), bands: bands.collect(), total, span: record.duration().max(1) }
    }

    /// The letters of the bands.
    pub(crate) fn letters(&self) -> impl Iterator<Item = char> {
        (0..self.bands.len()).map(letter)
    }

    /// What the bands had in each of so many equal parts of the time, at the moment when they had most together.
    /// It's `None` before the first sample and after the end of the run.
    pub(super) fn columns(&self, columns: usize) -> Vec<Option<Vec<u64>>> {
        let mut highest = vec![None; columns];
        if columns == 0 {
            return highest;
        }
        let mut steps: Vec<(u64, usize, u64)> = Vec::new();
        for (index, band) in self.bands.iter().enumerate() {
            steps.extend(band.steps.iter().map(|&(t, value)| (t, index, value)));
        }
        steps.sort_by_key(|step| step.0);
        let end = thin::column(self.total.last(), self.span, columns);
        let mut now = vec![0; self.bands.len()];
        let mut next = 0;
        for moment in steps.chunk_by(|one, other| one.0 == other.0) {
            let at = thin::column(moment[0].0, self.span, columns);
            // What it was until this moment belongs to all columns that it reaches into.
            if moment[0].0 > steps[0].0 {
                highest[next..=at].iter_mut().for_each(|column| raise(column, &now));
            }
            moment.iter().for_each(|&(_, index, value)| now[index] = value);
            raise(&mut highest[at], &now);
            next = at;
        }
        if !steps.is_empty() {
            highest[next..=end.max(next)].iter_mut().for_each(|column| raise(column, &now));
        }
        highest
    }

    /// The highest that must be in the picture.
    pub(super) fn highest(&self) -> u64 {
        let stacked = self.columns(1).into_iter().flatten().map(|bands| sum(&bands)).max().unwrap_or(0);
        self.total.peak.unwrap_or(0).max(stacked)
    }
}

/// What the bands have together.
fn sum(bands: &[u64]) -> u64 {
    bands.iter().fold(0, |sum, &value| sum.saturating_add(value))
}

/// Puts these values in place of lower ones.
fn raise(column: &mut Option<Vec<u64>>, now: &[u64]) {
    if column.as_ref().is_none_or(|before| sum(before) < sum(now)) {
        *column = Some(now.to_vec());
    }
}

/// The heights at which the bands begin and end, from the bottom up.
pub(super) fn edges(bands: &[u64]) -> Vec<(u64, u64)> {
    let mut top = 0u64;
    let edge = |&value: &u64| {
        let bottom = top;
        top = top.saturating_add(value);
        (bottom, top)
    };
    bands.iter().map(edge).collect()
}
