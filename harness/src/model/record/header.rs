//! The first line of a record.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Place;

/// What ran, where, and how it was confined and measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format.
    pub(crate) schema: u32,
    /// The version of `lab` that wrote it.
    pub lab: String,
    /// When the run began, in UTC, as in RFC 3339.
    pub started: String,
    /// The slug of the scenario; empty if any other command was recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scenario: String,
    /// The name of the variant, or of the command.
    pub variant: String,
    /// What the variant does, as its scenario.toml says; or the command line.
    pub title: String,
    /// The command, if it isn't a scenario's.
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
    pub(crate) seed: u64,
    /// The sampling interval, in microseconds; 5000 if the record doesn't say.
    #[serde(default = "five_milliseconds", alias = "beat")]
    pub interval: u64,
    /// The machine, as a list of names and values.
    pub machine: BTreeMap<String, String>,
    /// Where each metric was read from. A metric that isn't here wasn't available.
    pub metrics: BTreeMap<String, String>,
    /// Where the high-water marks of a metric were read from, for the metrics that have any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub peaks: BTreeMap<String, String>,
    /// The control group around the run that has the lowest limit, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enclosing: Option<EnclosingGroup>,
    /// The language and the libraries with their versions, if it isn't one of our programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<BTreeMap<String, String>>,
    /// Where a command was recorded among the hosts and ranks of a job, and when by the clocks of its host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether it stands in for a run that this machine can't do. No file says so.
    #[serde(skip)]
    pub(crate) stands_in: bool,
}

/// A command that isn't a scenario's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its words, the program first.
    pub(crate) words: Vec<String>,
    /// The folder that it was started in.
    pub folder: String,
    /// What the user had to say about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// The process, if it was running before it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attached: Option<i32>,
}

/// A control group that others have made, and whose limit holds for the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnclosingGroup {
    /// Its folder.
    pub path: String,
    /// The memory that all its processes may use together, in bytes.
    pub limit: u64,
    /// What they used when the run began, in bytes.
    pub current: u64,
}

/// The bounds of a run's sandbox. What isn't here has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct Limits {
    /// The size of the tmpfs, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tmpfs: Option<u64>,
    /// How many inodes the tmpfs has, that of its own folder among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tmpfs_inodes: Option<u64>,
    /// The most memory that the run may use, tmpfs included, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// The most processes and threads that the run may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u64>,
    /// The deadline, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// For how long the run may make no progress before it counts as hanging, in milliseconds; without it
    /// only the deadline ends a hang.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) no_progress_ms: Option<u64>,
    /// For how long the program may announce neither a phase nor a task, however busy it is, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silent_ms: Option<u64>,
}

/// The bounds as a record has them: older ones have the deadline in whole seconds.
#[derive(Deserialize)]
struct Written {
    tmpfs: Option<u64>,
    tmpfs_inodes: Option<u64>,
    memory: Option<u64>,
    processes: Option<u64>,
    deadline_ms: Option<u64>,
    seconds: Option<u64>,
    #[serde(alias = "still_ms")]
    no_progress_ms: Option<u64>,
    silent_ms: Option<u64>,
}

impl From<Written> for Limits {
    fn from(written: Written) -> Self {
        let Written {
            tmpfs,
            tmpfs_inodes,
            memory,
            processes,
            deadline_ms,
            seconds,
            no_progress_ms,
            silent_ms,
        } = written;
        let deadline_ms = deadline_ms.or(seconds.map(|seconds| seconds.saturating_mul(1000)));
        Limits { tmpfs, tmpfs_inodes, memory, processes, deadline_ms, no_progress_ms, silent_ms }
    }
}

impl Header {
    /// The name of the run in a picture or table: that of its variant, with the language where it isn't ours, and
    /// with the machine where it isn't this one.
    pub fn name(&self) -> String {
        let name = match self.peer {
            Some(_) => format!("Python's {}", self.variant),
            None => self.variant.clone(),
        };
        if self.stands_in { format!("{name} (reference)") } else { name }
    }
}

fn five_milliseconds() -> u64 {
    5000
}
