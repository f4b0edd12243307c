//! The groups around a process, which others have made: their limits apply to it.

use std::path::PathBuf;
use std::{fs, io};

use procfs::process::{MountInfo, Process};

use super::group::Group;
use super::version::{MEMORY, Version, own_groups};

/// The mounted hierarchies that have the memory controller, as this process sees them. To find them costs a
/// look at all mounts.
#[derive(Debug)]
pub(crate) struct Hierarchies(Vec<MountInfo>);

impl Hierarchies {
    pub(crate) fn find() -> Self {
        let mounts = Process::myself().and_then(|me| me.mountinfo()).map(|mounts| mounts.0);
        let has_it = |mount: &MountInfo| Version::of(mount, MEMORY).is_some();
        Hierarchies(mounts.unwrap_or_default().into_iter().filter(has_it).collect())
    }

    /// The memory groups that a process is in, the innermost first. Those above the top of this process's own
    /// view can't be seen.
    pub(crate) fn groups_of(&self, process: &Process) -> Vec<Group> {
        let of = |mount| {
            let version = Version::of(mount, MEMORY);
            let groups = own_groups(process, mount, MEMORY).into_iter();
            groups.filter_map(move |path| Some(Group { version: version?, path }))
        };
        self.0.iter().flat_map(of).collect()
    }
}

/// The memory groups whose limits hold for a run, the innermost first. That's its own, if it has one, and those
/// around it: this process's, or those of the process that the run is.
pub(crate) fn that_bound(own: Option<&Group>, attached: Option<i32>) -> Vec<Group> {
    let process = attached.map_or_else(Process::myself, Process::new);
    let mut groups = process.map(|process| Hierarchies::find().groups_of(&process)).unwrap_or_default();
    if let Some(own) = own {
        // Not the one that lab has moved itself to.
        groups.retain(|group| own.path.starts_with(&group.path) && group.path != own.path);
        groups.insert(0, own.clone());
    }
    groups
}

/// What the groups around this process leave to it, in bytes; `None` if none of them has a limit.
///
/// A container sees all of the host's memory in /proc/meminfo, but may not use it.
pub(crate) fn room() -> Option<u64> {
    let groups = that_bound(None, None);
    groups.iter().filter_map(|group| Some(group.limit()?.saturating_sub(number(group.usage_file())?))).min()
}

/// Version 1 writes no limit as the most pages that it can count.
const NO_LIMIT: u64 = 1 << 60;

impl Group {
    /// The memory that the group may use, in bytes; `None` if it has no limit, or none that can be read.
    pub(crate) fn limit(&self) -> Option<u64> {
        number(self.limit_file()).filter(|&limit| limit < NO_LIMIT)
    }

    /// How often the kernel's OOM killer has struck processes of this group, without the groups below, and
    /// where that is counted.
    ///
    /// # Errors
    ///
    /// The file's; of version 2, it is there since Linux 5.2.
    pub(crate) fn oom_kills_here(&self) -> (String, io::Result<u64>) {
        let name = match self.version {
            Version::V1 => "memory.oom_control",
            Version::V2 => "memory.events.local",
        };
        (format!("{name} oom_kill"), self.counted(name, "oom_kill"))
    }

    /// How often its own limit was in the way so far. Version 1 counts also if there was page cache to take back,
    /// version 2 (since Linux 5.2) only when nothing was left to take.
    pub(crate) fn limit_hits(&self) -> Option<u64> {
        match self.version {
            Version::V1 => number(self.path.join("memory.failcnt")),
            Version::V2 => self.counted("memory.events.local", "oom").ok(),
        }
    }
}

fn number(path: PathBuf) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}
