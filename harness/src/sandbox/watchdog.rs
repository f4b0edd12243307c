//! The last line of defence, always on: ends a run that exceeds its budget or starves the host.
//!
//! With a control group it should never have to act; without one it's the only limit. Its kills are labelled as its
//! own, never as the kernel's.

use procfs::{Current, Meminfo};

use crate::model::record::Limits;

/// The part of the machine's memory that a run must leave available: one twentieth.
const FLOOR: u64 = 20;

/// The bounds that the watchdog watches.
#[derive(Debug)]
pub(crate) struct Watchdog {
    budget: u64,
    processes: u64,
    floor: u64,
}

/// What a run takes, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Use {
    /// Files in memory: those in its own shared memory, others that its processes hold open, and segments of System V.
    pub(crate) files: u64,
    /// Anonymous memory of its processes.
    pub(crate) anon: u64,
    /// Shared memory that its processes map, whether it is in such files or not.
    pub(crate) mapped: u64,
}

impl Use {
    /// All of it. Most files are mapped too, so of these two only the larger one counts.
    fn total(self) -> u64 {
        self.anon + self.files.max(self.mapped)
    }
}

/// Why a run must end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// In words.
    pub(crate) why: String,
    /// What the run takes, in bytes, if it ends because that is more than it may.
    pub(crate) taken: Option<u64>,
}

impl From<String> for Reason {
    fn from(why: String) -> Self {
        Reason { why, taken: None }
    }
}

impl Watchdog {
    /// The watchdog of a run with these limits; `None` if neither its memory nor its processes have any.
    pub(crate) fn of(limits: &Limits) -> Option<Self> {
        let total = Meminfo::current().map_or(0, |info| info.mem_total);
        let (memory, processes) = (limits.memory, limits.processes);
        (memory.is_some() || processes.is_some()).then(|| Watchdog {
            budget: memory.unwrap_or(u64::MAX),
            processes: processes.unwrap_or(u64::MAX),
            floor: total / FLOOR,
        })
    }

    /// Whether the run takes too much, with the reason.
    ///
    /// `sums` count a page that several processes share once for each, so they only raise a suspicion; the
    /// expensive `proportional` sums, which count it once, confirm it or not. These are `None` if the kernel's
    /// own limit is so near that it is left to that.
    pub(crate) fn too_much(&self, sums: Use, proportional: impl FnOnce() -> Option<Use>) -> Option<Reason> {
        if sums.total() <= self.budget {
            return None;
        }
        let used = proportional()?.total();
        let why = || format!("{} MiB in use, {} MiB allowed", used >> 20, self.budget >> 20);
        (used > self.budget).then(|| Reason { why: why(), taken: Some(used) })
    }

    /// Whether the run has become too many processes, with the reason in words.
    pub(crate) fn too_many(&self, processes: u64) -> Option<String> {
        (processes > self.processes).then(|| format!("{processes} processes, {} are allowed", self.processes))
    }

    /// Whether the machine is about to run out of memory, with the reason in words; `available` is what
    /// it has available, in bytes.
    pub(crate) fn host_starves(&self, available: u64) -> Option<String> {
        (available < self.floor).then(|| {
            format!(
                "only {} MiB are available on this machine, {} MiB are the least",
                available >> 20,
                self.floor >> 20
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn watchdog(memory: u64) -> Watchdog {
        Watchdog::of(&Limits { memory: Some(memory), ..Limits::default() }).expect("it has a limit")
    }

    fn used(files: u64, anon: u64) -> Use {
        Use { files: files * MIB, anon: anon * MIB, mapped: 0 }
    }

    #[test]
    fn shared_memory_alone_can_be_too_much() {
        let of = |files| watchdog(100 * MIB).too_much(used(files, 0), || Some(used(files, 0)));
        let why = "101 MiB in use, 100 MiB allowed".to_owned();
        assert_eq!((of(100), of(101)), (None, Some(Reason { why, taken: Some(101 * MIB) })));
    }

    #[test]
    fn shared_memory_that_is_only_mapped_counts_and_counts_once_if_it_is_also_a_file() {
        let of = |files, mapped| {
            let sums = Use { files: files * MIB, anon: 0, mapped: mapped * MIB };
            watchdog(100 * MIB).too_much(sums, || Some(sums)).is_some()
        };
        assert_eq!((of(0, 101), of(60, 60), of(101, 0)), (true, false, true));
    }

    #[test]
    fn pages_that_forks_share_are_counted_once_before_a_run_is_ended() {
        // Five processes share 90 MiB.
        assert_eq!(watchdog(100 * MIB).too_much(used(0, 450), || Some(used(0, 90))), None);
        assert!(watchdog(100 * MIB).too_much(used(20, 450), || Some(used(20, 90))).is_some());
    }

    #[test]
    fn a_run_may_have_its_processes_and_not_one_more() {
        let watchdog = Watchdog::of(&Limits { processes: Some(10), ..Limits::default() }).unwrap();
        assert_eq!(
            (watchdog.too_many(10), watchdog.too_much(used(1 << 30, 0), || Some(used(0, 0)))),
            (None, None)
        );
        assert_eq!(watchdog.too_many(11).unwrap(), "11 processes, 10 are allowed");
    }

    #[test]
    fn the_expensive_walk_is_only_taken_on_suspicion() {
        assert_eq!(watchdog(100 * MIB).too_much(used(50, 50), || panic!("walked")), None);
    }
}
