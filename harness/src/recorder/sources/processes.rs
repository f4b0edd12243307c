//! What the kernel counts for each process of the run, summed: mapped files, swap, page faults, threads, processor
//! time, bytes read and written.

use std::collections::BTreeMap;

use anyhow::Result;
use nix::sys::resource::Resource;

use crate::model::metric::Metric;
use crate::recorder::members::Detail;
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::rlimits::Nearest;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};
use crate::recorder::totals::{Counted, Totals};

pub(super) const METRICS: &[&Metric] = &[
    &FILE,
    &SHMEM,
    &SWAP,
    &HUGETLB,
    &ADDRESS_SPACE,
    &THREADS,
    &MINOR_FAULTS,
    &MAJOR_FAULTS,
    &CHILDREN_MINOR_FAULTS,
    &CPU,
    &RCHAR,
    &WCHAR,
    &DISK_READ,
    &DISK_WRITTEN,
];

static FILE: Metric = Metric::bytes("file", "resident pages of files, summed over the processes");
pub(in crate::recorder) static SHMEM: Metric =
    Metric::bytes("shmem", "resident pages of shared memory, summed over the processes");
static SWAP: Metric =
    Metric::bytes("swap", "anonymous memory that is swapped out, summed over the processes");
static HUGETLB: Metric = Metric::bytes(
    "hugetlb",
    "memory in huge pages that were set aside (hugetlb), summed over the processes; not part of rss",
);
static ADDRESS_SPACE: Metric =
    Metric::bytes("address_space", "address space of the process that has the most, used or only reserved");
static THREADS: Metric = Metric::count("threads", "threads of all processes");
static MINOR_FAULTS: Metric =
    Metric::count("minor_faults", "page faults that needed no disk, of all processes, ended ones included");
static MAJOR_FAULTS: Metric = Metric::count(
    "major_faults",
    "page faults that waited for a disk, of all processes, ended ones included",
);
static CHILDREN_MINOR_FAULTS: Metric =
    Metric::count("children_minor_faults", "page faults that needed no disk, of all processes but the first");
pub(in crate::recorder) static CPU: Metric = Metric::time(
    "cpu",
    "processor time of the processes that are alive, summed; other programs add nothing to it",
);
static RCHAR: Metric = Metric::bytes(
    "rchar",
    "bytes read from files, pipes and terminals by all processes, ended ones included",
);
static WCHAR: Metric = Metric::bytes(
    "wchar",
    "bytes written to files, pipes and terminals by all processes, ended ones included",
);
static DISK_READ: Metric =
    Metric::bytes("disk_read", "bytes read from disks by all processes, ended ones included");
static DISK_WRITTEN: Metric =
    Metric::bytes("disk_written", "bytes written to disks by all processes, ended ones included");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Counts {
    members: &'static str,
    totals: Totals<6>,
    /// The page faults of the first process itself that needed no disk.
    of_first: u64,
    /// What this kernel doesn't count.
    lacks: Vec<&'static Metric>,
    /// Whether a peak of a process's address space is surely of this run.
    keeps_peaks: bool,
    /// The largest address space that the kernel remembers.
    largest: u64,
    limits: [Nearest; 3],
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Counts>> {
    let has = |file: &str, word: &str| {
        let file = ProcFile::open(format!("/proc/self/{file}"));
        file.and_then(|file| file.read(|text| Some(text.lines().any(|line| line.starts_with(word)))))
            == Some(true)
    };
    let mut lacks = Vec::new();
    for (file, word, metric) in [
        ("status", "VmSwap:", &SWAP),
        ("status", "HugetlbPages:", &HUGETLB),
        ("io", "rchar:", &RCHAR),
        ("io", "wchar:", &WCHAR),
        ("io", "read_bytes:", &DISK_READ),
        ("io", "write_bytes:", &DISK_WRITTEN),
    ] {
        if !has(file, word) {
            lacks.push(metric);
        }
    }
    Ok(Some(Counts {
        members: target.members,
        totals: Totals::new(),
        of_first: 0,
        lacks,
        keeps_peaks: target.attached.is_none(),
        largest: 0,
        limits: [Resource::RLIMIT_AS, Resource::RLIMIT_DATA, Resource::RLIMIT_NPROC].map(Nearest::new),
    }))
}

impl Source for Counts {
    fn columns(&self) -> Vec<Column> {
        let sum = |what: &str| format!("sum of {what}, over {}", self.members);
        let all = |what: &str| format!("{}, and what the ended ones had last", sum(what));
        let columns = vec![
            Column::new(&FILE, sum("RssFile in /proc/PID/status")),
            Column::new(&SHMEM, sum("RssShmem in /proc/PID/status")),
            Column::new(&SWAP, sum("VmSwap in /proc/PID/status")),
            Column::new(&HUGETLB, sum("HugetlbPages in /proc/PID/status")),
            Column::new(&ADDRESS_SPACE, "the highest VmSize in /proc/PID/status"),
            Column::new(&THREADS, sum("num_threads in /proc/PID/stat")),
            Column::new(&MINOR_FAULTS, all("minflt and cminflt in /proc/PID/stat")),
            Column::new(&MAJOR_FAULTS, all("majflt and cmajflt in /proc/PID/stat")),
            Column::new(&CHILDREN_MINOR_FAULTS, "the same of minor faults, but for the first process"),
            Column::new(&CPU, "clock_getcpuclockid of the processes"),
            Column::new(&RCHAR, all("rchar in /proc/PID/io")),
            Column::new(&WCHAR, all("wchar in /proc/PID/io")),
            Column::new(&DISK_READ, all("read_bytes in /proc/PID/io")),
            Column::new(&DISK_WRITTEN, all("write_bytes in /proc/PID/io")),
        ];
        columns.into_iter().filter(|column| !self.lacks.contains(&column.metric)).collect()
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let mut memory = Memory::default();
        let (mut details, mut counted, mut threads) = (BTreeMap::new(), BTreeMap::new(), 0);
        let root = view.members.root();
        for (pid, member) in view.members.each() {
            if let Some(detail) = detail(pid) {
                threads += detail.stat.threads;
                if Some(pid) == root {
                    self.of_first = detail.stat.faults[0];
                }
                counted.insert(pid, counts(&detail));
                details.insert(pid, detail);
            }
            if !member.shares
                && let Some(status) = ProcFile::open(format!("/proc/{}/status", member.via))
                && let Some(own) = status.read(Memory::of)
            {
                memory.add(own);
                self.largest = self.largest.max(own.highest);
                // A peak above the limit is from before there was one.
                let below = |limit| Some(own.highest).filter(|highest| *highest <= limit).or(Some(own.size));
                self.limits[0].look(pid, below);
                self.limits[1].look(pid, |_| Some(own.data));
                self.limits[2].look(pid, |_| None);
            }
        }
        for pid in self.totals.pids() {
            if let Some(detail) = (!counted.contains_key(&pid)).then(|| detail(pid)).flatten() {
                counted.insert(pid, counts(&detail));
            }
        }
        view.members.note_details(details);
        let [minor, major, rchar, wchar, read, written] = self.totals.take(counted);
        row.set(&FILE, memory.file);
        row.set(&SHMEM, memory.shmem);
        row.set(&SWAP, memory.swap);
        row.set(&HUGETLB, memory.hugetlb);
        row.set(&ADDRESS_SPACE, memory.size);
        row.set(&THREADS, threads);
        row.set(&MINOR_FAULTS, minor);
        row.set(&MAJOR_FAULTS, major);
        row.set(&CHILDREN_MINOR_FAULTS, minor.saturating_sub(self.of_first));
        row.set(&CPU, view.members.cpu());
        row.set(&RCHAR, rchar);
        row.set(&WCHAR, wchar);
        row.set(&DISK_READ, read);
        row.set(&DISK_WRITTEN, written);
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        if self.keeps_peaks && self.largest > 0 {
            conclusion.peaks.insert(ADDRESS_SPACE.name.to_owned(), self.largest);
        }
        conclusion.rlimits.extend(self.limits.iter_mut().filter_map(Nearest::take));
    }
}

/// What the kernel says of a process, also when it has ended and nobody has waited for it yet.
fn detail(pid: i32) -> Option<Detail> {
    let named = |text: &str| Some((procfile::name(text)?.to_owned(), procfile::stat(text)?));
    let (name, stat) = ProcFile::open(format!("/proc/{pid}/stat"))?.read(named)?;
    let fields =
        |text: &str| Some(procfile::lines(text, ["rchar:", "wchar:", "read_bytes:", "write_bytes:"]));
    let io = ProcFile::open(format!("/proc/{pid}/io")).and_then(|io| io.read(fields));
    Some(Detail { name, stat, io })
}

/// The counts of a process.
fn counts(Detail { stat, io, .. }: &Detail) -> Counted<6> {
    let [rchar, wchar, read, written] = io.unwrap_or_default();
    let [minor, of_dead, major, major_of_dead] = stat.faults;
    let counts = [minor + of_dead, major + major_of_dead, rchar, wchar, read, written];
    Counted { parent: stat.parent, started: stat.started, counts }
}

/// What a process has in its address space, or what several have: in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Memory {
    file: u64,
    shmem: u64,
    swap: u64,
    hugetlb: u64,
    /// Of several, the largest.
    size: u64,
    /// The largest that it ever was since exec(2).
    highest: u64,
    /// What counts for RLIMIT_DATA.
    data: u64,
}

impl Memory {
    fn of(text: &str) -> Option<Self> {
        let words = ["VmPeak:", "VmSize:", "VmData:", "RssFile:", "RssShmem:", "VmSwap:", "HugetlbPages:"];
        let [highest, size, data, file, shmem, swap, hugetlb] =
            procfile::lines(text, words).map(|kib| kib * 1024);
        // One that has ended has no such lines.
        (size > 0).then_some(Memory { file, shmem, swap, hugetlb, size, highest, data })
    }

    fn add(&mut self, other: Memory) {
        self.file += other.file;
        self.shmem += other.shmem;
        self.swap += other.swap;
        self.hugetlb += other.hugetlb;
        self.size = self.size.max(other.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_as_the_kernel_writes_it() {
        let text = "Name:\tcat\nVmPeak:\t    4060 kB\nVmSize:\t    3060 kB\nVmRSS:\t    1612 kB\nRssAnon:\t     112 kB\n\
                    RssFile:\t    1500 kB\nRssShmem:\t       4 kB\nVmData:\t     360 kB\nVmStk:\t     132 kB\n\
                    VmPTE:\t      40 kB\nVmSwap:\t      20 kB\nHugetlbPages:\t    2048 kB\nThreads:\t1\n";
        let mut memory = Memory::of(text).unwrap();
        memory.add(Memory { size: 1, swap: 1, ..Memory::default() });
        let kib = |kib: u64| kib * 1024;
        let Memory { file, shmem, swap, hugetlb, size, highest, data } = memory;
        assert_eq!((file, shmem, swap), (kib(1500), kib(4), kib(20) + 1));
        assert_eq!((hugetlb, size, highest, data), (kib(2048), kib(3060), kib(4060), kib(360)));
        assert!(Memory::of("Name:\tcat\nThreads:\t1\n").is_none());
    }
}
