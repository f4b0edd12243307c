//! The last line of a record.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{OpenMemoryFile, Processes, Rlimit, SharedFolder, SysvSegment};
use crate::model::outcome::{Evidence, Outcome};

/// How the run ended, and what it took to record it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trailer {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// The evidence for that.
    pub evidence: Vec<Evidence>,
    /// The counts that the program stated.
    pub facts: BTreeMap<String, u64>,
    /// The facts that the program stated more than once. Only the last value of each is kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub restated: BTreeSet<String>,
    /// The source files that stated each fact, if the program says which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stated_by: BTreeMap<String, BTreeSet<String>>,
    /// Peaks that the kernel itself kept, in bytes, by metric: no sample can miss them.
    pub peaks: BTreeMap<String, u64>,
    /// What a shell would report of its end: the exit code, or 128 and the number of the signal. `None`
    /// where it didn't end by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<i32>,
    /// What the run had taken when lab's watchdog ended it, in bytes, if it did so because that was more than the run
    /// may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) taken: Option<u64>,
    /// The processes of the run, if the kernel reports each; `None` in records that are older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes: Option<Processes>,
    /// The largest files that lived in memory and that processes held open, at the moment when all of them
    /// took most; the largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "held")]
    pub open_memory_files: Vec<OpenMemoryFile>,
    /// The folders of the run's own shared memory, at the moment when all their files took most; the largest
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared_folders: Vec<SharedFolder>,
    /// The run's segments of System V shared memory, at the moment when all of them took most; the largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sysv_segments: Vec<SysvSegment>,
    /// The limits of setrlimit(2) that the processes had, and how near one of them came to each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rlimits: Vec<Rlimit>,
    /// Leftovers of a confined run without namespaces, in the machine's shared memory and among its IPC objects: the
    /// names of the first, and how many more there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<String>,
    /// What this record shows, by the rules of the program that wrote it: the JSON of `lab diagnose --json`, for readers
    /// without our rules. With them it can be judged again. `None` in older records and in runs of a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Value>,
    /// How many events, and marks, counts and facts of the program, were too many to be kept.
    #[serde(default, skip_serializing_if = "is_zero", alias = "unkept")]
    pub dropped: u64,
    /// From the program's start to its end, in microseconds.
    pub(crate) duration: u64,
    /// What the recorder took.
    pub cost: Cost,
    /// The end of what the program printed.
    pub output: String,
}

/// What the recorder took, and how well it kept its sampling interval.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// CPU time of the recorder, in microseconds.
    pub cpu: u64,
    /// Sampling times that were kept.
    #[serde(alias = "beats")]
    pub kept: u64,
    /// Of those, the ones that came more than a tenth of an interval late.
    pub late: u64,
    /// Sampling times that were skipped because the one before took too long.
    pub missed: u64,
    /// Sampling times that were left out because nothing moved.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spared: u64,
    /// Time in which the program may have had to wait for the recorder: walks over its page tables, its open
    /// files, the page cache; in microseconds.
    #[serde(alias = "walks")]
    pub expensive: u64,
    /// How late a sampling time was kept: the median and the 99th of a hundred, in microseconds.
    #[serde(default)]
    pub lateness: [u64; 2],
    /// How often each source was sampled, by name. A source that would have taken more than its part of
    /// the time was sampled less often.
    #[serde(default)]
    pub samples: BTreeMap<String, u64>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
