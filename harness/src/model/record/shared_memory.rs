//! Facts about memory that's in no process's own pages: files that live in memory, and segments of System V.

use serde::{Deserialize, Serialize};

/// A file that lives in memory, and the processes that keep it there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMemoryFile {
    /// Its path, as the first of its holders knows it; ` (deleted)` follows where no folder names it any
    /// more, and `/memfd:` begins the name of one that was never in a folder (proc_pid_fd(5)).
    pub name: String,
    /// The memory that it takes, in bytes.
    pub bytes: u64,
    /// Whether these are the bytes that are mapped of it, since the file itself couldn't be looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_mapped_length: bool,
    /// The processes that hold it open.
    pub holders: Vec<i32>,
    /// The processes that map it and don't hold it open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mapped_by: Vec<i32>,
    /// The filesystem that it is on (st_dev of stat(2)).
    pub(crate) device: u64,
    /// Its number there (st_ino of stat(2)); 0 in older records.
    #[serde(default)]
    pub(crate) inode: u64,
}

/// The files of one folder of the run's own shared memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFolder {
    /// Its path below the run's shared memory; empty for the shared memory itself.
    pub folder: String,
    /// How many files are right in it.
    pub files: u64,
    /// The memory that they take, in bytes.
    pub bytes: u64,
    /// The largest of them, in bytes.
    pub largest: u64,
    /// The median of them, in bytes.
    pub typical: u64,
    /// When the first of them was last written to, in microseconds; 0 also for what is older than the run.
    pub oldest: u64,
    /// When the last of them was last written to, in microseconds.
    pub newest: u64,
    /// The processes that have made them, as far as that can be known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub makers: Vec<Maker>,
    /// How many of the files have a maker that isn't known.
    #[serde(default)]
    pub of_unknown_makers: u64,
}

/// A process that is taken for the maker of files: its number is in their names, or it has them open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// Its number, as `lab` sees it.
    pub pid: i32,
    /// How many of the files are its.
    pub files: u64,
    /// Whether it lived at that moment.
    pub is_alive: bool,
}

/// A segment of System V shared memory (sysvipc(7)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SysvSegment {
    /// Its number, as ipcs(1) shows it.
    pub id: u64,
    /// Its size, in bytes.
    pub bytes: u64,
    /// The memory that it takes, in bytes.
    pub resident: u64,
    /// How many processes have it attached.
    pub attached: u64,
    /// The process that has made it.
    pub creator: i32,
    /// Whether that one lived at that moment.
    pub creator_is_alive: bool,
}
