//! How many files there are in the run's own shared memory.

use std::fs::File;

use anyhow::Result;

use super::shared_memory::Shm;
use crate::host::files;
use crate::model::metric::Metric;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&SHM_FILES];

static SHM_FILES: Metric = Metric::count("shm_files", "files in the run's folder of shared memory");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct SharedFiles(File);

pub(super) fn open(target: &Target<'_>) -> Result<Option<SharedFiles>> {
    Ok(Shm::of(target.running)?.and_then(Shm::own).map(SharedFiles))
}

impl Source for SharedFiles {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&SHM_FILES, "files in the run's shared memory")]
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        row.set(&SHM_FILES, files::count_below(&self.0).0);
    }
}
