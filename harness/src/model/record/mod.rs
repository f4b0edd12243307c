//! The data model of a run, and its file.
//!
//! A record is one file of JSON lines, appended to while the run goes on, so that a recorder that
//! is killed leaves a readable file. Its first line is the [`Header`], its last the [`Trailer`];
//! between them stand blocks of samples, marks and progress in the order of their writing:
//!
//! ```json
//! {"header":{"schema":1, ...}}
//! {"samples":{"track":"beat","t":[0,5000,5000],"columns":{"tmpfs":[0,4096,4096]}}}
//! {"mark":{"t":1200,"name":"array made"}}
//! {"done":{"t":1500,"count":1}}
//! {"ended":{"t":1600,"began":900,"pid":4711,"name":"sh","status":{"exited":0},"peak_rss":3145728}}
//! {"trailer":{"outcome":{"exited":0}, ...}}
//! ```
//!
//! Times are microseconds since the program was started. Metrics are bytes unless the header says
//! otherwise. In a block, each column is its first value followed by differences, so that a quiet
//! hour is a row of zeros. Every judgement, table and figure is made from this alone.

mod file;
mod processes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::outcome::{Evidence, Outcome};
pub use file::{RecordError, Writer};
pub use processes::{Ended, OpenMemoryFile, Processes, Status, Totals};

/// The version of the format that this program writes. It reads this one and every older one.
pub const SCHEMA: u32 = 1;

/// A whole run.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What was run, where, and how it was confined and measured.
    pub header: Header,
    /// The samples, by track: metrics in one track were read at the same times.
    pub tracks: BTreeMap<String, Track>,
    /// The phases that the program announced, in order.
    pub marks: Vec<Mark>,
    /// How many tasks were done when.
    pub progress: Vec<Progress>,
    /// The processes that have ended, in that order: the first 10,000, and none where the kernel does not
    /// tell of them.
    pub ended: Vec<Ended>,
    /// How it ended; `None` when the recorder itself was killed.
    pub trailer: Option<Trailer>,
}

/// What was run, where, and how it was confined and measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub schema: u32,
    /// The version of `lab` that wrote it.
    pub lab: String,
    /// When the run began, in UTC, as in RFC 3339.
    pub started: String,
    /// The slug of the scenario; empty where any other command was recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scenario: String,
    /// The name of the variant, or of the command.
    pub variant: String,
    /// What the variant does, as its scenario.toml says; or the command line.
    pub title: String,
    /// The command, where it is no scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// Which of the scenario's tables of sizes was used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub size: String,
    /// Every size as used, by name, in the unit that the name ends with.
    pub sizes: BTreeMap<String, u64>,
    /// The bounds of the run's sandbox.
    pub limits: Limits,
    /// How the run was confined, a line for each layer.
    pub confinement: Vec<String>,
    /// The seed that the program drew its numbers from.
    #[serde(default)]
    pub seed: u64,
    /// The time between two beats of the recorder, in microseconds; 5000 where it is not said.
    #[serde(default = "five_milliseconds")]
    pub beat: u64,
    /// The machine, as a list of names and values.
    pub machine: BTreeMap<String, String>,
    /// Where each metric was read from. A metric that is not here was not to be had.
    pub metrics: BTreeMap<String, String>,
    /// The language and the libraries with their versions, where it is not one of our programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<BTreeMap<String, String>>,
}

/// A command that is no scenario's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its words, the program first.
    pub words: Vec<String>,
    /// The folder that it was started in.
    pub folder: String,
    /// What the user had to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The process, where it was running before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<i32>,
}

/// The bounds of a run's sandbox. What is not here has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The size of the tmpfs, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tmpfs: Option<u64>,
    /// The most memory that the run may use, tmpfs included, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// The most processes and threads that the run may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<u64>,
    /// The deadline, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// For how long nothing of the run may move before it is taken to hang, in milliseconds; without it
    /// only the deadline tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub still_ms: Option<u64>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn five_milliseconds() -> u64 {
    5000
}

/// Metrics that were read together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// When each sample was taken, in microseconds.
    #[serde(with = "differences")]
    pub t: Vec<u64>,
    /// The samples of each metric, as many as there are times.
    pub columns: BTreeMap<String, Column>,
}

/// The samples of one metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Column(#[serde(with = "differences")] pub Vec<u64>);

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
    pub t: u64,
    /// How many by then.
    pub count: u64,
}

/// How the run ended, and what it took to record it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trailer {
    /// How it ended.
    pub outcome: Outcome,
    /// What was looked at to tell so.
    pub evidence: Vec<Evidence>,
    /// The counts that the program stated.
    pub facts: BTreeMap<String, u64>,
    /// Peaks that the kernel itself kept, in bytes, by metric: no sample can miss them.
    pub peaks: BTreeMap<String, u64>,
    /// What a shell would tell of its end: the exit code, or 128 and the number of the signal. `None`
    /// where it did not end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<i32>,
    /// The processes of the run, where the kernel tells of each; `None` in records that are older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<Processes>,
    /// The largest files that lived in memory and that processes held open, at the moment when all of them
    /// took most; the largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<OpenMemoryFile>,
    /// How many marks, counts and facts the program has told that were too many to be kept.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unkept: u64,
    /// From the program's start to its end, in microseconds.
    pub duration: u64,
    /// What the recorder took.
    pub cost: Cost,
    /// The end of what the program printed.
    pub output: String,
}

/// What the recorder took, and how well it kept its beat.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// CPU time of the recorder, in microseconds.
    pub cpu: u64,
    /// Beats that were kept.
    pub beats: u64,
    /// Of those, beats that came more than a tenth of an interval late.
    pub late: u64,
    /// Beats that were skipped because the one before took too long.
    pub missed: u64,
    /// Time spent in walks over the page tables of the program, in microseconds.
    pub walks: u64,
    /// How late a beat came: the median and the 99th of a hundred, in microseconds.
    #[serde(default)]
    pub lateness: [u64; 2],
    /// How often each track was sampled, by name. A track that would have taken more than its part of
    /// the time was sampled less often.
    #[serde(default)]
    pub samples: BTreeMap<String, u64>,
}

/// One metric over time.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// When, in microseconds.
    pub t: &'a [u64],
    /// The values, as many as the times.
    pub v: &'a [u64],
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
    /// A process has ended.
    Ended(Ended),
    /// The last line.
    Trailer(Box<Trailer>),
}

/// Samples of one track that were written together.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "Flat")]
pub struct Block {
    /// The name of the track.
    pub track: String,
    /// The samples.
    #[serde(flatten)]
    pub samples: Track,
}

/// A block as it stands in the file. To read it flattened, serde would first keep each of its numbers
/// as a value of any type, and an hour has millions.
#[derive(Deserialize)]
struct Flat {
    track: String,
    #[serde(with = "differences")]
    t: Vec<u64>,
    columns: BTreeMap<String, Column>,
}

impl From<Flat> for Block {
    fn from(Flat { track, t, columns }: Flat) -> Self {
        Block { track, samples: Track { t, columns } }
    }
}

impl Header {
    /// The name of the run in a picture or table: that of its variant, with the language where it is not ours.
    pub fn name(&self) -> String {
        match self.peer {
            Some(_) => format!("Python's {}", self.variant),
            None => self.variant.clone(),
        }
    }
}

impl Record {
    /// A record that has only begun.
    pub fn new(header: Header) -> Self {
        Record {
            header,
            tracks: BTreeMap::new(),
            marks: Vec::new(),
            progress: Vec::new(),
            ended: Vec::new(),
            trailer: None,
        }
    }

    /// Takes in one more line, in memory.
    ///
    /// # Errors
    ///
    /// Says what is wrong when the line does not fit what came before.
    pub fn push(&mut self, line: Line) -> Result<(), String> {
        if self.trailer.is_some() {
            return Err("a line after the end of the run".into());
        }
        match line {
            Line::Header(_) => return Err("a second header".into()),
            Line::Samples(block) => self.tracks.entry(block.track).or_default().append(block.samples)?,
            Line::Mark(mark) => self.marks.push(mark),
            Line::Done(progress) => self.progress.push(progress),
            Line::Ended(ended) => self.ended.push(ended),
            Line::Trailer(trailer) => self.trailer = Some(*trailer),
        }
        Ok(())
    }

    /// Makes tracks that have more than `most` samples shorter, again and again while they grow.
    ///
    /// Four samples become two: the lowest and the highest value of each metric. So no peak is lost,
    /// and no valley; what is lost is which came first among four neighbours.
    pub fn thin(&mut self, most: usize) {
        self.tracks.values_mut().filter(|track| track.t.len() > most).for_each(Track::halve);
        if self.progress.len() > most {
            let mut keep = false;
            self.progress.retain(|_| {
                keep = !keep;
                keep
            });
        }
    }

    /// The samples of a metric; `None` where it was not to be had.
    pub fn series(&self, metric: &str) -> Option<Series<'_>> {
        self.tracks
            .values()
            .find_map(|track| track.columns.get(metric).map(|column| Series { t: &track.t, v: &column.0 }))
    }

    /// The highest value of a metric: the kernel's own peak where it keeps one, else the highest sample.
    pub fn peak(&self, metric: &str) -> Option<u64> {
        let kernel = self.trailer.as_ref().and_then(|trailer| trailer.peaks.get(metric).copied());
        let sampled = self.series(metric).and_then(|series| series.v.iter().max().copied());
        kernel.max(sampled)
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
                sampled.max(marked).copied().unwrap_or(0)
            }
        }
    }
}

impl Track {
    /// Adds the samples of a later block.
    fn append(&mut self, later: Track) -> Result<(), String> {
        if let Some((name, column)) = later.columns.iter().find(|(_, column)| column.0.len() != later.t.len())
        {
            return Err(format!("{} samples of {name} for {} times", column.0.len(), later.t.len()));
        }
        if self.columns.is_empty() {
            *self = later;
            return Ok(());
        }
        if !self.columns.keys().eq(later.columns.keys()) {
            return Err("a block with other metrics than the one before".into());
        }
        self.t.extend(later.t);
        for (name, column) in later.columns {
            self.columns.get_mut(&name).expect("the names are the same").0.extend(column.0);
        }
        Ok(())
    }
}

impl Track {
    /// Makes two samples of every four.
    fn halve(&mut self) {
        let ends = |four: &[u64]| [four[0], four[3]];
        let extremes = |four: &[u64]| {
            let (low, high) = four.iter().fold((u64::MAX, 0), |(low, high), &v| (v.min(low), v.max(high)));
            [low, high]
        };
        halve(&mut self.t, ends);
        self.columns.values_mut().for_each(|column| halve(&mut column.0, extremes));
    }
}

/// Puts two values in the place of every four, and leaves what is over as it is.
fn halve(values: &mut Vec<u64>, two_of: impl Fn(&[u64]) -> [u64; 2]) {
    let whole = values.len() / 4;
    for index in 0..whole {
        let two = two_of(&values[4 * index..4 * index + 4]);
        values[2 * index..2 * index + 2].copy_from_slice(&two);
    }
    values.drain(2 * whole..4 * whole);
}

impl Series<'_> {
    /// The last value at or before `t`; `None` before the first sample.
    pub fn at(&self, t: u64) -> Option<u64> {
        let after = self.t.partition_point(|&time| time <= t);
        after.checked_sub(1).map(|index| self.v[index])
    }

    /// The samples from `begin` to `end`, both included.
    pub fn between(&self, begin: u64, end: u64) -> Self {
        let first = self.t.partition_point(|&time| time < begin);
        let last = self.t.partition_point(|&time| time <= end).max(first);
        Series { t: &self.t[first..last], v: &self.v[first..last] }
    }
}

/// A column as its first value, followed by differences.
mod differences {
    use std::fmt;

    use serde::de::{SeqAccess, Visitor};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        let mut last = 0;
        serializer.collect_seq(values.iter().map(|&value| {
            let step = value.wrapping_sub(last).cast_signed();
            last = value;
            step
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        deserializer.deserialize_seq(Steps)
    }

    /// Adds the differences up while they are read.
    struct Steps;

    impl<'de> Visitor<'de> for Steps {
        type Value = Vec<u64>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a number, and the differences that follow it")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut steps: A) -> Result<Vec<u64>, A::Error> {
            let mut value = 0u64;
            // At 1 kHz, 50 are written together.
            let mut values = Vec::with_capacity(64);
            while let Some(step) = steps.next_element::<i64>()? {
                value = value.wrapping_add_signed(step);
                values.push(value);
            }
            Ok(values)
        }
    }
}

#[cfg(test)]
mod tests;
