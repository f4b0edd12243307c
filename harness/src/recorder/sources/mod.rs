//! Every source, a file each. A new one is a file, and its name in the list below.

mod composition;
mod control_group;
mod disk;
mod enclosing;
mod group_events;
mod group_huge_pages;
mod host;
mod mapped_files;
mod memory_files;
mod page_cache;
mod page_tables;
mod processes;
mod resident;
mod shared_files;
mod shared_memory;
mod sysv;

use anyhow::Result;

use super::source::{Schedule, Source, Target};
use crate::model::metric::Metric;

pub(super) use control_group::keeps_peaks;
pub(super) use host::AVAILABLE;
pub(super) use memory_files::ELSEWHERE;
pub(super) use page_tables::proportional;
pub(super) use processes::{CPU, SHMEM};
pub(super) use resident::{ANON, PROCESSES};
pub(super) use shared_memory::TMPFS;
pub(super) use sysv::SYSV_SHM;

/// A source that was opened for a run.
pub(super) struct Opened {
    /// Its name, which is that of its track.
    pub(super) name: &'static str,
    pub(super) schedule: Schedule,
    pub(super) source: Box<dyn Source>,
}

/// Makes the list of all sources. Each file has its `METRICS`, its `SCHEDULE`, and `open`, which returns
/// `None` if this run or this machine has no such thing.
macro_rules! sources {
    ($($name:ident),* $(,)?) => {
        /// Every metric that can be measured, source by source.
        pub(crate) static METRICS: &[&[&Metric]] = &[$($name::METRICS),*];

        /// Opens all that there is for a run, in the order in which one sample of each is taken.
        pub(super) fn open(target: &Target<'_>) -> Result<Vec<Opened>> {
            let mut opened = Vec::new();
            $(
                if let Some(source) = $name::open(target)? {
                    let (name, schedule) = (stringify!($name), $name::SCHEDULE);
                    opened.push(Opened { name, schedule, source: Box::new(source) });
                }
            )*
            Ok(opened)
        }
    };
}

sources![
    control_group,
    group_events,
    shared_memory,
    resident,
    processes,
    memory_files,
    mapped_files,
    composition,
    group_huge_pages,
    shared_files,
    sysv,
    host,
    disk,
    page_tables,
    page_cache,
    enclosing,
];
