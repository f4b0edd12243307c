//! The composition of the memory of the run's control group.

use anyhow::Result;

use super::memory_files::ELSEWHERE;
use super::processes::SHMEM;
use super::shared_memory::TMPFS;
use super::sysv::SYSV_SHM;
use crate::model::metric::Metric;
use crate::recorder::headroom::Moment;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::version::Version;
use crate::sandbox::cgroup::{Group, Split, Stat};

pub(super) const METRICS: &[&Metric] = &[
    &CGROUP_ANON,
    &CGROUP_FILE,
    &ACTIVE_FILE,
    &INACTIVE_FILE,
    &WORKING_SET,
    &CGROUP_SHMEM,
    &CGROUP_DIRTY,
    &CGROUP_KERNEL,
    &UNATTRIBUTED,
    &WRITEBACK,
    &HUGE_PAGES,
    &SWAP,
    &ZSWAP,
    &REFAULTS_ANON,
    &REFAULTS_FILE,
    &SLAB_RECLAIMABLE,
    &SLAB_UNRECLAIMABLE,
    &SOCKETS,
    &PAGE_TABLES,
    &KERNEL_STACKS,
    &PERCPU,
];

static CGROUP_ANON: Metric =
    Metric::bytes("cgroup_anon", "anonymous memory charged to the run's control group");
static CGROUP_FILE: Metric = Metric::bytes("cgroup_file", "page cache charged to the run's control group");
static ACTIVE_FILE: Metric = Metric::bytes(
    "cgroup_active_file",
    "the part of the group's page cache that the kernel considers in use: its active list",
);
static INACTIVE_FILE: Metric = Metric::bytes(
    "cgroup_inactive_file",
    "the part of the group's page cache that the kernel would drop first: its inactive list",
);
static WORKING_SET: Metric = Metric::bytes(
    "cgroup_working_set",
    "what Kubernetes calls the working set: all memory of the run's control group except inactive page cache",
);
static CGROUP_SHMEM: Metric =
    Metric::bytes("cgroup_shmem", "shared memory charged to the run's control group");
static CGROUP_DIRTY: Metric = Metric::bytes(
    "cgroup_dirty",
    "page cache charged to the run's control group that still has to be written",
);
static CGROUP_KERNEL: Metric = Metric::bytes(
    "cgroup_kernel",
    "kernel memory charged to the run's control group, such as page tables and stacks",
);
static UNATTRIBUTED: Metric = Metric::bytes(
    "unattributed",
    "memory charged to the run's control group that belongs to nothing we know of",
);
static WRITEBACK: Metric = Metric::bytes(
    "cgroup_writeback",
    "page cache charged to the run's control group that is being written to a disk",
);
static HUGE_PAGES: Metric = Metric::bytes(
    "cgroup_huge_pages",
    "the part of the group's anonymous memory that is in transparent huge pages",
);
static SWAP: Metric = Metric::bytes("cgroup_swap", "memory of the run's control group that was swapped out");
static ZSWAP: Metric =
    Metric::bytes("cgroup_zswap", "memory that compressed swap (zswap) takes for the run's control group");
static REFAULTS_ANON: Metric = Metric::count(
    "cgroup_refaults_anon",
    "pages of anonymous memory that were swapped out and soon needed again",
);
static REFAULTS_FILE: Metric = Metric::count(
    "cgroup_refaults_file",
    "pages of files that were dropped from the page cache and soon needed again",
);
static SLAB_RECLAIMABLE: Metric = Metric::bytes(
    "cgroup_slab_reclaimable",
    "kernel objects that can be reclaimed, such as names and inodes of files",
);
static SLAB_UNRECLAIMABLE: Metric =
    Metric::bytes("cgroup_slab_unreclaimable", "kernel objects that can't be reclaimed");
static SOCKETS: Metric =
    Metric::bytes("cgroup_sockets", "network buffers charged to the run's control group");
static PAGE_TABLES: Metric =
    Metric::bytes("cgroup_page_tables", "page tables charged to the run's control group");
static KERNEL_STACKS: Metric =
    Metric::bytes("cgroup_kernel_stacks", "kernel stacks of the threads in the run's control group");
static PERCPU: Metric = Metric::bytes(
    "cgroup_percpu",
    "kernel memory that exists once for each processor, charged to the run's control group",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

/// A metric that is one number of `memory.stat`, and the name that each version has for it.
struct Part {
    metric: &'static Metric,
    v1: Option<&'static str>,
    v2: Option<&'static str>,
}

impl Part {
    const fn new(metric: &'static Metric, v1: Option<&'static str>, v2: Option<&'static str>) -> Self {
        Part { metric, v1, v2 }
    }

    fn name(&self, version: Version) -> Option<&'static str> {
        match version {
            Version::V1 => self.v1,
            Version::V2 => self.v2,
        }
    }
}

const PARTS: [Part; 14] = [
    Part::new(&ACTIVE_FILE, Some(ACTIVE), Some(ACTIVE)),
    Part::new(&INACTIVE_FILE, Some(INACTIVE), Some(INACTIVE)),
    Part::new(&WRITEBACK, Some("writeback"), Some("file_writeback")),
    Part::new(&HUGE_PAGES, Some("rss_huge"), Some("anon_thp")),
    Part::new(&SWAP, Some("swap"), None),
    Part::new(&ZSWAP, None, Some("zswap")),
    Part::new(&REFAULTS_ANON, Some("workingset_refault_anon"), Some("workingset_refault_anon")),
    Part::new(&REFAULTS_FILE, Some("workingset_refault_file"), Some("workingset_refault_file")),
    Part::new(&SLAB_RECLAIMABLE, None, Some("slab_reclaimable")),
    Part::new(&SLAB_UNRECLAIMABLE, None, Some("slab_unreclaimable")),
    Part::new(&SOCKETS, None, Some("sock")),
    Part::new(&PAGE_TABLES, None, Some("pagetables")),
    Part::new(&KERNEL_STACKS, None, Some("kernel_stack")),
    Part::new(&PERCPU, None, Some("percpu")),
];

/// The kernel's two lists of page cache, under the names that both versions have for them.
const ACTIVE: &str = "active_file";
const INACTIVE: &str = "inactive_file";

/// Metrics that have a file of the group to themselves: in version 1, or in version 2.
const FILES: [(&Metric, &str); 2] =
    [(&SOCKETS, "memory.kmem.tcp.usage_in_bytes"), (&SWAP, "memory.swap.current")];

pub(super) struct Composition {
    version: Version,
    stat: ProcFile,
    usage: ProcFile,
    /// Version 1 has the kernel's own memory in a separate file.
    kernel: Option<ProcFile>,
    parts: Vec<(&'static Metric, &'static str)>,
    files: Vec<(&'static Metric, &'static str, ProcFile)>,
    has_own_shm: bool,
    /// What nobody was known to use at the last sample.
    before: Option<u64>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Composition>> {
    let Some(group) = &target.running.cgroup else { return Ok(None) };
    let file = |name: &str| ProcFile::open(group.path.join(name));
    let (Some(stat), Some(usage)) = (file("memory.stat"), ProcFile::open(group.usage_file())) else {
        return Ok(None);
    };
    let Group { version, .. } = *group;
    let files = FILES.iter().filter_map(|&(metric, name)| Some((metric, name, file(name)?))).collect();
    Ok(Some(Composition {
        version,
        parts: stat.read(|text| Some(parts(&Stat::of(version, text)))).unwrap_or_default(),
        stat,
        usage,
        kernel: group.kernel_file().and_then(ProcFile::open),
        files,
        has_own_shm: target.running.shm.is_some(),
        before: None,
    }))
}

/// The parts that there are, each with its name.
fn parts(stat: &Stat<'_>) -> Vec<(&'static Metric, &'static str)> {
    let there = |part: &Part| Some((part.metric, part.name(stat.version)?));
    PARTS.iter().filter_map(there).filter(|(_, name)| stat.get(name).is_some()).collect()
}

impl Source for Composition {
    fn columns(&self) -> Vec<Column> {
        let stat = |what: &str| format!("{what} in the control group's memory.stat");
        let parts = self.parts.iter().map(|&(metric, name)| Column::new(metric, stat(name)));
        let files = self.files.iter().map(|&(metric, name, _)| Column::new(metric, name));
        let fixed = vec![
            Column::new(&CGROUP_ANON, stat("anonymous memory")),
            Column::new(&CGROUP_FILE, stat("page cache of files, less shared memory")),
            Column::new(&WORKING_SET, "cgroup less cgroup_inactive_file, as the kubelet works it out"),
            Column::new(&CGROUP_SHMEM, stat("shared memory")),
            Column::new(&CGROUP_DIRTY, stat("pages of files that wait to be written")),
            Column::new(&CGROUP_KERNEL, "memory of the kernel that is charged to the control group"),
            Column::new(
                &UNATTRIBUTED,
                "cgroup less cgroup_anon, cgroup_file, cgroup_kernel, and the shared memory that is in the \
                 run's tmpfs, in open files, in segments or in maps; the lower of two samples, unless the program waits",
            ),
        ];
        fixed.into_iter().chain(parts).chain(files).collect()
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let Some(before) = self.usage.number() else { return };
        let read = |text: &str| {
            let stat = Stat::of(self.version, text);
            self.parts.iter().for_each(|&(metric, name)| row.set(metric, stat.get(name).unwrap_or(0)));
            Some((stat.split(), stat.get(INACTIVE).unwrap_or(0)))
        };
        let Some((mut split, inactive)) = self.stat.read(read) else { return };
        split.kernel = self.kernel.as_ref().and_then(ProcFile::number).unwrap_or(split.kernel);
        for (metric, _, file) in &self.files {
            row.set(metric, file.number().unwrap_or(0));
        }
        let Some(after) = self.usage.number() else { return };
        row.set(&CGROUP_ANON, split.anon);
        row.set(&CGROUP_FILE, split.file);
        row.set(&WORKING_SET, before.saturating_sub(inactive));
        row.set(&CGROUP_SHMEM, split.shmem);
        row.set(&CGROUP_DIRTY, split.dirty);
        row.set(&CGROUP_KERNEL, split.kernel);
        row.set(&UNATTRIBUTED, self.unattributed(before.min(after), split, view));
    }
}

impl Composition {
    /// What nobody is known to use of a total, which was the same before and after the split was read.
    fn unattributed(&mut self, total: u64, split: Split, view: &View<'_>) -> u64 {
        // Files that were unlinked and are still open are in the tmpfs as well.
        let own = if self.has_own_shm { view.latest.get(&TMPFS) } else { 0 };
        let segments = view.latest.get(&SYSV_SHM);
        let known = (own + view.latest.get(&ELSEWHERE) + segments).max(view.latest.get(&SHMEM));
        let explained = split.anon + split.file + split.kernel + split.others + split.shmem.min(known);
        let now = total.saturating_sub(explained);
        // The kernel takes pages from the split before it takes them from the total, and many of them together. The
        // next sample sees the rest.
        let before = self.before.replace(now);
        match view.moment {
            Moment::Running => before.map_or(now, |before| before.min(now)),
            Moment::AtMark => now,
        }
    }
}
