//! Where a command was recorded among the machines and ranks of a job, and when by two clocks.

use serde::{Deserialize, Serialize};

/// The host and its clocks, and what the launcher says of the job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The name of the host.
    pub host: String,
    /// The boot of its kernel: all records of one boot have one monotonic clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    /// The wall clock at time 0 of the record, in nanoseconds since 1970.
    pub wall_ns: u64,
    /// The monotonic clock at the same moment, in nanoseconds.
    pub monotonic_ns: u64,
    /// The job, as its scheduler calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The step of the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The node, as the scheduler calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The number of this process among those that were started together, from 0 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u64>,
    /// How many were started together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranks: Option<u64>,
    /// The task of an array of jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub array_task: Option<u64>,
}

impl Place {
    /// Whether others may have been started together with this one.
    pub(crate) fn is_one_of_several(&self) -> bool {
        // A launcher that numbers what it starts and doesn't say how many there are may have started more.
        self.rank.is_some() && self.ranks.is_none_or(|ranks| ranks > 1)
    }

    /// Whether a scheduler or a launcher of ranks has started it.
    pub(crate) fn is_of_a_job(&self) -> bool {
        self.job.is_some() || self.rank.is_some()
    }

    /// The node: what the scheduler calls it, or the name of the host.
    pub(crate) fn node(&self) -> &str {
        self.node.as_deref().unwrap_or(&self.host)
    }
}
