//! Processes of a run that its control group doesn't list: they're in groups below it, or in others, whose memory its
//! total lacks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use procfs::process::Process;

use crate::model::outcome::Evidence;
use crate::sandbox::cgroup::{Group, Hierarchies};
use crate::sandbox::processes::has_ended;

/// Where those processes are.
pub(super) struct Outside {
    group: Group,
    hierarchies: Hierarchies,
    processes: BTreeMap<i32, Place>,
    /// The first of those that have moved to other groups, and how many there were.
    first: Option<(i32, PathBuf)>,
    count: usize,
}

/// Where one process was at the last look.
#[derive(Default)]
struct Place {
    looks: u32,
    is_outside: bool,
    is_counted: bool,
}

/// A process is looked at in its first two looks, and then each so many.
const AGAIN: u32 = 20;

impl Outside {
    /// For the run that has this group.
    pub(super) fn of(group: &Group) -> Self {
        let hierarchies = Hierarchies::find();
        Outside { group: group.clone(), hierarchies, processes: BTreeMap::new(), first: None, count: 0 }
    }

    /// Looks at all processes that the group doesn't list now. They are in order.
    pub(super) fn look(&mut self, pids: &[i32]) {
        self.processes.retain(|pid, _| pids.binary_search(pid).is_ok());
        for &pid in pids {
            let place = self.processes.entry(pid).or_default();
            let is_due = place.looks < 2 || place.looks.is_multiple_of(AGAIN);
            place.looks += 1;
            if !is_due {
                continue;
            }
            let groups = |process| self.hierarchies.groups_of(&process).into_iter().next();
            let Some(own) = Process::new(pid).ok().and_then(groups) else { continue };
            let is_outside = !own.path.starts_with(&self.group.path);
            // One that is about to be started isn't in the group yet, so it takes two looks.
            let was_outside = std::mem::replace(&mut place.is_outside, is_outside);
            // And one that has ended is in none any more.
            if is_outside && was_outside && !place.is_counted && !has_ended(pid) {
                place.is_counted = true;
                self.count += 1;
                self.first.get_or_insert((pid, own.path));
            }
        }
    }

    /// The memory missing from the total of the run's group.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let (pid, group) = self.first.as_ref()?;
        let (count, group) = (self.count, group.display());
        let detail = format!("{count}, such as {pid} in {group}; the group's total is without their memory");
        Some(Evidence::fired("processes that moved to other control groups", detail))
    }
}
