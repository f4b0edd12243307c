//! From the processes of a record to the bands of a picture.

use super::Band;
use crate::chart::label::clean;
use crate::model::outcome::signal_name;
use crate::model::record::{Over, Process, ProcessTrack, Record, Status};
use crate::model::series::Series;

/// What is stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stacked {
    /// Anonymous memory: it's read often, and no page of a file counts for each that maps it.
    Anonymous,
    /// Proportional memory, if processes share so much anonymous memory since a fork that their sum is far off.
    Proportional,
}

impl Stacked {
    /// What suits the processes of a record; `None` if it has none.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        if record.processes.is_empty() {
            return None;
        }
        let is_walked = record.processes.each.values().any(|track| track.series("pss").is_some());
        let (Some(proportional), Some(anonymous), true) =
            (record.series("pss"), record.series("anon"), is_walked)
        else {
            return Some(Stacked::Anonymous);
        };
        // A page that processes share counts once in the one and for each in the other.
        let counts_twice =
            |(&t, &pss): (&u64, &u64)| anonymous.at(t).is_some_and(|anon| anon > pss + pss / 4);
        let is_far_off = proportional.t.iter().zip(proportional.v).any(counts_twice);
        Some(if is_far_off { Stacked::Proportional } else { Stacked::Anonymous })
    }

    /// The name of the metric.
    pub(crate) fn metric(self) -> &'static str {
        match self {
            Stacked::Anonymous => "anon",
            Stacked::Proportional => "pss",
        }
    }

    /// What it is, in words.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Stacked::Anonymous => "anonymous memory",
            Stacked::Proportional => "memory (shared pages split among their sharers)",
        }
    }
}

/// A band for each process that was followed, the largest first.
pub(super) fn of(record: &Record, stacked: Stacked) -> Vec<Band> {
    let mut bands: Vec<Band> =
        record.processes.each.iter().map(|(&n, track)| Band::of(n, track, record, stacked)).collect();
    // The sort is stable: of equals, the one that was followed first is below.
    bands.sort_by_key(|band| std::cmp::Reverse(band.peak));
    bands
}

/// The band of all that weren't followed, and of these; `None` if there was none of either.
pub(super) fn others(rest: &[Band], record: &Record, stacked: Stacked) -> Option<Band> {
    let summed =
        record.processes.others(stacked.metric()).map(|series| steps(series, None)).unwrap_or_default();
    let most =
        record.processes.others("processes").and_then(|series| series.v.iter().copied().max()).unwrap_or(0);
    if rest.is_empty() && most == 0 {
        return None;
    }
    let steps = sums(rest.iter().map(|band| &band.steps[..]).chain([&summed[..]]));
    let mut parts = Vec::new();
    if !rest.is_empty() {
        parts.push(format!("{} that were smaller", rest.len()));
    }
    if most > 0 {
        parts.push(format!("up to {most} at once that weren't followed"));
    }
    Some(Band {
        label: "all others".into(),
        command: parts.join(", "),
        peak: steps.iter().map(|step| step.1).max().unwrap_or(0),
        resident: None,
        cpu: None,
        fate: String::new(),
        time: (steps.first().map_or(0, |step| step.0), record.duration()),
        is_others: true,
        steps,
    })
}

impl Band {
    fn of(n: u32, track: &ProcessTrack, record: &Record, stacked: Stacked) -> Self {
        let until = track.until(&record.ended);
        let end = until.unwrap_or_else(|| record.duration());
        let series = track.series(stacked.metric());
        let exact = track.end(&record.ended).and_then(|ended| ended.peak_rss);
        let process = track.process.as_ref();
        Band {
            label: process.map_or_else(|| format!("process without a name ({n})"), Process::label),
            command: process.map(|process| clean(&process.words.join(" "))).unwrap_or_default(),
            peak: series.and_then(|series| series.v.iter().copied().max()).unwrap_or(0),
            resident: track.peak("rss").max(exact),
            cpu: track.peak("cpu"),
            fate: fate(track, record),
            time: (process.map_or(0, |process| process.t).min(end), end),
            is_others: false,
            steps: series.map(|series| steps(series, until)).unwrap_or_default(),
        }
    }
}

/// How a process ended.
fn fate(track: &ProcessTrack, record: &Record) -> String {
    let status = track.end(&record.ended).and_then(|ended| ended.status);
    let over = track.process.as_ref().and_then(|process| process.over);
    match (status, over) {
        (Some(Status::Exited(code)), _) => format!("exited with {code}"),
        (Some(Status::Killed(signal)), _) => signal_name(signal),
        (None, Some(Over::Ended(_))) => "ended".into(),
        (None, Some(Over::Left(_))) => "summed later".into(),
        (None, None) => "not seen".into(),
    }
}

/// The values of a series with the times since when they hold, up to the end of what they are of.
fn steps(series: Series<'_>, until: Option<u64>) -> Vec<(u64, u64)> {
    let all = series.t.iter().copied().zip(series.v.iter().copied());
    let mut steps: Vec<(u64, u64)> = all.filter(|(t, _)| until.is_none_or(|until| *t < until)).collect();
    if !steps.is_empty() {
        steps.extend(until.map(|until| (until, 0)));
    }
    steps
}

/// The sum of several values over time.
fn sums<'a>(all: impl Iterator<Item = &'a [(u64, u64)]>) -> Vec<(u64, u64)> {
    let each: Vec<&[(u64, u64)]> = all.collect();
    let mut steps: Vec<(u64, usize, u64)> = Vec::new();
    for (index, values) in each.iter().enumerate() {
        steps.extend(values.iter().map(|&(t, value)| (t, index, value)));
    }
    steps.sort_by_key(|step| step.0);
    let mut now = vec![0; each.len()];
    let moments = steps.chunk_by(|one, other| one.0 == other.0);
    moments
        .map(|moment| {
            moment.iter().for_each(|&(_, index, value)| now[index] = value);
            (moment[0].0, super::sum(&now))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_change_at_different_times_are_summed_at_each() {
        let (one, other) = ([(0, 5), (20, 7)], [(10, 1), (20, 0)]);
        assert_eq!(sums([&one[..], &other[..]].into_iter()), [(0, 5), (10, 6), (20, 7)]);
        assert!(sums(std::iter::empty()).is_empty());
    }

    #[test]
    fn a_process_has_nothing_after_its_end() {
        let series = Series::of(&[10, 20, 30], &[1, 2, 3]);
        assert_eq!(steps(series, Some(25)), [(10, 1), (20, 2), (25, 0)]);
        assert_eq!(steps(series, None), [(10, 1), (20, 2), (30, 3)]);
        assert!(steps(series, Some(5)).is_empty());
    }
}
