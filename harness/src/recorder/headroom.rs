//! How much memory a run has left, and whether that's enough to read its page tables without doing harm.
//!
//! Reading page tables holds on to the address space of a process until it's over. If the kernel's OOM killer strikes
//! that process meanwhile, the process ends, but its memory isn't given back. The control group is still at its
//! limit, no victim is left to wait for, and the killer takes the next process.

use procfs::{Current, Meminfo};

use super::procfile::{self, ProcFile};
use crate::model::outcome::Evidence;
use crate::sandbox::cgroup::{Group, Stat};

/// The limits that hold for a run, and how often a walk was left out because one of them was near.
pub(super) struct Headroom {
    groups: Vec<Limited>,
    machine: Option<Machine>,
    left_out: u64,
}

/// What the program does while it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// It goes on.
    Running,
    /// It waits at a mark.
    AtMark,
}

/// A group with a limit.
struct Limited {
    group: Group,
    limit: u64,
    usage: ProcFile,
    stat: Option<ProcFile>,
}

/// The machine itself.
struct Machine {
    meminfo: ProcFile,
    total: u64,
}

/// Of the limit of a group, this part must be free while the program runs. A walk takes 24 ms for a GiB, and who
/// fills memory with all processors, some GiB in a second.
const OF_GROUP: u64 = 4;

/// Of the machine's memory, this part must be available.
const OF_MACHINE: u64 = 16;

/// A program that waits at a mark fills nothing; other processes of the run may.
const AT_MARK: u64 = 8;

impl Headroom {
    /// The headroom of a run that these groups bound.
    pub(super) fn below(groups: Vec<Group>) -> Self {
        let limited = |group: Group| {
            let (limit, usage) = (group.limit()?, ProcFile::open(group.usage_file())?);
            Some(Limited { stat: ProcFile::open(group.path.join("memory.stat")), limit, usage, group })
        };
        let machine = || {
            let total = Meminfo::current().ok()?.mem_total;
            Some(Machine { meminfo: ProcFile::open("/proc/meminfo")?, total })
        };
        Headroom { groups: groups.into_iter().filter_map(limited).collect(), machine: machine(), left_out: 0 }
    }

    /// Whether enough is left for a walk.
    pub(super) fn allows_walk(&self, moment: Moment) -> bool {
        let part = |part: u64| if moment == Moment::AtMark { part * AT_MARK } else { part };
        self.groups.iter().all(|group| group.has_left(group.limit / part(OF_GROUP)))
            && self.machine.as_ref().is_none_or(|machine| machine.has_left(machine.total / part(OF_MACHINE)))
    }

    /// Counts a walk that was left out.
    pub(super) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// What nobody has seen for that.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let why = format!(
            "left out {} times, since memory was near a limit: a walk could have changed whom the OOM killer takes",
            self.left_out
        );
        (self.left_out > 0).then(|| Evidence::could_not_look("walks over address spaces", why))
    }
}

impl Limited {
    /// Whether so much is left before the OOM killer strikes: page cache is taken back first.
    fn has_left(&self, least: u64) -> bool {
        let Some(usage) = self.usage.number() else { return true };
        let has_left = |used: u64| used.saturating_add(least) <= self.limit;
        let cache = || {
            let stat = self.stat.as_ref()?;
            stat.read(|text| Some(Stat::of(self.group.version, text).split().file))
        };
        has_left(usage) || has_left(usage.saturating_sub(cache().unwrap_or(0)))
    }
}

impl Machine {
    fn has_left(&self, least: u64) -> bool {
        let available = |text: &str| Some(procfile::lines(text, ["MemAvailable:"])[0] * 1024);
        self.meminfo.read(available).is_none_or(|available| available >= least)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::sandbox::cgroup::version::Version;

    /// Whether a walk is allowed, running and at a mark, in a group with a limit of 800 that uses so much.
    fn allowed(usage: u64, stat: &str) -> [bool; 2] {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("memory.max", "800\n");
        write("memory.current", &usage.to_string());
        write("memory.stat", stat);
        let group = Group { version: Version::V2, path: folder.path().to_owned() };
        let headroom = Headroom { machine: None, ..Headroom::below(vec![group]) };
        [Moment::Running, Moment::AtMark].map(|moment| headroom.allows_walk(moment))
    }

    #[test]
    fn a_walk_needs_a_quarter_of_the_limit_and_at_a_mark_a_little_of_it() {
        assert_eq!(allowed(600, ""), [true, true]);
        assert_eq!(allowed(601, ""), [false, true]);
        assert_eq!(allowed(775, ""), [false, true]);
        assert_eq!(allowed(776, ""), [false, false]);
    }

    #[test]
    fn page_cache_is_in_nobodys_way_and_shared_memory_is() {
        assert_eq!(allowed(800, "anon 400\nfile 400\nshmem 0\n"), [true, true]);
        assert_eq!(allowed(800, "anon 400\nfile 400\nshmem 300\n"), [false, true]);
    }

    #[test]
    fn what_was_left_out_is_said() {
        let mut headroom = Headroom::below(Vec::new());
        assert_eq!(headroom.evidence(), None);
        headroom.leave_out();
        assert!(headroom.evidence().is_some());
    }
}
