//! The control group of one run: its limit, the files with its numbers, and its end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use labkit::sys;
use nix::libc::SIGKILL;
use serde::{Deserialize, Serialize};

use super::version::Version;

/// What bounds the group of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// The memory that it may use at most, in bytes, with no swap; `None` for all that the machine has.
    pub(crate) memory: Option<u64>,
    /// Whether the OOM killer ends the whole run, or as elsewhere one process of it. Version 1 has
    /// the latter alone.
    pub(crate) kills_all: bool,
}

/// The control group of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// The version of the hierarchy.
    pub(crate) version: Version,
    /// Its folder.
    pub(crate) path: PathBuf,
}

/// The most that's charged in one step, in bytes.
const HUGE_PAGE: u64 = 2 << 20;

impl Group {
    pub(super) fn bound(&self, bounds: Bounds) -> Result<()> {
        let usage = self.usage_file();
        File::open(&usage).with_context(|| usage.display().to_string())?;
        let Some(bytes) = bounds.memory else { return Ok(()) };
        let write = |name: &str, text: &str| fs::write(self.path.join(name), text);
        let limit = self.limit_file();
        fs::write(&limit, bytes.to_string()).with_context(|| limit.display().to_string())?;
        match self.version {
            Version::V1 => {
                let _ = write("memory.swappiness", "0");
                // Absent where the kernel doesn't account swap; then there is none to forbid. A huge page more, so
                // that the limit without swap is reached first: newer kernels count failures at that one alone.
                let _ = write("memory.memsw.limit_in_bytes", &bytes.saturating_add(HUGE_PAGE).to_string());
            }
            Version::V2 => {
                let _ = write("memory.swap.max", "0");
                if bounds.kills_all {
                    let _ = write("memory.oom.group", "1");
                }
            }
        }
        Ok(())
    }

    /// The file whose number is the memory that the group may use, in bytes; `max` for no limit.
    pub(super) fn limit_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.limit_in_bytes",
            Version::V2 => "memory.max",
        })
    }

    /// The file whose number is all memory charged to the group, in bytes.
    pub(crate) fn usage_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.usage_in_bytes",
            Version::V2 => "memory.current",
        })
    }

    /// The file whose number is the highest usage so far, in bytes; version 2 has it since Linux 5.19.
    pub(crate) fn peak_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.max_usage_in_bytes",
            Version::V2 => "memory.peak",
        })
    }

    /// The file that names the processes of the group.
    pub(crate) fn procs_file(&self) -> PathBuf {
        self.path.join("cgroup.procs")
    }

    /// How often the kernel's OOM killer has struck in the group, and the file that says so.
    ///
    /// # Errors
    ///
    /// The file's: then nobody knows.
    pub(crate) fn oom_kills(&self) -> (String, io::Result<u64>) {
        let name = match self.version {
            Version::V1 => "memory.oom_control",
            Version::V2 => "memory.events",
        };
        (format!("{name} oom_kill"), self.counted(name, "oom_kill"))
    }

    /// A count in one of its files of them.
    pub(super) fn counted(&self, file: &str, event: &str) -> io::Result<u64> {
        let text = fs::read_to_string(self.path.join(file))?;
        text.lines()
            .find_map(|line| line.strip_prefix(event)?.strip_prefix(' ')?.parse().ok())
            .ok_or_else(|| io::Error::other(format!("it has no line {event}")))
    }

    /// The file whose number is the kernel's own memory that is charged to the group, in bytes; `None`
    /// if it is in `memory.stat`.
    pub(crate) fn kernel_file(&self) -> Option<PathBuf> {
        (self.version == Version::V1).then(|| self.path.join("memory.kmem.usage_in_bytes"))
    }
}

/// The processes of a group; 0 for one of another pid namespace.
pub(super) fn pids(group: &Path) -> Vec<i32> {
    let procs = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    procs.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Kills everything in a group and in those below, and removes them all. A dying process holds its group for a
/// moment, and a program of many GiB takes one to die. Returns whether it is gone.
pub(in super::super) fn remove(group: &Path, patience: Duration) -> bool {
    until_gone(group, patience, |one| {
        // Since Linux 5.14 in version 2, and safe against forks that race.
        if fs::write(one.join("cgroup.kill"), "1").is_err() {
            for pid in pids(one).into_iter().filter(|pid| *pid > 0) {
                let _ = sys::send_signal(pid, SIGKILL);
            }
        }
    })
}

/// Lets whatever is in a group, and in those below, go on in the group `home`, and removes them all.
/// Returns whether it is gone.
pub(in super::super) fn give_back(group: &Path, home: &Path, patience: Duration) -> bool {
    until_gone(group, patience, |one| {
        for pid in pids(one) {
            // One that has ended meanwhile needs no group.
            let _ = fs::write(home.join("cgroup.procs"), pid.to_string());
        }
    })
}

fn until_gone(group: &Path, patience: Duration, empty: impl Fn(&Path)) -> bool {
    let begin = Instant::now();
    loop {
        for one in with_all_below(group) {
            if fs::remove_dir(&one).is_err() {
                empty(&one);
                let _ = fs::remove_dir(&one);
            }
        }
        if !group.exists() {
            return true;
        }
        if begin.elapsed() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A group and all below it, the lowest first.
fn with_all_below(group: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut all: Vec<PathBuf> = folders.flat_map(|entry| with_all_below(&entry.path())).collect();
    all.push(group.to_owned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_below_are_removed_before_those_above() {
        let top = tempfile::tempdir().unwrap();
        let group = top.path().join("run");
        fs::create_dir_all(group.join("nested/deep")).unwrap();
        assert_eq!(with_all_below(&group), [group.join("nested/deep"), group.join("nested"), group.clone()]);
        assert!(remove(&group, Duration::ZERO));
    }

    #[test]
    fn what_can_not_be_removed_is_not_waited_for() {
        let top = tempfile::tempdir().unwrap();
        fs::write(top.path().join("file"), "").unwrap();
        assert!(!remove(top.path(), Duration::ZERO));
    }
}
