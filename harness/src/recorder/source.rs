//! The definition of a source: something that can be read again and again, and its metrics.
//!
//! A source declares its metrics with their units and meanings, and puts values under these same names into a
//! [`Row`]. So a name and its value can't come apart, and no other code has to know either.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::headroom::Moment;
use super::members::Members;
use crate::model::metric::Metric;
use crate::model::outcome::{Evidence, OomKills};
use crate::model::record::{Header, OpenMemoryFile, Rlimit, SharedFolder, SysvSegment, What};
use crate::sandbox::Running;
use crate::sandbox::cgroup::Group;

/// Something that is read again and again while a program runs.
pub(super) trait Source {
    /// Its metrics in this run, and where it reads each.
    fn columns(&self) -> Vec<Column>;

    /// Adds what it knows at the beginning, apart from where it reads its metrics.
    fn describe(&self, _header: &mut Header) {}

    /// Reads all of them. What it can't read this time it leaves out.
    fn sample(&mut self, view: &mut View<'_>, row: &mut Row);

    /// Whether other programs move its values too: then no movement says anything of the run.
    fn is_everybodys(&self) -> bool {
        false
    }

    /// What it knows at the end of the run, apart from its samples.
    fn conclude(&mut self, _conclusion: &mut Conclusion) {}
}

/// One metric of a source in this run.
pub(super) struct Column {
    /// The metric.
    pub(super) metric: &'static Metric,
    /// Where it is read.
    pub(super) from: String,
    /// Where its high-water marks are read, if there are any.
    pub(super) peaks_from: Option<String>,
}

impl Column {
    /// A metric without high-water marks.
    pub(super) fn new(metric: &'static Metric, from: impl Into<String>) -> Self {
        Column { metric, from: from.into(), peaks_from: None }
    }

    /// The same metric with high-water marks, if it is said where these are read.
    pub(super) fn with_peaks(self, peaks_from: Option<String>) -> Self {
        Column { peaks_from, ..self }
    }
}

/// How often a source is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) every: Every,
    pub(super) budget: Budget,
}

/// The shortest time from one sample of a source to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    /// The sampling interval of the run.
    Interval,
    /// Some ten times a second.
    Slow,
    /// Once a second.
    Second,
}

/// How much of the time a source may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Budget {
    /// As much as it wants: it costs microseconds, however many processes there are.
    Free,
    /// One fiftieth, in processor time of the recorder.
    Cheap,
    /// One two-hundredth, in processor time of the recorder.
    Moderate,
    /// One four-hundredth by the clock, because the program may have to wait meanwhile.
    Expensive,
}

/// What a source may read apart from its own files.
pub(super) struct View<'a> {
    /// The processes of the run.
    pub(super) members: &'a mut Members,
    /// The last value of every metric.
    pub(super) latest: &'a Latest,
    /// What the program does meanwhile.
    pub(super) moment: Moment,
}

/// The last value of every metric. Metrics are distinguished by where they are, because names take longer to compare.
#[derive(Default)]
pub(super) struct Latest(BTreeMap<usize, u64>);

impl Latest {
    /// The last value of a metric; 0 before its first sample.
    pub(super) fn get(&self, metric: &Metric) -> u64 {
        self.find(metric).unwrap_or(0)
    }

    /// The last value of a metric, if it has a sample.
    pub(super) fn find(&self, metric: &Metric) -> Option<u64> {
        self.0.get(&place(metric)).copied()
    }

    pub(super) fn take(&mut self, row: &Row) {
        for reading in &row.readings {
            self.0.insert(place(reading.metric), reading.value);
        }
    }
}

/// Where a metric is in memory: each is one static value.
pub(super) fn place(metric: &Metric) -> usize {
    (&raw const *metric).addr()
}

/// One sample of a source: a value for each of its metrics.
#[derive(Default)]
pub(super) struct Row {
    readings: Vec<Reading>,
    events: Vec<What>,
}

struct Reading {
    metric: &'static Metric,
    value: u64,
    peak: Option<u64>,
}

impl Row {
    /// Sets the value of a metric.
    pub(super) fn set(&mut self, metric: &'static Metric, value: u64) {
        self.readings.push(Reading { metric, value, peak: None });
    }

    /// Sets the value of a metric and its high-water mark since the sample before.
    pub(super) fn set_with_peak(&mut self, metric: &'static Metric, value: u64, peak: Option<u64>) {
        self.readings.push(Reading { metric, value, peak });
    }

    /// Notes for the time line what the source has found to have happened since its last sample.
    pub(super) fn happened(&mut self, what: What) {
        self.events.push(what);
    }

    /// Makes it empty, for the next sample. The notes are taken from it each time.
    pub(super) fn clear(&mut self) {
        self.readings.clear();
    }

    /// The notes.
    pub(super) fn take_events(&mut self) -> impl Iterator<Item = What> {
        self.events.drain(..)
    }

    /// Everything that was put in: metrics, values, and high-water marks.
    pub(super) fn readings(&self) -> impl Iterator<Item = (&'static Metric, u64, Option<u64>)> {
        self.readings.iter().map(|reading| (reading.metric, reading.value, reading.peak))
    }

    /// By how much a count has grown since the sample before, if it has.
    pub(super) fn growth(&self, metric: &'static Metric, before: &Latest) -> Option<u64> {
        let (value, _) = self.get(metric)?;
        value.checked_sub(before.get(metric)).filter(|&growth| growth > 0)
    }

    /// The value of a metric and its high-water mark, if this sample has them.
    pub(super) fn get(&self, metric: &'static Metric) -> Option<(u64, Option<u64>)> {
        let reading = self.readings.iter().find(|reading| std::ptr::eq(reading.metric, metric))?;
        Some((reading.value, reading.peak))
    }
}

/// What the sources are opened for.
pub(super) struct Target<'a> {
    /// The run.
    pub(super) running: &'a Running,
    /// The process of the run, if it ran already.
    pub(super) attached: Option<i32>,
    /// The control groups whose limits hold for it, the innermost first: its own, if it has one, and those around it.
    pub(super) groups: Vec<Group>,
    /// Files on a disk that the user has named.
    pub(super) files: &'a [PathBuf],
    /// The processes that belong to the run, in words.
    pub(super) members: &'static str,
    /// Whether the high-water marks of processes are reset.
    pub(super) resets_marks: bool,
}

/// What the sources know at the end of a run.
#[derive(Debug)]
pub(super) struct Conclusion {
    /// What they saw of the causes of the end.
    pub(super) evidence: Vec<Evidence>,
    /// How often the kernel's OOM killer struck.
    pub(super) oom: OomKills,
    /// Peaks that the kernel kept for the whole run, by metric.
    pub(super) peaks: BTreeMap<String, u64>,
    /// The largest open files in memory, at the moment when all of them took most.
    pub(super) open_memory_files: Vec<OpenMemoryFile>,
    /// The folders of the run's own shared memory, at the moment when all their files took most.
    pub(super) shared_folders: Vec<SharedFolder>,
    /// The run's segments of System V shared memory, at the moment when all of them took most.
    pub(super) sysv_segments: Vec<SysvSegment>,
    /// The limits of the processes, and how near they came.
    pub(super) rlimits: Vec<Rlimit>,
}

impl Default for Conclusion {
    fn default() -> Self {
        Conclusion {
            evidence: Vec::new(),
            oom: OomKills::Unknown("the run has no control group".into()),
            peaks: BTreeMap::new(),
            open_memory_files: Vec::new(),
            shared_folders: Vec::new(),
            sysv_segments: Vec::new(),
            rlimits: Vec::new(),
        }
    }
}
