//! From the processes of a record to the bands of a picture.

use super::Band;
use crate::chart::label::clean;
use crate::chart::scale::{amount, seconds};
use crate::model::metric::Unit;
use crate::model::outcome::signal_name;
use crate::model::record::{Over, Process, ProcessTrack, Record, Status};
use crate::model::series::Series;

/// What is stacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stacked {
    /// Anonymous memory: it's read often, and no page of a file counts for each that maps it.
    Anonymous,
    /// The same of processes that share much of it since a fork, which counts for each of them.
    AnonymousShared,
    /// Proportional memory, if processes share much, and if it was looked at often enough for a curve.
    Proportional,
}

/// So many walks over the page tables make a curve.
const WALKS: usize = 8;

impl Stacked {
    /// What suits the processes of a record.
    pub(super) fn of(record: &Record) -> Self {
        let (Some(proportional), Some(anonymous)) = (record.series("pss"), record.series("anon")) else {
            return Stacked::Anonymous;
        };
        let walks = proportional.t.iter().zip(proportional.v);
        let most = walks.filter_map(|(&t, &pss)| Some((anonymous.at(t)?, pss))).max();
        // A page that processes share counts for each in the one, and once in the other.
        let counts_twice = most.is_some_and(|(anon, pss)| anon > pss + pss / 4);
        let followed = record.processes.each.values().filter_map(|track| track.series("pss"));
        match (counts_twice, followed.map(|pss| pss.t.len()).max()) {
            (false, _) => Stacked::Anonymous,
            (true, Some(walks)) if walks >= WALKS => Stacked::Proportional,
            (true, _) => Stacked::AnonymousShared,
        }
    }

    /// The name of the metric.
    pub(super) fn metric(self) -> &'static str {
        match self {
            Stacked::Anonymous | Stacked::AnonymousShared => "anon",
            Stacked::Proportional => "pss",
        }
    }

    /// What is to be seen, in words.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Stacked::Anonymous => "Anonymous memory by process",
            Stacked::AnonymousShared => "Anonymous memory by process, shared pages in each",
            Stacked::Proportional => "Memory by process, shared pages split among them",
        }
    }
}

/// A band for each process that was followed, the largest first.
pub(super) fn of(record: &Record, stacked: Stacked) -> Vec<Band> {
    let mut bands: Vec<Band> =
        record.processes.each.values().map(|track| Band::of(track, record, stacked)).collect();
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
        name: "all others".into(),
        pid: None,
        command: parts.join(", "),
        peak: steps.iter().map(|step| step.1).max().unwrap_or(0),
        resident: None,
        cpu: None,
        fate: String::new(),
        is_killed: false,
        time: (steps.first().map_or(0, |step| step.0), record.duration()),
        is_others: true,
        steps,
    })
}

impl Band {
    /// Its name and its number.
    pub(crate) fn label(&self) -> String {
        match self.pid {
            Some(pid) => format!("{} ({pid})", clean(&self.name)),
            None => self.name.clone(),
        }
    }

    /// All that is known of it, as a sentence without its full stop.
    pub(crate) fn sentence(&self) -> String {
        let mut parts = vec![format!("at most {}", amount(Unit::Bytes, self.peak))];
        parts.extend(self.resident.map(|most| format!("{} resident", amount(Unit::Bytes, most))));
        parts.extend(self.cpu.map(|cpu| format!("{} of processor time", seconds(cpu))));
        parts.extend((!self.fate.is_empty()).then(|| self.fate.clone()));
        parts.extend((!self.command.is_empty()).then(|| self.command.clone()));
        format!("{}: {}", self.label(), clean(&parts.join(", ")))
    }

    fn of(track: &ProcessTrack, record: &Record, stacked: Stacked) -> Self {
        let until = track.until(&record.ended);
        let end = until.unwrap_or_else(|| record.duration());
        let series = track.series(stacked.metric());
        let exact = track.end(&record.ended).and_then(|ended| ended.peak_rss);
        let process = track.process.as_ref();
        Band {
            name: process.map_or_else(|| "?".to_owned(), |process| process.name.clone()),
            pid: process.map(|process| process.pid),
            command: process.map(Process::command).unwrap_or_default(),
            peak: series.and_then(|series| series.v.iter().copied().max()).unwrap_or(0),
            resident: track.peak("rss").max(exact),
            cpu: track.peak("cpu"),
            fate: fate(track, record),
            is_killed: matches!(status(track, record), Some(Status::Killed(_))),
            time: (process.map_or(0, |process| process.t).min(end), end),
            is_others: false,
            steps: series.map(|series| steps(series, until)).unwrap_or_default(),
        }
    }
}

/// How a process ended.
fn fate(track: &ProcessTrack, record: &Record) -> String {
    let over = track.process.as_ref().and_then(|process| process.over);
    match (status(track, record), over) {
        (Some(Status::Exited(code)), _) => format!("exited with {code}"),
        (Some(Status::Killed(signal)), _) => signal_name(signal),
        (None, Some(Over::Ended(_))) => "ended".into(),
        (None, Some(Over::Left(_))) => "summed later".into(),
        (None, None) => "not seen".into(),
    }
}

fn status(track: &ProcessTrack, record: &Record) -> Option<Status> {
    track.end(&record.ended)?.status
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
