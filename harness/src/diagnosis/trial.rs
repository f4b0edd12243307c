//! A second run with one change in it, which tells a mode from its neighbours if one record can't.

use super::mode::Mode;
use super::rule::{Measured, bytes};
use super::view::{View, percent};
use crate::chart::seconds;
use crate::model::outcome::Outcome;
use crate::model::record::Record;
use crate::name::program;

/// The change for the second run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// This variable is set.
    Variable(&'static str, &'static str),
    /// It gets half the memory, but no less than it needs without the page cache.
    HalfTheMemory,
    /// It gets twice the memory of its limit.
    TwiceTheMemory,
    /// It gets no transparent huge pages.
    NoHugePages,
    /// It may run on half the processors, which is what many pools count.
    HalfTheProcessors,
}

/// A change, and what the runs without it and with it show of a mode.
pub(super) struct Trial {
    pub(super) change: Change,
    pub(super) finds: fn(&View<'_>, &View<'_>) -> Found,
}

/// What a second run shows of a mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is this one.
    Confirmed(String),
    /// It isn't.
    Refuted(String),
    /// That wasn't to be seen, and why.
    Undecided(String),
}

impl Mode {
    /// The change that shows whether it is this one, if any does.
    pub fn change(&self) -> Option<Change> {
        self.trial.as_ref().map(|trial| trial.change)
    }

    /// What a run with that change shows of it; the run before is the one without.
    pub fn found(&self, before: &Record, after: &Record) -> Found {
        let (before, after) = (View::new(before), View::new(after));
        match &self.trial {
            _ if matches!(after.record.outcome(), Outcome::Interrupted | Outcome::CouldNotStart(_)) => {
                Found::Undecided("the second run didn't come to its end".to_owned())
            }
            Some(trial) => (trial.finds)(&before, &after),
            None => Found::Undecided("no change of its environment can tell".to_owned()),
        }
    }
}

/// The memory to give to a second run of what this record is of, for a change of the memory; why there is none
/// otherwise.
pub fn memory(change: Change, record: &Record) -> Result<Option<u64>, String> {
    let (view, own) = (View::new(record), record.header.limits.memory);
    match (change, own, view.peak, view.need()) {
        (Change::TwiceTheMemory, ..) if record.outcome().is_success() => {
            Err("it ended well with the memory it had".to_owned())
        }
        (Change::TwiceTheMemory, Some(own), ..) => Ok(Some(2 * own)),
        (Change::TwiceTheMemory, None, ..) => Err(format!("{} didn't set the limit", program())),
        (Change::HalfTheMemory, _, Some(peak), Some(need)) => Ok(Some((peak / 2).max(need << 20))),
        (Change::HalfTheMemory, ..) => Err("nobody knows how much it had".to_owned()),
        _ => Ok(own),
    }
}

/// Whether it does with half the memory what it did before.
pub(super) fn needs_no_more(before: &View<'_>, after: &View<'_>) -> Found {
    if after.series("cgroup").is_none() {
        return Found::Undecided("without a control group, no limit holds for the page cache".to_owned());
    }
    let (took, takes) = (before.record.duration(), after.record.duration());
    let times = format!("in {}; before it took {}", seconds(takes), seconds(took));
    match had(after) {
        _ if !is_as_good(before, after) => Found::Refuted(format!("{} with less memory", end(after))),
        peak if takes > took * 3 / 2 + SLACK => Found::Undecided(format!("it did with {peak}, but {times}")),
        peak => Found::Confirmed(format!("it did the same with {peak}, {times}")),
    }
}

/// Runs that differ by less than this in microseconds took as long.
const SLACK: u64 = 1_000_000;

/// Whether more memory is enough.
pub(super) fn ends_well(before: &View<'_>, after: &View<'_>) -> Found {
    let (peak, before) = (had(after), had(before));
    match after.record.outcome().is_success() {
        true => Found::Confirmed(format!("with twice the limit it ended well at {peak}")),
        false => Found::Refuted(format!("{} at {peak}; before it was {before}", end(after))),
    }
}

/// Whether fewer processors lead to fewer workers, and so to less memory.
pub(super) fn has_fewer_workers(before: &View<'_>, after: &View<'_>) -> Found {
    match (before.alike(), after.alike()) {
        (Measured::Known(many, _), Measured::Known(few, _)) if few < many => match is_well(after) {
            true => Found::Confirmed(format!("with {few} workers instead of {many} it ended well")),
            false => Found::Refuted(format!("{} with {few} workers, too", end(after))),
        },
        (Measured::Known(many, _), _) => {
            Found::Undecided(format!("it starts {many} workers on however many processors"))
        }
        (Measured::Unknown(why), _) => Found::Undecided(why),
    }
}

/// Whether less memory is used at the highest point.
pub(super) fn peak_falls(before: &View<'_>, after: &View<'_>) -> Found {
    falls("the peak of anonymous memory", top(before), top(after))
}

/// The same of a variable that not every allocator heeds.
pub(super) fn peak_falls_if_heeded(before: &View<'_>, after: &View<'_>) -> Found {
    peak_falls(before, after).if_heeded()
}

/// Whether less memory is there late in the work, by such a variable.
pub(super) fn kept_falls_if_heeded(before: &View<'_>, after: &View<'_>) -> Found {
    falls("the anonymous memory that stays", kept(before), kept(after)).if_heeded()
}

/// Whether a quantity falls by a third or more.
fn falls(what: &str, before: Option<u64>, after: Option<u64>) -> Found {
    let (Some(before), Some(after)) = (before, after) else {
        return Found::Undecided(format!("the records don't say {what}"));
    };
    let from_to = format!("from {} to {}", bytes(before), bytes(after));
    match percent(after, before) {
        0..=67 => Found::Confirmed(format!("{what} falls {from_to}")),
        68..=89 => Found::Undecided(format!("{what} goes {from_to}, which proves nothing")),
        _ => Found::Refuted(format!("{what} goes {from_to}")),
    }
}

/// The most anonymous memory, in bytes.
fn top(view: &View<'_>) -> Option<u64> {
    view.anonymous()?.peak().map(|(_, peak)| peak)
}

/// What of it is there late in the work.
fn kept(view: &View<'_>) -> Option<u64> {
    Some(top(view)? * view.kept().value()? / 100)
}

fn is_well(view: &View<'_>) -> bool {
    view.record.outcome().is_success() && view.oom_kill().value() == Some(0)
}

fn is_as_good(before: &View<'_>, after: &View<'_>) -> bool {
    after.record.outcome() == before.record.outcome() && after.oom_kill().value() != Some(1)
}

fn had(view: &View<'_>) -> String {
    view.peak.map_or_else(|| "an unknown peak".to_owned(), bytes)
}

fn end(view: &View<'_>) -> String {
    format!("it was: {}", view.record.outcome())
}

impl Found {
    /// What a variable shows that only the GNU C library heeds.
    fn if_heeded(self) -> Self {
        match self {
            Found::Refuted(why) => Found::Undecided(format!(
                "{why}: the memory is in use, or the program's allocator doesn't heed the variable"
            )),
            other => other,
        }
    }

    pub(super) fn reversed(self) -> Self {
        match self {
            Found::Confirmed(why) => Found::Refuted(why),
            Found::Refuted(why) => Found::Confirmed(why),
            undecided @ Found::Undecided(_) => undecided,
        }
    }
}
