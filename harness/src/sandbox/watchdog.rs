//! The last line of defence, always on: ends a run that exceeds its budget or starves the host.
//!
//! Behind a control group it should never have to act; without one it is the only limit. What it
//! kills is labelled as its own, never as the kernel's.

use procfs::{Current, Meminfo};

use crate::model::record::Limits;

/// The part of the machine's memory that a run must leave available: one twentieth.
const FLOOR: u64 = 20;

/// The bounds that the watchdog watches.
#[derive(Debug)]
pub struct Watchdog {
    budget: u64,
    processes: u64,
    floor: u64,
}

impl Watchdog {
    /// The watchdog of a run with these limits; `None` where neither its memory nor its processes have any.
    pub fn of(limits: &Limits) -> Option<Self> {
        let total = Meminfo::current().map_or(0, |info| info.mem_total);
        let (memory, processes) = (limits.memory, limits.processes);
        (memory.is_some() || processes.is_some()).then(|| Watchdog {
            budget: memory.unwrap_or(u64::MAX),
            processes: processes.unwrap_or(u64::MAX),
            floor: total / FLOOR,
        })
    }

    /// Whether the run takes too much, with the reason in words.
    ///
    /// `shm` is its shared memory and `anon` the sum of its anonymous memory, both in bytes. That sum
    /// counts the pages that forks share once for each process, so it only raises a suspicion; the
    /// dear `proportional` sum, which counts them once, confirms it or not.
    pub fn too_much(&self, shm: u64, anon: u64, proportional: impl FnOnce() -> u64) -> Option<String> {
        if shm + anon <= self.budget {
            return None;
        }
        let used = shm + proportional();
        (used > self.budget).then(|| format!("{} MiB in use, {} MiB allowed", used >> 20, self.budget >> 20))
    }

    /// Whether the run has become too many processes, with the reason in words.
    pub fn too_many(&self, processes: u64) -> Option<String> {
        (processes > self.processes).then(|| format!("{processes} processes, {} are allowed", self.processes))
    }

    /// Whether the machine is about to run out of memory, with the reason in words; `available` is what
    /// it has available, in bytes.
    pub fn host_starves(&self, available: u64) -> Option<String> {
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

    #[test]
    fn shared_memory_alone_can_be_too_much() {
        assert_eq!(watchdog(100 * MIB).too_much(100 * MIB, 0, || 0), None);
        let why = watchdog(100 * MIB).too_much(101 * MIB, 0, || 0).unwrap();
        assert_eq!(why, "101 MiB in use, 100 MiB allowed");
    }

    #[test]
    fn pages_that_forks_share_are_counted_once_before_a_run_is_ended() {
        // Five processes share 90 MiB.
        assert_eq!(watchdog(100 * MIB).too_much(0, 450 * MIB, || 90 * MIB), None);
        assert!(watchdog(100 * MIB).too_much(20 * MIB, 450 * MIB, || 90 * MIB).is_some());
    }

    #[test]
    fn a_run_may_have_its_processes_and_not_one_more() {
        let watchdog = Watchdog::of(&Limits { processes: Some(10), ..Limits::default() }).unwrap();
        assert_eq!((watchdog.too_many(10), watchdog.too_much(u64::MAX, 0, || 0)), (None, None));
        assert_eq!(watchdog.too_many(11).unwrap(), "11 processes, 10 are allowed");
    }

    #[test]
    fn the_dear_walk_is_only_taken_on_suspicion() {
        assert_eq!(watchdog(100 * MIB).too_much(50 * MIB, 50 * MIB, || panic!("walked")), None);
    }
}
