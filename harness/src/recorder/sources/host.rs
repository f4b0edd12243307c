//! The state of the machine: the use of its memory, how much of it is promised, and how long programs wait for some.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[
    &AVAILABLE,
    &USED,
    &CACHED,
    &FREE,
    &SWAP_USED,
    &DIRTY,
    &WRITEBACK,
    &COMMITTED,
    &PRESSURE,
    &HUGE_PAGES_DENIED,
];

pub(in crate::recorder) static AVAILABLE: Metric =
    Metric::bytes("host_available", "memory of the machine that is available to new programs");
static USED: Metric = Metric::bytes(
    "host_used",
    "memory of the machine that is neither free nor cache: used, as older versions of free(1) count it",
);
static CACHED: Metric =
    Metric::bytes("host_cached", "caches of the machine, shared memory included: buff/cache of free(1)");
static FREE: Metric = Metric::bytes("host_free", "memory of the machine that nothing uses");
static SWAP_USED: Metric = Metric::bytes("host_swap_used", "swap space of the machine that is in use");
static DIRTY: Metric =
    Metric::bytes("host_dirty", "pages of the machine that still have to be written to a disk");
static WRITEBACK: Metric =
    Metric::bytes("host_writeback", "pages of the machine that are being written to a disk");
static COMMITTED: Metric = Metric::bytes(
    "host_committed",
    "memory that the kernel has promised to all programs of the machine, used or not",
);
static PRESSURE: Metric = Metric::time("pressure", "time in which at least one program waited for memory");
static HUGE_PAGES_DENIED: Metric = Metric::count(
    "host_huge_pages_denied",
    "page faults of all programs of the machine that got a small page because there was no huge one",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Host {
    meminfo: Option<ProcFile>,
    pressure: Option<ProcFile>,
    vmstat: Option<ProcFile>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Host>> {
    let group = target.running.cgroup.as_ref();
    let pressure = group.and_then(|group| ProcFile::open(group.path.join("memory.pressure")));
    Ok(Some(Host {
        meminfo: ProcFile::open("/proc/meminfo"),
        pressure: pressure.or_else(|| ProcFile::open("/proc/pressure/memory")),
        // A kernel without transparent huge pages doesn't count them.
        vmstat: ProcFile::open("/proc/vmstat").filter(|file| file.read(denied).is_some()),
    }))
}

impl Source for Host {
    fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.meminfo.is_some() {
            // Up to version 3, free(1) showed as used what isn't in its other columns. Version 4 shows all that isn't
            // available, which is another thing.
            let caches = "Buffers, Cached and SReclaimable in /proc/meminfo";
            columns.extend([
                Column::new(&AVAILABLE, "MemAvailable in /proc/meminfo"),
                Column::new(&USED, format!("MemTotal less MemFree, {caches}")),
                Column::new(&CACHED, format!("sum of {caches}")),
                Column::new(&FREE, "MemFree in /proc/meminfo"),
                Column::new(&SWAP_USED, "SwapTotal less SwapFree in /proc/meminfo"),
                Column::new(&DIRTY, "Dirty in /proc/meminfo"),
                Column::new(&WRITEBACK, "Writeback in /proc/meminfo"),
                Column::new(&COMMITTED, "Committed_AS in /proc/meminfo"),
            ]);
        }
        if self.pressure.is_some() {
            let from = "the total of some in memory.pressure or /proc/pressure/memory";
            columns.push(Column::new(&PRESSURE, from));
        }
        if self.vmstat.is_some() {
            columns.push(Column::new(&HUGE_PAGES_DENIED, "thp_fault_fallback in /proc/vmstat"));
        }
        columns
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        if let Some(memory) = self.meminfo.as_ref().and_then(|file| file.read(Memory::of)) {
            row.set(&AVAILABLE, memory.available);
            row.set(&USED, memory.total.saturating_sub(memory.free + memory.caches));
            row.set(&CACHED, memory.caches);
            row.set(&FREE, memory.free);
            row.set(&SWAP_USED, memory.swap_used);
            row.set(&DIRTY, memory.dirty);
            row.set(&WRITEBACK, memory.writeback);
            row.set(&COMMITTED, memory.committed);
        }
        if let Some(micros) = self.pressure.as_ref().and_then(|file| file.read(procfile::pressure)) {
            row.set(&PRESSURE, micros);
        }
        if let Some(count) = self.vmstat.as_ref().and_then(|file| file.read(denied)) {
            row.set(&HUGE_PAGES_DENIED, count);
        }
    }
}

/// Page faults that got no huge page, as /proc/vmstat counts them since the machine started.
fn denied(vmstat: &str) -> Option<u64> {
    vmstat.lines().find_map(|line| line.strip_prefix("thp_fault_fallback "))?.parse().ok()
}

/// What /proc/meminfo says (proc_meminfo(5)), in bytes.
#[derive(Debug, PartialEq, Eq)]
struct Memory {
    total: u64,
    free: u64,
    available: u64,
    caches: u64,
    swap_used: u64,
    dirty: u64,
    writeback: u64,
    committed: u64,
}

impl Memory {
    fn of(text: &str) -> Option<Self> {
        let words = [
            "MemTotal:",
            "MemFree:",
            "MemAvailable:",
            "Buffers:",
            "Cached:",
            "SwapTotal:",
            "SwapFree:",
            "Dirty:",
            "Writeback:",
            "SReclaimable:",
            "Committed_AS:",
        ];
        let [total, free, available, buffers, cached, swap, swap_free, dirty, writeback, slab, committed] =
            procfile::lines(text, words).map(|kib| kib * 1024);
        let caches = buffers + cached + slab;
        let swap_used = swap.saturating_sub(swap_free);
        Some(Memory { total, free, available, caches, swap_used, dirty, writeback, committed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_one_line_of_vmstat_and_not_its_neighbour() {
        let text = "thp_fault_alloc 543\nthp_fault_fallback_charge 31\nthp_fault_fallback 33\n";
        assert_eq!(denied(text), Some(33));
        assert_eq!(denied("pgfault 7\n"), None);
    }

    #[test]
    fn used_cached_and_free_are_all_of_the_memory() {
        let text = "MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 600 kB\nBuffers: 30 kB\nCached: 400 kB\n\
                    SwapCached: 5 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\nDirty: 7 kB\nWriteback: 8 kB\n\
                    SReclaimable: 70 kB\nWritebackTmp: 9 kB\nCommitLimit: 600 kB\nCommitted_AS: 550 kB\n";
        let kib = |kib: u64| kib * 1024;
        let memory = Memory {
            total: kib(1000),
            free: kib(200),
            available: kib(600),
            caches: kib(500),
            swap_used: kib(10),
            dirty: kib(7),
            writeback: kib(8),
            committed: kib(550),
        };
        assert_eq!(Memory::of(text), Some(memory));
    }
}
