//! The curves of single processes.
//!
//! The recorder follows the largest processes of a run one by one, each by a number of this record (the kernel uses
//! its own numbers again). A line says who it is, and blocks of samples have tracks that are named after it:
//! `process 7`, `process 7 io` and `process 7 pages`. The sums of all others are in the tracks `other processes`
//! and `other processes pages`.
//!
//! A process that changes nothing has no new sample: its last one holds until the next, or until it's over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Block, Ended, Line};
use crate::model::series::{Series, Track};

/// A process that is followed, as a line of the record describes it. A later line of the same number takes the
/// place of an earlier one: it has executed another program, or is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its number in this record.
    pub n: u32,
    /// Its number, as `lab` sees it.
    pub pid: i32,
    /// From when on it's followed, in microseconds.
    pub t: u64,
    /// The number of the process that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<i32>,
    /// When it was forked, in microseconds, to a hundredth of a second; `None` for one that is older than the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<u64>,
    /// The name of its program.
    pub name: String,
    /// Its words, the program first, as far as they fit; none if they couldn't be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Why it's not followed any more; `None` while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Over>,
}

/// Why a process isn't followed any more, and since when, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// It was seen to have ended. The exit log, if there is one, says when exactly.
    Ended(u64),
    /// Others are larger: from then on it's counted among all others.
    Left(u64),
}

/// One process over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProcessTrack {
    /// Who it is; `None` if the record lacks that line.
    pub process: Option<Process>,
    parts: Parts,
}

/// The tracks of one process, or of all others.
///
/// They are read from different files, some of which can't be read of some processes, so each has its own times.
#[derive(Debug, Clone, Default, PartialEq)]
struct Parts {
    /// `rss`, `anon`; of one process also `threads`, `cpu` and `state`, of others `processes`.
    now: Track,
    /// `rchar`, `wchar`.
    io: Track,
    /// `pss`, `uss`, from walks over the page tables.
    pages: Track,
}

/// The single processes of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProcessTracks {
    /// Those that were followed, by their number in this record.
    pub each: BTreeMap<u32, ProcessTrack>,
    others: Parts,
}

/// No record follows so many processes.
const MOST: usize = 1000;

const OF_ONE: &str = "process ";
const OF_OTHERS: &str = "other processes";

/// The name of the track with what the kernel says of a process at once.
pub(crate) fn track_of(n: u32) -> String {
    format!("{OF_ONE}{n}")
}

/// The name of the track with what a process has read and written.
pub(crate) fn io_track_of(n: u32) -> String {
    format!("{OF_ONE}{n} io")
}

/// The name of the track with what walks over the page tables of a process have found.
pub(crate) fn pages_track_of(n: u32) -> String {
    format!("{OF_ONE}{n} pages")
}

/// The name of the track with the sums of all processes that aren't followed.
pub(crate) const OTHERS: &str = OF_OTHERS;

/// The name of the track with what walks have found of them.
pub(crate) const OTHERS_PAGES: &str = "other processes pages";

impl ProcessTracks {
    /// Whether a track of this name is one of single processes.
    pub(super) fn has(track: &str) -> bool {
        place(track).is_some()
    }

    /// Takes in a line about a process.
    pub(super) fn describe(&mut self, process: Process) -> Result<(), String> {
        let track = self.entry(process.n)?;
        track.process = Some(process);
        Ok(())
    }

    /// Adds the samples of a block.
    pub(super) fn append(&mut self, track: &str, samples: Track) -> Result<(), String> {
        let (whose, part) = place(track).ok_or_else(|| format!("{track} isn't a track of a process"))?;
        let parts = match whose {
            Whose::One(n) => &mut self.entry(n)?.parts,
            Whose::Others => &mut self.others,
        };
        parts.get_mut(part).append(samples)
    }

    /// Every track of them.
    pub(super) fn tracks_mut(&mut self) -> impl Iterator<Item = &mut Track> {
        let each = self.each.values_mut().map(|track| &mut track.parts);
        each.chain([&mut self.others]).flat_map(|Parts { now, io, pages }| [now, io, pages])
    }

    /// All of them as lines.
    pub(super) fn into_lines(self) -> impl Iterator<Item = Line> {
        let of_one = |(n, track): (u32, ProcessTrack)| {
            let line = track.process.map(Line::Process);
            line.into_iter().chain(track.parts.into_lines([track_of(n), io_track_of(n), pages_track_of(n)]))
        };
        let names = [OTHERS.to_owned(), String::new(), OTHERS_PAGES.to_owned()];
        self.each.into_iter().flat_map(of_one).chain(self.others.into_lines(names))
    }

    /// The time of the last sample up to `t`, of any process.
    pub(crate) fn last_until(&self, t: u64) -> Option<u64> {
        let before = |times: &Vec<u64>| Some(times[times.partition_point(|&time| time <= t).checked_sub(1)?]);
        self.times().filter_map(before).max()
    }

    /// The time of the first sample after `t`, of any process.
    pub(crate) fn first_after(&self, t: u64) -> Option<u64> {
        let after = |times: &Vec<u64>| times.get(times.partition_point(|&time| time <= t)).copied();
        self.times().filter_map(after).min()
    }

    /// When each was sampled.
    fn times(&self) -> impl Iterator<Item = &Vec<u64>> {
        self.each.values().map(|track| &track.parts).chain([&self.others]).map(|parts| &parts.now.t)
    }

    /// Whether the record has none.
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// A metric of all processes that weren't followed, summed.
    pub fn others(&self, metric: &str) -> Option<Series<'_>> {
        self.others.series(metric)
    }

    fn entry(&mut self, n: u32) -> Result<&mut ProcessTrack, String> {
        if self.each.len() == MOST && !self.each.contains_key(&n) {
            return Err(format!("more than {MOST} processes that are followed"));
        }
        Ok(self.each.entry(n).or_default())
    }
}

impl Process {
    /// Its words, without the folder of its program; its name if they aren't known.
    pub(crate) fn command(&self) -> String {
        let Some((program, words)) = self.words.split_first() else { return self.name.clone() };
        let program = program.rsplit('/').next().unwrap_or(program);
        std::iter::once(program).chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

impl ProcessTrack {
    /// A metric of this process over time.
    pub fn series(&self, metric: &str) -> Option<Series<'_>> {
        self.parts.series(metric)
    }

    /// The highest value of a metric.
    pub fn peak(&self, metric: &str) -> Option<u64> {
        self.series(metric)?.peak().map(|(_, peak)| peak)
    }

    /// A metric at a time; `None` while the process wasn't followed.
    pub fn at(&self, metric: &str, t: u64, ended: &[Ended]) -> Option<u64> {
        let series = self.series(metric)?;
        series.at(t).filter(|_| self.until(ended).is_none_or(|until| t < until))
    }

    /// The line of the exit log about this process.
    pub fn end<'a>(&self, ended: &'a [Ended]) -> Option<&'a Ended> {
        let process = self.process.as_ref()?;
        // The first that ended under its number from then on is the one: it had the number until its end.
        ended
            .iter()
            .filter(|ended| ended.pid == process.pid && ended.t >= process.t)
            .min_by_key(|ended| ended.t)
    }

    /// Until when its last sample holds, in microseconds; `None` if to the end of the run.
    pub fn until(&self, ended: &[Ended]) -> Option<u64> {
        let exact = self.end(ended).map(|ended| ended.t);
        match self.process.as_ref()?.over {
            Some(Over::Ended(t) | Over::Left(t)) => Some(exact.map_or(t, |exact| exact.min(t))),
            None => exact,
        }
    }
}

impl Parts {
    fn get_mut(&mut self, part: Part) -> &mut Track {
        match part {
            Part::Now => &mut self.now,
            Part::Io => &mut self.io,
            Part::Pages => &mut self.pages,
        }
    }

    /// The tracks that have samples, by these names.
    fn into_lines(self, names: [String; 3]) -> impl Iterator<Item = Line> {
        let named = names.into_iter().zip([self.now, self.io, self.pages]);
        let written = named.filter(|(_, samples)| !samples.t.is_empty());
        written.map(|(track, samples)| Line::Samples(Block { track, samples }))
    }

    fn series(&self, metric: &str) -> Option<Series<'_>> {
        let tracks = [&self.now, &self.io, &self.pages];
        tracks.into_iter().find_map(|track| Some(track.columns.get(metric)?.series(&track.t)))
    }
}

enum Whose {
    One(u32),
    Others,
}

#[derive(Clone, Copy)]
enum Part {
    Now,
    Io,
    Pages,
}

/// Which track of which process has this name; `None` for a track of the whole run.
fn place(track: &str) -> Option<(Whose, Part)> {
    match track {
        OTHERS => return Some((Whose::Others, Part::Now)),
        OTHERS_PAGES => return Some((Whose::Others, Part::Pages)),
        _ => {}
    }
    let mut words = track.strip_prefix(OF_ONE)?.split(' ');
    let n = words.next()?.parse().ok()?;
    let part = match words.next() {
        None => Part::Now,
        Some("io") => Part::Io,
        Some("pages") => Part::Pages,
        Some(_) => return None,
    };
    words.next().is_none().then_some((Whose::One(n), part))
}
