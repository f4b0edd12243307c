//! The free space on the disk with the run's folder.

use std::fs::File;

use anyhow::{Context, Result};
use nix::sys::statvfs::fstatvfs;

use crate::model::metric::Metric;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&DISK_FREE];

static DISK_FREE: Metric = Metric::bytes("disk_free", "free bytes on the disk of the run's files");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Disk(File);

pub(super) fn open(target: &Target<'_>) -> Result<Option<Disk>> {
    let Some(path) = &target.running.disk else { return Ok(None) };
    let folder = File::open(path).with_context(|| format!("a folder of the run, {}", path.display()))?;
    Ok(Some(Disk(folder)))
}

impl Source for Disk {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&DISK_FREE, "statvfs of the run's folder on the disk, as df has it")]
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        if let Ok(disk) = fstatvfs(&self.0) {
            row.set(&DISK_FREE, disk.blocks_available() * disk.fragment_size());
        }
    }
}
