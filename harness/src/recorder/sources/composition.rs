//! What the memory of the run's control group is made of.

use anyhow::Result;

use super::control_group::CGROUP;
use super::memory_files::ELSEWHERE;
use super::processes::SHMEM;
use super::shared_memory::TMPFS;
use super::sysv::SYSV_SHM;
use crate::model::metric::Metric;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::{Group, Split};

pub(super) const METRICS: &[&Metric] =
    &[&CGROUP_ANON, &CGROUP_FILE, &CGROUP_SHMEM, &CGROUP_DIRTY, &CGROUP_KERNEL, &UNATTRIBUTED];

static CGROUP_ANON: Metric =
    Metric::bytes("cgroup_anon", "anonymous memory charged to the run's control group");
static CGROUP_FILE: Metric = Metric::bytes("cgroup_file", "page cache charged to the run's control group");
static CGROUP_SHMEM: Metric =
    Metric::bytes("cgroup_shmem", "shared memory charged to the run's control group");
static CGROUP_DIRTY: Metric =
    Metric::bytes("cgroup_dirty", "page cache charged to the run's control group that waits to be written");
static CGROUP_KERNEL: Metric = Metric::bytes(
    "cgroup_kernel",
    "memory of the kernel charged to the run's control group: page tables, stacks",
);
static UNATTRIBUTED: Metric =
    Metric::bytes("unattributed", "memory charged to the run's control group that nobody is known to use");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Composition {
    group: Group,
    stat: Option<ProcFile>,
    /// Version 1 has the kernel's own memory in a file of its own.
    kernel: Option<ProcFile>,
    has_own_shm: bool,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Composition>> {
    let Some(group) = &target.running.cgroup else { return Ok(None) };
    Ok(Some(Composition {
        group: group.clone(),
        stat: ProcFile::open(group.path.join("memory.stat")),
        kernel: group.kernel_file().and_then(ProcFile::open),
        has_own_shm: target.running.shm.is_some(),
    }))
}

impl Source for Composition {
    fn columns(&self) -> Vec<Column> {
        let stat = |what: &str| format!("{what} in the control group's memory.stat");
        vec![
            Column::new(&CGROUP_ANON, stat("anonymous memory")),
            Column::new(&CGROUP_FILE, stat("page cache of files, less shared memory")),
            Column::new(&CGROUP_SHMEM, stat("shared memory")),
            Column::new(&CGROUP_DIRTY, stat("pages of files that wait to be written")),
            Column::new(&CGROUP_KERNEL, "memory of the kernel that is charged to the control group"),
            Column::new(
                &UNATTRIBUTED,
                "cgroup less cgroup_anon, cgroup_file, cgroup_kernel, and the shared memory that is in the \
                 run's tmpfs, in open files, in segments or in maps",
            ),
        ]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let version = self.group.version;
        let split = |text: &str| Some(Split::of(version, text));
        let Some(mut split) = self.stat.as_ref().and_then(|stat| stat.read(split)) else { return };
        split.kernel = self.kernel.as_ref().and_then(ProcFile::number).unwrap_or(split.kernel);
        // Files that were unlinked and are still open are in the tmpfs as well.
        let own = if self.has_own_shm { view.latest.get(&TMPFS) } else { 0 };
        let segments = view.latest.get(&SYSV_SHM);
        let known = (own + view.latest.get(&ELSEWHERE) + segments).max(view.latest.get(&SHMEM));
        let explained = split.anon + split.file + split.kernel + split.shmem.min(known);
        row.set(&CGROUP_ANON, split.anon);
        row.set(&CGROUP_FILE, split.file);
        row.set(&CGROUP_SHMEM, split.shmem);
        row.set(&CGROUP_DIRTY, split.dirty);
        row.set(&CGROUP_KERNEL, split.kernel);
        row.set(&UNATTRIBUTED, view.latest.get(&CGROUP).saturating_sub(explained));
    }
}
