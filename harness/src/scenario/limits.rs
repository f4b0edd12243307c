//! The limits of a scenario's sandbox.

use std::num::NonZeroU64;

use serde::Deserialize;

use super::amount::{Amount, AmountText, CountText};
use super::flaw::Flaw;
use super::names::Names;

/// The limits of a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// The size of the tmpfs.
    pub(crate) tmpfs: Amount,
    /// How many files, folders and links it has inodes for, its own folder among them; `None` for the kernel's number.
    pub(crate) tmpfs_inodes: Option<Amount>,
    /// The limit of memory, tmpfs included.
    pub memory: Amount,
    /// About how many processes and threads it has at a time; `None` if no size says so.
    pub(crate) processes: Option<Amount>,
    /// The deadline, in seconds.
    pub(crate) seconds: u64,
    /// After how many milliseconds without any progress a run is taken to hang.
    pub(crate) no_progress_ms: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsText {
    tmpfs: AmountText,
    memory: AmountText,
    processes: Option<CountText>,
    #[serde(default = "deadline")]
    seconds: NonZeroU64,
}

impl LimitsText {
    pub(super) fn check(&self, names: &Names) -> Result<Limits, Flaw> {
        let LimitsText { tmpfs, memory, processes, seconds } = self;
        let (tmpfs, memory) = (tmpfs.check(names)?, memory.check(names)?);
        let processes = processes.as_ref().map(|processes| processes.check(names)).transpose()?;
        let seconds = seconds.get();
        Ok(Limits { tmpfs, tmpfs_inodes: None, memory, processes, seconds, no_progress_ms: None })
    }
}

/// The limits that a variant states itself.
pub(super) struct OwnLimits {
    pub(super) tmpfs: Option<AmountText>,
    pub(super) tmpfs_inodes: Option<CountText>,
    pub(super) memory: Option<AmountText>,
    pub(super) seconds: Option<NonZeroU64>,
    pub(super) no_progress_ms: Option<NonZeroU64>,
}

impl OwnLimits {
    /// These, and `others` for those that aren't stated.
    pub(super) fn or(self, others: &Limits, names: &Names) -> Result<Limits, Flaw> {
        let limit = |text: Option<AmountText>, other: &Amount| {
            text.map_or_else(|| Ok(other.clone()), |text| text.check(names))
        };
        Ok(Limits {
            tmpfs: limit(self.tmpfs, &others.tmpfs)?,
            tmpfs_inodes: match self.tmpfs_inodes {
                Some(text) => Some(text.check(names)?),
                None => others.tmpfs_inodes.clone(),
            },
            memory: limit(self.memory, &others.memory)?,
            processes: others.processes.clone(),
            seconds: self.seconds.map_or(others.seconds, NonZeroU64::get),
            no_progress_ms: self.no_progress_ms.map(NonZeroU64::get).or(others.no_progress_ms),
        })
    }
}

fn deadline() -> NonZeroU64 {
    NonZeroU64::new(120).expect("120 is not zero")
}
