//! The records of all ranks of a job -> one picture of the job.
//!
//! It reads the files one after the other, and keeps only the course of each: a job of a thousand ranks and an hour
//! has gigabytes of samples.

mod course;
mod differ;
mod node;
mod times;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Result, bail};
use nix::libc::SIGTERM;

use crate::model::outcome::{Evidence, Finding, Killer, Outcome};
use crate::model::record::{EnclosingGroup, Glance, Header, Mark, Place};
use course::Course;
pub(crate) use node::{Limit, Node};

/// The metric of the control group around a run, which all ranks of a node may share.
const GROUP: &str = "enclosing_cgroup";

/// A job: its ranks, in their order, on one axis of time.
#[derive(Debug)]
pub(crate) struct Job {
    /// The metric drawn of each.
    pub(crate) metric: String,
    /// The ranks.
    pub(crate) ranks: Vec<Rank>,
    /// How their times were put on one axis, and what that takes for granted.
    pub(crate) alignment: String,
    /// Where the mark is that they were aligned on, in microseconds.
    pub(crate) mark: Option<u64>,
    /// From the first start to the last end, in microseconds.
    pub(crate) span: u64,
}

/// One rank of a job.
#[derive(Debug)]
pub(crate) struct Rank {
    /// Its record.
    pub(crate) path: PathBuf,
    /// What it is called.
    pub(crate) name: String,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How long it ran, in microseconds.
    pub(crate) duration: u64,
    /// The highest value of the metric.
    pub(crate) peak: Option<u64>,
    /// How far its start is from the beginning of the axis, in microseconds.
    pub(crate) offset: u64,
    place: Place,
    marks: Vec<Mark>,
    course: Course,
    /// The control group around it, and the most that was in it.
    group: Option<(EnclosingGroup, u64)>,
    /// The memory of its machine, in bytes.
    machine: Option<u64>,
    /// Whether the kernel's OOM killer was seen to strike near it.
    oom: bool,
    /// When it began by the clocks, in nanoseconds.
    began: i128,
}

impl Job {
    /// Reads the records of a job. The metric is the first of these that all have; the times are aligned on a mark, or
    /// else by the clocks.
    ///
    /// # Errors
    ///
    /// The first record that can't be read; or that not all have the metric or the mark.
    pub(crate) fn read(paths: &[PathBuf], metrics: &[&str], align: Option<&str>) -> Result<Self> {
        let headers = paths.iter().map(|path| Ok(Glance::header(path)?)).collect::<Result<Vec<Header>>>()?;
        let has = |metric: &&&str| headers.iter().all(|header| header.metrics.contains_key(**metric));
        let Some(metric) = metrics.iter().find(has) else {
            bail!("not all of these records have {}", metrics.join(" or "));
        };
        let clocks = times::clocks(&headers)?;
        let mut ranks = read_all(paths, &headers, metric)?;
        for (rank, began) in ranks.iter_mut().zip(clocks) {
            rank.began = began;
        }
        name(&mut ranks);
        let (alignment, mark) = times::align(&mut ranks, align)?;
        let span = ranks.iter().map(|rank| rank.offset + rank.duration).max().unwrap_or(0).max(1);
        Ok(Job { metric: (*metric).to_owned(), ranks, alignment, mark, span })
    }

    /// The course of each rank in so many equal parts of the axis.
    pub(crate) fn cells(&self, parts: usize) -> Vec<Vec<Option<u64>>> {
        self.ranks.iter().map(|rank| rank.cells(self.span, parts)).collect()
    }

    /// The rank to look at first. One that failed comes before those that only followed it: of several, the one that
    /// the OOM killer took, or else the one that ended first. If none failed, it's the one with the highest peak.
    pub(crate) fn worst(&self) -> Option<&Rank> {
        let end = |rank: &Rank| rank.offset + rank.duration;
        let key = |rank: &&Rank| match rank.failure() {
            0 => (0, 0, rank.peak),
            failure => (failure, u64::MAX - end(rank), rank.peak),
        };
        // Of those that are alike, the first.
        self.ranks.iter().rev().max_by_key(key)
    }

    /// The ranks that differ from the others by their peaks, and the median of all.
    pub(crate) fn differing(&self) -> (Vec<&Rank>, Option<u64>) {
        let peaks: Vec<u64> = self.ranks.iter().filter_map(|rank| rank.peak).collect();
        let Some(usual) = differ::usual(&peaks) else { return (Vec::new(), None) };
        let differs = |rank: &&Rank| rank.peak.is_some_and(|peak| !usual.has(peak));
        (self.ranks.iter().filter(differs).collect(), Some(usual.median))
    }

    /// The ranks that were started, as the others say, and have no record here.
    pub(crate) fn missing(&self) -> Vec<u64> {
        let there: BTreeSet<u64> = self.ranks.iter().filter_map(|rank| rank.place.rank).collect();
        let all = self.ranks.iter().filter_map(|rank| rank.place.ranks).max().unwrap_or(0);
        (0..all).filter(|rank| !there.contains(rank)).collect()
    }

    /// The nodes, in the order of their names.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        node::nodes(self)
    }

    /// The marks that every rank has made.
    pub(crate) fn common_marks(&self) -> Vec<&str> {
        let Some((first, others)) = self.ranks.split_first() else { return Vec::new() };
        let has = |rank: &Rank, name: &str| rank.marks.iter().any(|mark| mark.name == name);
        let mut seen = BTreeSet::new();
        let names = first.marks.iter().map(|mark| mark.name.as_str()).filter(|name| seen.insert(*name));
        names.filter(|name| others.iter().all(|rank| has(rank, name))).collect()
    }
}

impl Rank {
    fn read(path: &Path, header: &Header, metric: &str) -> Result<Self> {
        let (mut course, mut group) = (Course::default(), 0);
        let glance = Glance::read(path, header.clone(), &[metric, GROUP], &mut |at, series| match at {
            0 => series.t.iter().zip(series.v).zip(series.highs()).for_each(|((&t, &last), high)| {
                course.add(t, high, last);
            }),
            _ => group = group.max(series.highs().max().unwrap_or(0)),
        })?;
        let duration = glance.duration().unwrap_or(course.end()).max(course.end());
        let Glance { header, marks, trailer } = glance;
        let kept = |name: &str| trailer.as_ref().and_then(|trailer| trailer.peaks.get(name).copied());
        let fired =
            |seen: &Evidence| seen.source.contains("oom_kill") && matches!(seen.finding, Finding::Fired(_));
        let machine = header.machine.get("memory_mib").and_then(|mib| mib.parse::<u64>().ok());
        Ok(Rank {
            path: path.to_owned(),
            name: String::new(),
            duration,
            peak: course.peak().max(kept(metric)),
            offset: 0,
            place: header.place.unwrap_or_default(),
            marks,
            course,
            group: header.enclosing.map(|around| (around, group.max(kept(GROUP).unwrap_or(0)))),
            machine: machine.map(|mib| mib << 20),
            oom: trailer.as_ref().is_some_and(|trailer| trailer.evidence.iter().any(fired)),
            outcome: trailer.map_or(Outcome::Unfinished, |trailer| trailer.outcome),
            began: 0,
        })
    }

    /// The node that it was on.
    pub(crate) fn node(&self) -> &str {
        self.place.node()
    }

    /// When the OOM killer or something else ended it, the likeliest cause first; 0 if nothing did.
    fn failure(&self) -> u8 {
        match self.outcome {
            Outcome::Exited(0) | Outcome::Gone => 0,
            Outcome::Killed { by: Killer::Oom | Killer::Watchdog, .. } | Outcome::BusError => 4,
            _ if self.oom => 3,
            // A launcher ends the others when one has failed; and what kills the recorder kills all of a step.
            Outcome::Killed { signal: SIGTERM, .. } | Outcome::Unfinished | Outcome::Interrupted => 1,
            _ => 2,
        }
    }

    fn cells(&self, span: u64, parts: usize) -> Vec<Option<u64>> {
        self.course.cells(self.offset, self.duration, span, parts)
    }
}

/// Reads all records that begin with these headers, on all processors.
fn read_all(paths: &[PathBuf], headers: &[Header], metric: &str) -> Result<Vec<Rank>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let part = paths.len().div_ceil(threads).max(1);
    let read = |paths: &[PathBuf], headers: &[Header]| {
        paths
            .iter()
            .zip(headers)
            .map(|(path, header)| Rank::read(path, header, metric))
            .collect::<Result<Vec<_>>>()
    };
    thread::scope(|scope| {
        let parts = paths.chunks(part).zip(headers.chunks(part));
        let parts: Vec<_> = parts.map(|(paths, headers)| scope.spawn(move || read(paths, headers))).collect();
        let mut ranks = Vec::with_capacity(paths.len());
        for part in parts {
            ranks.extend(part.join().expect("reading doesn't panic")?);
        }
        Ok(ranks)
    })
}

/// Puts the ranks in order, and gives each a name: its number, if each has one, or else that of its file.
fn name(ranks: &mut [Rank]) {
    let numbers: BTreeSet<u64> = ranks.iter().filter_map(|rank| rank.place.rank).collect();
    let are_numbered = numbers.len() == ranks.len();
    for rank in ranks.iter_mut() {
        rank.name = match rank.place.rank.filter(|_| are_numbered) {
            Some(number) => format!("rank {number}"),
            None => {
                let name = rank.path.file_name().unwrap_or_default().to_string_lossy();
                name.trim_end_matches(".part").trim_end_matches(".jsonl").to_owned()
            }
        };
    }
    if are_numbered {
        ranks.sort_by_key(|rank| rank.place.rank);
    }
}

#[cfg(test)]
mod tests;
