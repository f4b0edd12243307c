//! The page tables of each process: which pages it shares, and which it has written.
//!
//! The kernel walks every entry, and the process can't map memory meanwhile: about 10 ms for 512 MiB.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::model::record::What;
use crate::recorder::headroom::Moment;
use crate::recorder::members::Members;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] =
    &[&PSS, &USS, &PRIVATE_DIRTY, &CHILDREN_RSS, &CHILDREN_PSS, &CHILDREN_USS, &CHILDREN_PRIVATE_DIRTY];

static PSS: Metric = Metric::bytes(
    "pss",
    "resident memory with each shared page split among its sharers, summed over the processes",
);
static USS: Metric =
    Metric::bytes("uss", "resident memory that no other process shares, summed over the processes");
static PRIVATE_DIRTY: Metric = Metric::bytes(
    "private_dirty",
    "dirty pages that one process alone maps, whoever wrote them, summed over the processes",
);
static CHILDREN_RSS: Metric =
    Metric::bytes("children_rss", "resident memory of all processes but the first, summed");
static CHILDREN_PSS: Metric = Metric::bytes(
    "children_pss",
    "memory of all processes but the first, with each shared page split among its sharers, summed",
);
static CHILDREN_USS: Metric = Metric::bytes(
    "children_uss",
    "resident memory of all processes but the first that no other process shares, summed",
);
static CHILDREN_PRIVATE_DIRTY: Metric = Metric::bytes(
    "children_private_dirty",
    "dirty pages of all processes but the first that one process alone maps, summed",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Expensive };

/// The name of its samples in a record: that of this file.
const TRACK: &str = "page_tables";

pub(super) struct PageTables;

pub(super) fn open(_: &Target<'_>) -> Result<Option<PageTables>> {
    Ok(Some(PageTables))
}

impl Source for PageTables {
    fn columns(&self) -> Vec<Column> {
        let sum = |fields: &str| format!("sum of {fields} in /proc/PID/smaps_rollup");
        let children = |fields: &str| format!("{}, but for the first process", sum(fields));
        vec![
            Column::new(&PSS, sum("Pss")),
            Column::new(&USS, sum("Private_Clean and Private_Dirty")),
            Column::new(&PRIVATE_DIRTY, sum("Private_Dirty")),
            Column::new(&CHILDREN_RSS, children("Rss")),
            Column::new(&CHILDREN_PSS, children("Pss")),
            Column::new(&CHILDREN_USS, children("Private_Clean and Private_Dirty")),
            Column::new(&CHILDREN_PRIVATE_DIRTY, children("Private_Dirty")),
        ]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let Some(Walk { all, children, each }) = walk(view.members, view.moment) else {
            if view.moment == Moment::AtMark {
                row.happened(What::LeftOut(TRACK.to_owned()));
            }
            return;
        };
        view.members.note_pages(each);
        row.set(&PSS, all.pss);
        row.set(&USS, all.uss);
        row.set(&PRIVATE_DIRTY, all.private_dirty);
        row.set(&CHILDREN_RSS, children.rss);
        row.set(&CHILDREN_PSS, children.pss);
        row.set(&CHILDREN_USS, children.uss);
        row.set(&CHILDREN_PRIVATE_DIRTY, children.private_dirty);
    }
}

/// The anonymous and the shared memory that all processes map, in bytes, with each page split among its
/// sharers. It's `None` if memory is so near a limit that a look could do harm.
pub(in crate::recorder) fn proportional(members: &mut Members) -> Option<(u64, u64)> {
    let Walk { all, .. } = walk(members, Moment::Running)?;
    Some((all.pss_anon, all.pss_shmem))
}

/// Fields of /proc/PID/smaps_rollup (proc_pid_smaps(5)), in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Mapped {
    rss: u64,
    pss: u64,
    pss_anon: u64,
    pss_shmem: u64,
    uss: u64,
    private_dirty: u64,
}

/// What a walk has found: sums over all processes and over all but the first, and the proportional and private
/// memory of each.
#[derive(Default)]
struct Walk {
    all: Mapped,
    children: Mapped,
    each: Vec<(i32, [u64; 2])>,
}

fn walk(members: &mut Members, moment: Moment) -> Option<Walk> {
    let mut walk = Walk::default();
    let root = members.root();
    members.walk(moment, |pid, process| {
        let Ok(rollup) = process.smaps_rollup() else { return };
        for map in rollup.memory_map_rollup.0.iter().map(|map| &map.extension.map) {
            let field = |name: &str| map.get(name).copied().unwrap_or(0);
            let one = Mapped {
                rss: field("Rss"),
                pss: field("Pss"),
                pss_anon: field("Pss_Anon"),
                pss_shmem: field("Pss_Shmem"),
                uss: field("Private_Clean") + field("Private_Dirty"),
                private_dirty: field("Private_Dirty"),
            };
            walk.each.push((pid, [one.pss, one.uss]));
            walk.all.add(one);
            if Some(pid) != root {
                walk.children.add(one);
            }
        }
    })?;
    Some(walk)
}

impl Mapped {
    fn add(&mut self, other: Mapped) {
        self.rss += other.rss;
        self.pss += other.pss;
        self.pss_anon += other.pss_anon;
        self.pss_shmem += other.pss_shmem;
        self.uss += other.uss;
        self.private_dirty += other.private_dirty;
    }
}
