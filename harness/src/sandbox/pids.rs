//! Limits how many processes and threads a run may have, to stop one that forks without end.
//!
//! The kernel's pids controller counts both (Documentation/admin-guide/cgroup-v1/pids.rst, and "PID" in
//! cgroup-v2.rst): one too many gets EAGAIN from fork(2), and nobody is killed. As a backup, or alone without the
//! controller, lab's watchdog counts the processes and ends the run.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{AccessFlags, access, geteuid};
use serde::{Deserialize, Serialize};

use super::cgroup::{self, CgroupParent, Group};
use super::ownership::{Kind, Registry};
use crate::model::outcome::Evidence;
use crate::name::program;

/// What keeps the processes of a run from becoming more than they may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PidLimit {
    /// The pids controller of version 2, in the control group that the run has anyway.
    Group,
    /// The pids controller of version 1, in a group of the run's own below this folder.
    Below(PathBuf),
    /// The bound of setrlimit(2), which counts all that the user has.
    Rlimit,
    /// Only lab's watchdog.
    Watchdog,
}

impl PidLimit {
    /// The best that this machine has for a run with its control group in this place.
    pub(crate) fn find(place: Option<&CgroupParent>) -> Self {
        if place.is_some_and(CgroupParent::counts_processes) {
            return PidLimit::Group;
        }
        if let Some(parent) = hierarchy().filter(|parent| access(parent, AccessFlags::W_OK).is_ok()) {
            return PidLimit::Below(parent);
        }
        // It doesn't bind root (getrlimit(2)).
        if geteuid().is_root() { PidLimit::Watchdog } else { PidLimit::Rlimit }
    }

    /// Bounds the group that the run has anyway, or makes it one that is bounded. Returns its folder.
    pub(super) fn make(
        &self,
        most: u64,
        group: Option<&Group>,
        registry: &mut Registry,
    ) -> Result<Option<PathBuf>> {
        let folder = match (self, group) {
            (PidLimit::Group, Some(group)) => group.path.clone(),
            (PidLimit::Below(parent), _) => registry.make(parent, Kind::Group)?,
            _ => return Ok(None),
        };
        let file = folder.join("pids.max");
        fs::write(&file, most.to_string()).with_context(|| file.display().to_string())?;
        Ok(Some(folder))
    }

    /// The file that lets a process into the group, if it isn't the one that the run has anyway.
    pub(super) fn procs_file(&self, folder: &Path) -> Option<PathBuf> {
        matches!(self, PidLimit::Below(_)).then(|| folder.join("cgroup.procs"))
    }

    /// Limits the calling process and its children, if nothing better is available.
    pub(super) fn bound_self(&self, most: u64) {
        if *self == PidLimit::Rlimit {
            // The user's other processes must not count, and nobody knows how many there are. There are at most as
            // many as on the whole machine; and lab's watchdog knows which belong to the run.
            let most = most + tasks();
            let _ = setrlimit(Resource::RLIMIT_NPROC, most, most);
        }
    }
}

impl fmt::Display for PidLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PidLimit::Group => f.write_str("the pids controller of cgroup v2"),
            PidLimit::Below(_) => f.write_str("the pids controller of cgroup v1"),
            PidLimit::Rlimit => {
                write!(f, "RLIMIT_NPROC, which counts others too, and {}'s watchdog", program())
            }
            PidLimit::Watchdog => {
                write!(f, "{}'s watchdog alone, since RLIMIT_NPROC doesn't bind root", program())
            }
        }
    }
}

/// Whether a fork was refused in the group of this folder.
pub(crate) fn evidence(folder: &Path) -> Evidence {
    let source = "pids.events max";
    match fs::read_to_string(folder.join("pids.events")) {
        Err(error) => Evidence::could_not_look(source, error.to_string()),
        Ok(text) => match refusals(&text) {
            None => Evidence::could_not_look(source, "it has no line max".into()),
            Some(0) => Evidence::did_not_fire(source),
            Some(count) => Evidence::fired(source, format!("{count} forks were refused")),
        },
    }
}

/// The group of this process in the hierarchy that version 1 has for the pids controller.
fn hierarchy() -> Option<PathBuf> {
    cgroup::own_in_version_1("pids")
}

/// The number in the line `max` of a `pids.events`.
fn refusals(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("max ")?.trim().parse().ok())
}

/// How many processes and threads the whole machine has: the number after the slash in /proc/loadavg.
fn tasks() -> u64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_once('/').and_then(|(_, rest)| rest.split(' ').next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refusals_are_read_in_both_versions() {
        assert_eq!(refusals("max 7\n"), Some(7));
        // Linux 6.11 has added another line.
        assert_eq!(refusals("max 0\nmax.imposed 3\n"), Some(0));
        assert_eq!(refusals(""), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(max [0-9]*\n|.*\n)*") {
            let _ = refusals(&text);
        }
    }
}
