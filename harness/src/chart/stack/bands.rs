//! From the processes of a record to the bands of a picture.

use std::collections::BTreeMap;

use super::{Band, Life, Who};
use crate::chart::Curve;
use crate::chart::label::clean;
use crate::chart::scale::{amount, seconds};
use crate::model::metric::{Metric, Unit};
use crate::model::outcome::signal_name;
use crate::model::record::{Over, Process, ProcessTrack, Record, Status};
use crate::model::series::Series;

/// The stacked quantity.
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

    /// The picture, in words.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Stacked::Anonymous => "Anonymous memory by process",
            Stacked::AnonymousShared => "Anonymous memory by process, shared pages in each",
            Stacked::Proportional => "Memory by process, shared pages split among them",
        }
    }
}

/// The bands of all processes that were followed, the largest first.
pub(super) fn of(record: &Record, stacked: Stacked) -> Vec<Band> {
    let each = record.processes.each.iter().map(|(&n, track)| Band::of(n, track, record, stacked));
    let mut bands = in_turn(each.collect());
    // The sort is stable: of equals, the one that was followed first is below.
    bands.sort_by_key(|band| std::cmp::Reverse(band.peak));
    bands
}

/// Puts processes of one name that were there one after the other into one band: of a pool that replaces its
/// workers, each worker's place is a band.
fn in_turn(mut each: Vec<Band>) -> Vec<Band> {
    each.sort_by_key(|band| band.lives[0].begin);
    let mut bands: Vec<Band> = Vec::new();
    for next in each {
        let follows = |band: &&mut Band| {
            let came_before = |life: &Life| life.has_ended && life.end <= next.lives[0].begin;
            band.name == next.name && band.lives.last().is_some_and(came_before)
        };
        match bands.iter_mut().find(follows) {
            Some(band) => band.go_on(next),
            None => bands.push(next),
        }
    }
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
    let smaller = rest.iter().map(|band| band.lives.len()).sum::<usize>();
    let mut parts = Vec::new();
    if smaller > 0 {
        parts.push(format!("{smaller} smaller"));
    }
    if most > 0 {
        parts.push(format!("up to {most} at once not followed"));
    }
    Some(Band {
        name: "all others".into(),
        who: Who::Others,
        command: parts.join(", "),
        peak: steps.iter().map(|step| step.1).max().unwrap_or(0),
        resident: None,
        cpu: None,
        lives: Vec::new(),
        steps,
    })
}

impl Band {
    /// Its name and its number.
    pub(crate) fn label(&self) -> String {
        let name = clean(&self.name);
        match self.who {
            Who::One(pid) => format!("{name} ({pid})"),
            Who::InTurn(count) => format!("{name} ({count} in turn)"),
            Who::Others | Who::Kind(_) => name,
        }
    }

    /// How it ended; of several, how many ended in another way than most do.
    pub(crate) fn fate(&self) -> String {
        let mut fates: BTreeMap<&str, usize> = BTreeMap::new();
        self.lives.iter().for_each(|life| *fates.entry(&life.fate).or_default() += 1);
        let most = fates.iter().max_by_key(|(fate, count)| (**count, **fate));
        let most = most.map(|(fate, _)| (*fate).to_owned()).unwrap_or_default();
        fates.remove(most.as_str());
        // Processes whose end is unknown don't count as a different end.
        fates.remove(ENDED);
        if fates.is_empty() {
            return most;
        }
        fates.iter().map(|(fate, count)| format!("{count} {fate}")).collect::<Vec<_>>().join(", ")
    }

    /// All that is known of it, as a sentence without its full stop.
    pub(crate) fn sentence(&self) -> String {
        let mut parts = vec![format!("at most {}", amount(Unit::Bytes, self.peak))];
        parts.extend(self.resident.map(|most| format!("{} resident", amount(Unit::Bytes, most))));
        parts.extend(self.cpu.map(|cpu| format!("{} of processor time", seconds(cpu))));
        parts.extend([self.fate(), self.command.clone()].into_iter().filter(|part| !part.is_empty()));
        format!("{}: {}", self.label(), clean(&parts.join(", ")))
    }

    /// A kind of memory, in the colour of this number.
    pub(super) fn of_kind(curve: &Curve<'_>, colour: usize, kind: &Metric) -> Self {
        Band {
            name: curve.label.clone(),
            who: Who::Kind(colour),
            command: kind.meaning.to_owned(),
            peak: curve.peak.unwrap_or(0),
            resident: None,
            cpu: None,
            lives: Vec::new(),
            steps: steps(curve.series, None),
        }
    }

    /// Adds one that came after it.
    fn go_on(&mut self, next: Band) {
        if next.peak > self.peak {
            (self.peak, self.command) = (next.peak, next.command);
        }
        self.resident = self.resident.max(next.resident);
        self.cpu = self.cpu.zip(next.cpu).map(|(cpu, more)| cpu + more).or(self.cpu).or(next.cpu);
        self.lives.extend(next.lives);
        self.steps.extend(next.steps);
        self.who = Who::InTurn(self.lives.len());
    }

    fn of(n: u32, track: &ProcessTrack, record: &Record, stacked: Stacked) -> Self {
        let until = track.until(&record.ended);
        let end = until.unwrap_or_else(|| record.duration());
        let series = track.series(stacked.metric());
        let exact = track.end(&record.ended).and_then(|ended| ended.peak_rss);
        let process = track.process.as_ref();
        let over = process.and_then(|process| process.over);
        let life = Life {
            begin: process.map_or(0, |process| process.t).min(end),
            end,
            fate: fate(track, record),
            has_ended: until.is_some() && !matches!(over, Some(Over::Left(_))),
            is_killed: matches!(status(track, record), Some(Status::Killed(_))),
        };
        Band {
            // Of one whose line is lost, all that is known is its number in the record.
            name: process.map_or_else(|| format!("process {n}"), |process| process.name.clone()),
            who: process.map_or(Who::InTurn(1), |process| Who::One(process.pid)),
            command: process.map(Process::command).unwrap_or_default(),
            peak: series.and_then(|series| series.v.iter().copied().max()).unwrap_or(0),
            resident: track.peak("rss").max(exact),
            cpu: track.peak("cpu"),
            lives: vec![life],
            steps: series.map(|series| steps(series, until)).unwrap_or_default(),
        }
    }
}

/// The words for the end of a process that the kernel didn't report.
const ENDED: &str = "ended";

/// How a process ended.
fn fate(track: &ProcessTrack, record: &Record) -> String {
    let over = track.process.as_ref().and_then(|process| process.over);
    match (status(track, record), over) {
        (Some(Status::Exited(code)), _) => format!("exited with {code}"),
        (Some(Status::Killed(signal)), _) => signal_name(signal),
        (None, Some(Over::Ended(_))) => ENDED.into(),
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
