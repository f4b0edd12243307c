//! The data model of a run, and its file.
//!
//! A record is one file of JSON lines. The recorder appends to it while the run goes on, so it leaves a readable file
//! even if it's killed. The first line is the [`Header`], the last the [`Trailer`]; between them are blocks of
//! samples, marks and progress in the order of their writing:
//!
//! ```json
//! {"header":{"schema":3, ...}}
//! {"samples":{"track":"cgroup","t":[0,5000,5000],"columns":{"cgroup":[0,4096,0]},"peaks":{"cgroup":[0,8192,-4096]}}}
//! {"mark":{"t":1200,"name":"array made"}}
//! {"done":{"t":1500,"count":1}}
//! {"process":{"n":0,"pid":4711,"t":900,"name":"sh","words":["sh","-c","make"]}}
//! {"ended":{"t":1600,"began":900,"pid":4711,"name":"sh","status":{"exited":0},"peak_rss":3145728}}
//! {"event":{"t":1700,"pid":4712,"what":{"executed":"make"}}}
//! {"trailer":{"outcome":{"exited":0}, ...}}
//! ```
//!
//! Times are microseconds since the program was started. The header of a command has its [`Place`]: the host, the job
//! and the rank, and what the host's clocks said at time 0. Metrics are bytes unless the header says otherwise. In a
//! block, each column is its first value followed by differences, so a quiet hour is a row of zeros. `peaks` has the
//! high-water mark of each sample: the highest value since the sample before it. In a shortened record, a sample
//! stands for a stretch of time, and `lows` and `highs` have that stretch's extremes. Every judgement, table and
//! figure is made from this alone.

mod block;
mod compaction;
mod differences;
mod event;
mod file;
mod glance;
mod header;
mod part;
mod place;
mod process_track;
mod processes;
mod shared_memory;
mod spool;
mod trailer;
mod version_1;
mod writer;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use super::series::{Series, Track};
pub use block::Block;
pub(crate) use event::Moment;
pub use event::{Event, Wait, What};
pub(crate) use file::RecordError;
pub(crate) use glance::Glance;
pub(crate) use header::{Command, Limits};
pub use header::{EnclosingGroup, Header};
pub use place::Place;
pub(crate) use process_track::{OTHERS, OTHERS_PAGES, io_track_of, pages_track_of, track_of};
pub use process_track::{Over, Process, ProcessTrack, ProcessTracks};
pub(crate) use processes::{Ended, Processes, Rlimit};
pub use processes::{Status, Totals};
pub(crate) use shared_memory::{Maker, OpenMemoryFile, SharedFolder, SysvSegment};
pub use trailer::{Cost, Trailer};
pub(crate) use version_1::name_today;
pub use writer::Writer;
pub(crate) use writer::{followed, is_being_written};

/// The version of the format that this program writes. It reads this one and every older one.
pub const SCHEMA: u32 = 3;

/// No record has so many tracks: each source has a few.
const TRACKS: usize = 1000;

/// How many processes are followed at a time.
pub(crate) const AT_ONCE: usize = 24;

/// A whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What ran, where, and how it was confined and measured.
    pub header: Header,
    /// The samples, by track: metrics in one track were read at the same times.
    pub tracks: BTreeMap<String, Track>,
    /// The samples of single processes.
    pub processes: ProcessTracks,
    /// The phases that the program announced, in order.
    pub marks: Vec<Mark>,
    /// How many tasks were done when.
    pub(crate) progress: Vec<Progress>,
    /// The processes that have ended, in that order: the first 10,000, and none if the kernel doesn't
    /// report them.
    pub ended: Vec<Ended>,
    /// What else happened, in the order in which it was noticed: the first 10,000 of what happens often, and of the
    /// rest.
    pub events: Vec<Event>,
    /// How it ended; `None` when the recorder itself was killed.
    pub trailer: Option<Trailer>,
}

/// A phase of the program begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When, in microseconds.
    pub t: u64,
    /// The name of the phase.
    pub name: String,
}

/// So many tasks are done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// When, in microseconds.
    pub(crate) t: u64,
    /// How many by then.
    pub(crate) count: u64,
}

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Header(Box<Header>),
    /// A block of samples of one track.
    Samples(Block),
    /// A phase begins.
    Mark(Mark),
    /// Tasks are done.
    Done(Progress),
    /// A process is followed.
    Process(Process),
    /// A process has ended.
    Ended(Ended),
    /// Something else has happened.
    Event(Event),
    /// The last line.
    Trailer(Box<Trailer>),
}

impl Record {
    /// A record that has only begun.
    pub fn new(mut header: Header) -> Self {
        if header.schema < 2 {
            version_1::header(&mut header);
        }
        Record {
            header,
            tracks: BTreeMap::new(),
            processes: ProcessTracks::default(),
            marks: Vec::new(),
            progress: Vec::new(),
            ended: Vec::new(),
            events: Vec::new(),
            trailer: None,
        }
    }

    /// Takes in one more line, in memory.
    ///
    /// # Errors
    ///
    /// Names the mistake if the line doesn't fit the earlier ones.
    pub fn push(&mut self, line: Line) -> Result<(), String> {
        if self.trailer.is_some() {
            return Err("a line after the end of the run".into());
        }
        match line {
            Line::Header(_) => return Err("a second header".into()),
            Line::Samples(block) if ProcessTracks::has(&block.track) => {
                self.processes.append(&block.track, block.samples)?;
            }
            Line::Samples(mut block) => {
                if self.header.schema < 2 {
                    version_1::track(&mut block.samples);
                }
                if self.tracks.len() == TRACKS && !self.tracks.contains_key(&block.track) {
                    return Err(format!("more than {TRACKS} tracks"));
                }
                self.tracks.entry(block.track).or_default().append(block.samples)?;
            }
            Line::Mark(mark) => self.marks.push(mark),
            Line::Done(progress) => self.progress.push(progress),
            Line::Process(process) => self.processes.describe(process)?,
            Line::Ended(ended) => self.ended.push(ended),
            Line::Event(event) => self.events.push(event),
            Line::Trailer(trailer) => self.trailer = Some(*trailer),
        }
        Ok(())
    }

    /// All of it as lines, in an order in which they can be taken in again.
    pub fn into_lines(self) -> impl Iterator<Item = Line> {
        let samples = |(track, samples)| Line::Samples(Block { track, samples });
        std::iter::once(Line::Header(Box::new(self.header)))
            .chain(self.tracks.into_iter().map(samples))
            .chain(self.processes.into_lines())
            .chain(self.marks.into_iter().map(Line::Mark))
            .chain(self.progress.into_iter().map(Line::Done))
            .chain(self.ended.into_iter().map(Line::Ended))
            .chain(self.events.into_iter().map(Line::Event))
            .chain(self.trailer.into_iter().map(|trailer| Line::Trailer(Box::new(trailer))))
    }

    /// Merges samples of tracks that have more than `most`, again and again while they grow: one stands for a stretch of
    /// time, with their last value and their extremes, so no peak is lost.
    /// The curves of single processes together have as many as some of them would have alone.
    pub fn thin(&mut self, most: usize) {
        let thin = |track: &mut Track, most: usize| {
            if track.t.len() > most {
                track.merge(u64::MAX, most / 2);
            }
        };
        self.tracks.values_mut().for_each(|track| thin(track, most));
        let of_one = most.saturating_mul(AT_ONCE) / self.processes.each.len().max(AT_ONCE);
        self.processes.tracks_mut().for_each(|track| thin(track, of_one));
        if self.progress.len() > most {
            let mut keep = false;
            self.progress.retain(|_| {
                keep = !keep;
                keep
            });
        }
    }

    /// The samples of a metric with their high-water marks; `None` if it wasn't available.
    pub fn series(&self, metric: &str) -> Option<Series<'_>> {
        self.tracks.values().find_map(|track| {
            let column = track.columns.get(metric)?;
            Some(column.series(&track.t))
        })
    }

    /// The highest value of a metric: of its samples, of the high-water marks between them, and of what
    /// the kernel kept for the whole run.
    pub fn peak(&self, metric: &str) -> Option<u64> {
        let kernel = self.trailer.as_ref().and_then(|trailer| trailer.peaks.get(metric).copied());
        let sampled = self.series(metric).and_then(|series| series.peak()).map(|(_, peak)| peak);
        kernel.max(sampled)
    }

    /// When the last task was done, and whether that was in the last third of the run, if the run reached its
    /// deadline: then it was at work, and else it hung. `None` too where no task was announced.
    pub(crate) fn last_task_before_deadline(&self) -> Option<(&Progress, bool)> {
        let (last, deadline) = (self.progress.last()?, self.header.limits.deadline_ms?);
        let is_late = last.t > self.duration() / 3 * 2;
        (self.duration() >= deadline * 1000).then_some((last, is_late))
    }

    /// The longest time in which the program announced neither a phase nor a task, in microseconds.
    pub(crate) fn longest_silence(&self) -> u64 {
        let words = self.marks.iter().map(|mark| mark.t).chain(self.progress.iter().map(|done| done.t));
        let mut words: Vec<u64> = words.chain([0, self.duration()]).collect();
        words.sort_unstable();
        words.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
    }

    /// When the phase of this name began, and when the next one did (or the run ended), in microseconds.
    pub fn phase(&self, name: &str) -> Option<(u64, u64)> {
        let at = self.marks.iter().position(|mark| mark.name == name)?;
        let end = self.marks.get(at + 1).map_or_else(|| self.duration(), |next| next.t);
        Some((self.marks[at].t, end))
    }

    /// A count that the program stated.
    pub fn fact(&self, name: &str) -> Option<u64> {
        self.trailer.as_ref()?.facts.get(name).copied()
    }

    /// How the run ended.
    pub fn outcome(&self) -> Outcome {
        self.trailer.as_ref().map_or(Outcome::Unfinished, |trailer| trailer.outcome.clone())
    }

    /// From the program's start to its end, or to the last thing that was recorded, in microseconds.
    pub fn duration(&self) -> u64 {
        match &self.trailer {
            Some(trailer) => trailer.duration,
            None => {
                let sampled = self.tracks.values().filter_map(|track| track.t.last()).max();
                let marked = self.marks.last().map(|mark| &mark.t);
                sampled.max(marked).copied().max(self.processes.last_until(u64::MAX)).unwrap_or(0)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
