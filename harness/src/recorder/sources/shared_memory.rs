//! How full the run's shared memory is.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::statfs::fstatfs;

use crate::host::files;
use crate::model::metric::Metric;
use crate::model::outcome::Evidence;
use crate::model::record::{OpenMemoryFile, What};
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::Running;

pub(super) const METRICS: &[&Metric] = &[&TMPFS, &INODES];

pub(in crate::recorder) static TMPFS: Metric =
    Metric::bytes("tmpfs", "bytes used in the run's folder of shared memory");

static INODES: Metric =
    Metric::count("tmpfs_inodes", "files, folders and links on the filesystem of the run's shared memory");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Interval, budget: Budget::Free };

/// Shared memory: a filesystem of the run's own, a folder among others', or all of the machine's.
pub(super) enum Shm {
    Private(File),
    Folder(File),
    Machine(File),
}

pub(super) struct SharedMemory {
    shm: Shm,
    /// Whether the filesystem counts its inodes: it doesn't if they aren't limited.
    counts_inodes: bool,
    /// Whether it was full at the last sample.
    is_full: bool,
    /// The least that was free in the filesystem, in bytes.
    least_free: Option<u64>,
    /// The least inodes that were free, and how many it has.
    least_inodes: Option<(u64, u64)>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<SharedMemory>> {
    let Some(shm) = Shm::of(target.running)? else { return Ok(None) };
    let counts_inodes = match &shm {
        Shm::Private(folder) | Shm::Machine(folder) => fstatfs(folder).is_ok_and(|stat| stat.files() > 0),
        Shm::Folder(_) => false,
    };
    Ok(Some(SharedMemory { shm, counts_inodes, is_full: false, least_free: None, least_inodes: None }))
}

impl Source for SharedMemory {
    fn columns(&self) -> Vec<Column> {
        let from = match self.shm {
            Shm::Private(_) => "statfs of the private tmpfs",
            Shm::Folder(_) => "blocks of the files in the run's folder",
            Shm::Machine(_) => "statfs of /dev/shm, which all programs share",
        };
        let inodes = self.counts_inodes.then(|| Column::new(&INODES, from));
        [Column::new(&TMPFS, from)].into_iter().chain(inodes).collect()
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        match &self.shm {
            Shm::Private(folder) | Shm::Machine(folder) => {
                let Ok(stat) = fstatfs(folder) else { return };
                let block = u64::try_from(stat.block_size()).unwrap_or(0);
                let free = stat.blocks_free() * block;
                let is_full = free < procfs::page_size();
                if is_full && !self.is_full {
                    row.happened(What::Full("the filesystem of shared memory".into()));
                }
                self.is_full = is_full;
                self.least_free = Some(self.least_free.map_or(free, |least| least.min(free)));
                row.set(&TMPFS, (stat.blocks() - stat.blocks_free()) * block);
                if self.counts_inodes {
                    let (inodes, free) = (stat.files(), stat.files_free());
                    if self.least_inodes.is_none_or(|(least, _)| free < least) {
                        self.least_inodes = Some((free, inodes));
                    }
                    row.set(&INODES, inodes.saturating_sub(free));
                }
            }
            Shm::Folder(folder) => row.set(&TMPFS, files::count_below(folder).1),
        }
    }

    fn is_everybodys(&self) -> bool {
        matches!(self.shm, Shm::Machine(_))
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        let source = match self.shm {
            Shm::Machine(_) => "/dev/shm of the machine is full",
            _ => "the tmpfs is full",
        };
        conclusion.evidence.push(match self.least_free {
            None => Evidence::could_not_look(source, "it is shared with the machine".into()),
            Some(free) if free < procfs::page_size() => {
                Evidence::fired(source, "no page was free at some time".into())
            }
            Some(_) => Evidence::did_not_fire(source),
        });
        let source = match self.shm {
            Shm::Machine(_) => "/dev/shm of the machine has no inode left",
            _ => "the tmpfs has no inode left",
        };
        conclusion.evidence.extend(self.least_inodes.map(|(free, inodes)| match free {
            0 => Evidence::fired(source, format!("all {inodes} were in use at some time")),
            _ => Evidence::did_not_fire(source),
        }));
    }
}

impl Shm {
    /// The shared memory that a run uses; `None` on a machine that has none.
    pub(super) fn of(running: &Running) -> Result<Option<Self>> {
        let folder = |path: &Path| {
            File::open(path).with_context(|| format!("a folder of the run, {}", path.display()))
        };
        Ok(match (&running.tmpfs, &running.shm) {
            (Some(tmpfs), _) => Some(Shm::Private(tmpfs.try_clone().context("the private tmpfs")?)),
            (None, Some(shm)) => Some(Shm::Folder(folder(shm)?)),
            (None, None) => File::open("/dev/shm").ok().map(Shm::Machine),
        })
    }

    /// The run's own shared memory; `None` where it uses the machine's.
    pub(super) fn own(self) -> Option<File> {
        match self {
            Shm::Private(folder) | Shm::Folder(folder) => Some(folder),
            Shm::Machine(_) => None,
        }
    }

    /// Whether a file is in the run's own shared memory, all of which is counted anyway.
    pub(super) fn holds(&self, file: &OpenMemoryFile) -> bool {
        match self {
            Shm::Private(folder) => folder.metadata().is_ok_and(|own| own.dev() == file.device),
            Shm::Folder(folder) => Path::new(&file.name).starts_with(path_of(folder)),
            Shm::Machine(_) => false,
        }
    }
}

/// Where an open folder is.
fn path_of(folder: &File) -> PathBuf {
    fs::read_link(format!("/proc/self/fd/{}", folder.as_raw_fd())).unwrap_or_default()
}
