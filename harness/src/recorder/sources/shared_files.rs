//! The files in the run's own shared memory: how many there are, and in which folders most of them were.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Result;

use super::shared_memory::Shm;
use crate::host::files;
use crate::model::metric::Metric;
use crate::model::record::What;
use crate::recorder::folders::{self, Found};
use crate::recorder::members::Members;
use crate::recorder::pace::micros;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&SHM_FILES];

static SHM_FILES: Metric = Metric::count("shm_files", "files in the run's folder of shared memory");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

/// The source: it also remembers the moment when the files took most.
pub(super) struct SharedFiles {
    folder: File,
    /// When the run began, by the clock that files are stamped by.
    began: SystemTime,
    /// All processes of the run that were seen, by the numbers that they have for themselves.
    seen: BTreeMap<i32, i32>,
    known: BTreeSet<i32>,
    most: Moment,
}

/// A moment: the files, and which of the processes lived.
#[derive(Default)]
struct Moment {
    bytes: u64,
    files: Vec<Found>,
    living: BTreeSet<i32>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<SharedFiles>> {
    Ok(Shm::of(target)?.and_then(Shm::own).map(|folder| SharedFiles {
        folder,
        began: SystemTime::now(),
        seen: BTreeMap::new(),
        known: BTreeSet::new(),
        most: Moment::default(),
    }))
}

impl Source for SharedFiles {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&SHM_FILES, "files in the run's shared memory")]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        self.meet(view.members);
        let files = self.files();
        row.set(&SHM_FILES, files.len() as u64);
        if let Some(count) = row.growth(&SHM_FILES, view.latest) {
            row.happened(What::Files(count));
        }
        let bytes = files.iter().map(|file| file.bytes).sum();
        // Of moments with as much, the last one says which of the makers are gone by then.
        if bytes >= self.most.bytes {
            self.most = Moment { bytes, files, living: view.members.pids().collect() };
        }
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        let Moment { files, living, .. } = std::mem::take(&mut self.most);
        let device = self.folder.metadata().map_or(0, |folder| folder.dev());
        // The list of open memory files says who has a file open, or maps it.
        let open = conclusion.open_memory_files.iter().filter(|open| open.device == device);
        let holders = open
            .filter_map(|open| Some((open.inode, *open.holders.first().or_else(|| open.mapped_by.first())?)));
        conclusion.shared_folders = folders::grouped(files, &self.seen, &holders.collect(), &living);
    }
}

impl SharedFiles {
    /// Learns the numbers of new processes: in a separate namespace they have others.
    fn meet(&mut self, members: &Members) {
        for (pid, member) in members.each() {
            if self.known.insert(pid) {
                let own = ProcFile::open(format!("/proc/{}/status", member.via)).and_then(|status| {
                    status.read(|text| {
                        let line = text.lines().find_map(|line| line.strip_prefix("NStgid:"))?;
                        line.split_ascii_whitespace().next_back()?.parse().ok()
                    })
                });
                self.seen.insert(own.unwrap_or(pid), pid);
            }
        }
    }

    fn files(&self) -> Vec<Found> {
        let root = PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd()));
        let found = |path: PathBuf| {
            let data = path.symlink_metadata().ok()?;
            let written = data.modified().ok().and_then(|time| time.duration_since(self.began).ok());
            Some(Found {
                path: path.strip_prefix(&root).ok()?.to_owned(),
                // stat(2) counts in units of 512 bytes.
                bytes: data.blocks() * 512,
                written: written.map_or(0, micros),
                inode: data.ino(),
            })
        };
        files::below(&self.folder).into_iter().filter_map(found).collect()
    }
}
