//! How much of the run's files on the disk, or of the files that the user has named, is in the page cache.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::host::files;
use crate::model::metric::Metric;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&DISK_CACHED];

static DISK_CACHED: Metric =
    Metric::bytes("disk_cached", "pages of the run's files on the disk that are in the page cache");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Expensive };

pub(super) struct PageCache {
    folder: Option<File>,
    files: Vec<PathBuf>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<PageCache>> {
    let folder = target
        .running
        .disk
        .as_ref()
        .map(|path| File::open(path).with_context(|| format!("a folder of the run, {}", path.display())));
    Ok(Some(PageCache { folder: folder.transpose()?, files: target.files.to_vec() }))
}

impl Source for PageCache {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&DISK_CACHED, "cachestat or mincore of the run's files on the disk")]
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        let own = self.folder.as_ref().map(files::below).unwrap_or_default();
        row.set(&DISK_CACHED, own.iter().chain(&self.files).filter_map(|path| cached(path)).sum());
    }
}

/// The bytes of a file that are in the page cache; `None` if nobody may look.
fn cached(path: &Path) -> Option<u64> {
    labkit::sys::cached_bytes(&File::open(path).ok()?).ok()
}
