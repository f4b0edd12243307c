//! Where a run gets its control group: below the one that `lab` was started in, so every limit around `lab` also
//! applies to the run.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use procfs::process::Process;
use serde::{Deserialize, Serialize};

use super::super::kin;
use super::super::ownership::{Kind, Registry};
use super::super::spec::Mode;
use super::group::{Bounds, Group, give_back, pids};
use super::version::{MEMORY, Version, own_groups};
use crate::name::program;

/// The control group that `lab` was started in, as a place for those of its runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CgroupParent {
    /// The version of the hierarchy.
    pub(crate) version: Version,
    /// Its folder.
    pub(crate) home: PathBuf,
}

/// What version 2 has to switch on for the groups below, and the file that does so.
const CONTROLLERS: [&str; 3] = ["memory", "pids", "hugetlb"];
const SUBTREE: &str = "cgroup.subtree_control";

impl CgroupParent {
    /// The groups of this process in which one with a memory limit might be made.
    pub(in super::super) fn candidates() -> Result<Vec<Self>> {
        let me = Process::myself().context("/proc/self")?;
        let mut places = Vec::new();
        for mount in me.mountinfo().context("/proc/self/mountinfo")? {
            let home = own_groups(&me, &mount, MEMORY).into_iter().next();
            if let (Some(version), Some(home)) = (Version::of(&mount, MEMORY), home) {
                places.push(CgroupParent { version, home });
            }
        }
        Ok(places)
    }

    /// Whether it can also bound how many processes a run has.
    pub(in super::super) fn counts_processes(&self) -> bool {
        let controllers = fs::read_to_string(self.home.join("cgroup.controllers")).unwrap_or_default();
        self.version == Version::V2 && controllers.split_whitespace().any(|name| name == "pids")
    }

    /// Makes a fresh group with these bounds.
    ///
    /// # Errors
    ///
    /// The file that couldn't be made or written, or whose processes are in the way.
    pub(in super::super) fn make(
        &self,
        bounds: Bounds,
        mode: Mode,
        registry: &mut Registry,
    ) -> Result<Group> {
        let leaf = match self.version {
            Version::V1 => None,
            Version::V2 => self.make_room(registry)?,
        };
        let kind = match mode {
            Mode::Confined => Kind::Group,
            Mode::Watched => Kind::Lent(leaf.unwrap_or_else(|| self.home.clone()).into()),
        };
        let path = registry.make(&self.home, kind)?;
        let group = Group { version: self.version, path };
        group.bound(bounds)?;
        Ok(group)
    }

    /// Version 2 has no group with both processes and controllers below, but for the topmost: moves this
    /// process and its kin into a leaf. Returns it, if that was needed.
    fn make_room(&self, registry: &mut Registry) -> Result<Option<PathBuf>> {
        let is_topmost = !self.home.join("cgroup.type").exists();
        let own = pids(&self.home);
        if !is_topmost && own.is_empty() {
            // Room was made already, for the run of another: at its end, nothing is counted here any more.
            bail!("another {} has just moved this one out of {}", program(), self.home.display());
        }
        let mut leaf = None;
        if !is_topmost {
            kin::all_in(&self.home, &own)?;
            let made = registry.make(&self.home, Kind::Leaf)?;
            move_all(&self.home, &made)?;
            leaf = Some(made);
        }
        for controller in CONTROLLERS {
            // Which of them are there shows below, as a missing memory.max or pids.max.
            let _ = fs::write(self.home.join(SUBTREE), format!("+{controller}"));
        }
        Ok(leaf)
    }
}

impl fmt::Display for CgroupParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.version {
            Version::V1 => "cgroup v1",
            Version::V2 => "cgroup v2",
        })
    }
}

/// How often a group is read again while its processes make new ones.
const MOVES: u32 = 100;

fn move_all(from: &Path, to: &Path) -> Result<()> {
    for _ in 0..MOVES {
        let found = pids(from);
        if found.is_empty() {
            return Ok(());
        }
        for pid in found {
            match fs::write(to.join("cgroup.procs"), pid.to_string()) {
                // It has ended meanwhile.
                Err(error) if error.raw_os_error() == Some(nix::libc::ESRCH) => {}
                done => done.with_context(|| format!("moving process {pid} to {}", to.display()))?,
            }
        }
    }
    bail!("{} doesn't become empty", from.display())
}

/// Undoes what made room for a run: whatever is in the leaf goes on in the group above. Returns whether the
/// leaf is gone.
pub(in super::super) fn leave(leaf: &Path, patience: Duration) -> bool {
    let Some(home) = leaf.parent() else { return false };
    // There were processes, so nothing of this was switched on before.
    for controller in CONTROLLERS {
        let _ = fs::write(home.join(SUBTREE), format!("-{controller}"));
    }
    give_back(leaf, home, patience)
}
