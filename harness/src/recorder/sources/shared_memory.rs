//! How full the run's shared memory is.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::statfs::fstatfs;

use crate::host::files::{self, is_tmpfs};
use crate::model::metric::Metric;
use crate::model::outcome::Evidence;
use crate::model::record::{OpenMemoryFile, What};
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&TMPFS, &INODES];

pub(in crate::recorder) static TMPFS: Metric =
    Metric::bytes("tmpfs", "bytes used in the run's folder of shared memory");

static INODES: Metric =
    Metric::count("tmpfs_inodes", "files, folders and links on the filesystem of the run's shared memory");

const SHM: &str = "/dev/shm";

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Interval, budget: Budget::Free };

/// Shared memory: a filesystem of the run's own, a folder among others', or all of the machine's.
pub(super) enum Shm {
    Private(File),
    Folder(File),
    Machine(File),
}

pub(super) struct SharedMemory {
    shm: Shm,
    bytes: Free,
    /// `None` if the filesystem doesn't count them, since they aren't limited.
    inodes: Option<Free>,
}

/// How much was free of what the filesystem has.
#[derive(Default)]
struct Free {
    /// The least so far.
    least: Option<u64>,
    is_full: bool,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<SharedMemory>> {
    let Some(shm) = Shm::of(target)? else { return Ok(None) };
    let counts_inodes = match &shm {
        Shm::Private(folder) | Shm::Machine(folder) => fstatfs(folder).is_ok_and(|stat| stat.files() > 0),
        Shm::Folder(_) => false,
    };
    Ok(Some(SharedMemory { shm, bytes: Free::default(), inodes: counts_inodes.then(Free::default) }))
}

impl Source for SharedMemory {
    fn columns(&self) -> Vec<Column> {
        let from = match self.shm {
            Shm::Private(_) => "statfs of the private tmpfs",
            Shm::Folder(_) => "blocks of the files in the run's folder",
            Shm::Machine(_) => "statfs of /dev/shm, which all programs share",
        };
        let inodes = self.inodes.as_ref().map(|_| Column::new(&INODES, from));
        [Column::new(&TMPFS, from)].into_iter().chain(inodes).collect()
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        let place = self.shm.place();
        match &self.shm {
            Shm::Private(folder) | Shm::Machine(folder) => {
                let Ok(stat) = fstatfs(folder) else { return };
                let block = u64::try_from(stat.block_size()).unwrap_or(0);
                row.set(&TMPFS, (stat.blocks() - stat.blocks_free()) * block);
                if self.bytes.fills(stat.blocks_free() * block, procfs::page_size()) {
                    row.happened(What::Full(place.to_owned()));
                }
                if let Some(inodes) = &mut self.inodes {
                    row.set(&INODES, stat.files().saturating_sub(stat.files_free()));
                    if inodes.fills(stat.files_free(), 1) {
                        row.happened(What::Full(format!("inodes of {place}")));
                    }
                }
            }
            Shm::Folder(folder) => row.set(&TMPFS, files::count_below(folder).1),
        }
    }

    fn is_everybodys(&self) -> bool {
        matches!(self.shm, Shm::Machine(_))
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        let place = self.shm.place();
        let full = format!("{place} is full");
        let shared = || Evidence::could_not_look(&full, "it is shared with the machine".into());
        let bytes = self.bytes.evidence(&full, "no page was free at some time");
        conclusion.evidence.push(bytes.unwrap_or_else(shared));
        let inodes = self.inodes.as_ref().and_then(|inodes| {
            inodes.evidence(&format!("{place} has no inode left"), "no file could be made at some time")
        });
        conclusion.evidence.extend(inodes);
    }
}

impl Free {
    /// Takes in how much is free by now; less than `least` is nothing. Says whether that has just become so.
    fn fills(&mut self, free: u64, least: u64) -> bool {
        let free = if free < least { 0 } else { free };
        self.least = Some(self.least.map_or(free, |least| least.min(free)));
        let was_full = std::mem::replace(&mut self.is_full, free == 0);
        self.is_full && !was_full
    }

    /// Whether nothing was free at some time; `None` if nobody has looked.
    fn evidence(&self, source: &str, detail: &str) -> Option<Evidence> {
        self.least.map(|least| match least {
            0 => Evidence::fired(source, detail.to_owned()),
            _ => Evidence::did_not_fire(source),
        })
    }
}

impl Shm {
    /// The shared memory that a run uses; `None` on a machine that has none.
    pub(super) fn of(target: &Target<'_>) -> Result<Option<Self>> {
        let folder = |path: &Path| {
            File::open(path).with_context(|| format!("a folder of the run, {}", path.display()))
        };
        Ok(match (&target.running.tmpfs, &target.running.shm, target.attached) {
            (Some(tmpfs), ..) => Some(Shm::Private(tmpfs.try_clone().context("the private tmpfs")?)),
            (None, Some(shm), _) => Some(Shm::Folder(folder(shm)?)),
            (None, None, Some(pid)) => Shm::seen_by(pid),
            (None, None, None) => File::open(SHM).ok().map(Shm::Machine),
        })
    }

    /// That of a process, which may be in a container. If it can't be looked at, another one shows nothing.
    fn seen_by(pid: i32) -> Option<Self> {
        let path = format!("/proc/{pid}/root{SHM}");
        let theirs = File::open(&path).ok().filter(|_| is_tmpfs(Path::new(&path)))?;
        let device = |folder: &File| folder.metadata().map(|data| data.dev()).ok();
        let ours = File::open(SHM).ok().and_then(|folder| device(&folder));
        Some(if device(&theirs) == ours { Shm::Machine(theirs) } else { Shm::Private(theirs) })
    }

    /// What it's called.
    fn place(&self) -> &'static str {
        match self {
            Shm::Private(_) | Shm::Folder(_) => "the tmpfs",
            Shm::Machine(_) => "/dev/shm of the machine",
        }
    }

    /// The run's own shared memory; `None` if it uses the machine's.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_that_it_fills_is_noticed_once_and_the_least_is_kept() {
        let mut free = Free::default();
        assert!(free.evidence("it is full", "nothing was free").is_none());
        let filled: Vec<bool> = [9000, 4095, 0, 8192, 100].map(|bytes| free.fills(bytes, 4096)).into();
        assert_eq!(filled, [false, true, false, false, true]);
        let evidence = Evidence::fired("it is full", "nothing was free".into());
        assert_eq!(free.evidence("it is full", "nothing was free"), Some(evidence));
    }
}
