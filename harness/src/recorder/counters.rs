//! Counters that cost microseconds: the tmpfs, and the run's control group. Their files stay open.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::statfs::fstatfs;
use nix::sys::statvfs::fstatvfs;
use procfs::{Current, Meminfo};

use super::samples::Samples;
use super::tree::{Resident, Tree, Walked};
use crate::outcome::{Evidence, OomKills};
use crate::sandbox::{Namespaces, Running, cgroup};

/// Where the counters of one run are read.
pub(super) struct Counters {
    shm: Shm,
    disk: File,
    group: Option<Group>,
    /// The least that was free in the private tmpfs, in bytes.
    least_free: Option<u64>,
}

/// The folder of shared memory: its own filesystem, or a folder among others'.
enum Shm {
    Private(File),
    Folder(File),
}

struct Group {
    group: cgroup::Group,
    usage: File,
    peak: Option<Peak>,
}

/// The kernel's high-water mark, which is set back at each sample where the kernel allows it.
struct Peak {
    file: File,
    resets: bool,
    highest: u64,
}

/// What is read at each beat, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BeatSample {
    pub(crate) shm: u64,
    pub(crate) resident: Resident,
    /// The control group's total, and its peak since the last beat.
    pub(crate) cgroup: Option<(u64, Option<u64>)>,
}

impl Counters {
    /// Opens the counters of a run whose keeper is ready.
    pub(super) fn open(running: &Running) -> Result<Self> {
        let seen = match running.namespaces {
            // Through the keeper's /proc folder its mounts are seen from outside.
            Namespaces::User | Namespaces::Root => {
                format!("/proc/{}/root{}", running.keeper(), running.shm.display())
            }
            Namespaces::None => running.shm.display().to_string(),
        };
        let folder = File::open(&seen).with_context(|| format!("the run's shared memory, {seen}"))?;
        let shm = match running.namespaces {
            Namespaces::None => Shm::Folder(folder),
            Namespaces::User | Namespaces::Root => Shm::Private(folder),
        };
        let group = running.cgroup.as_ref().map(Group::open).transpose()?;
        let disk = File::open(&running.disk).with_context(|| running.disk.display().to_string())?;
        Ok(Counters { shm, disk, group, least_free: None })
    }

    /// The track of the beat.
    pub(super) fn beat_track(&self) -> Samples {
        let shm = match self.shm {
            Shm::Private(_) => "statfs of the private tmpfs",
            Shm::Folder(_) => "blocks of the files in the run's folder",
        };
        let statm = |what: &str| format!("{what} from /proc/PID/statm");
        let mut metrics = vec![
            ("tmpfs", shm.to_owned()),
            ("rss", statm("sum of resident memory")),
            ("anon", statm("sum of resident memory less shared")),
            ("root_anon", statm("resident memory less shared of the first process")),
            ("processes", "processes below init".to_owned()),
        ];
        if let Some(group) = &self.group {
            // The names of the files alone: the folders above them are the machine's own business.
            let name = |path: PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            metrics.push(("cgroup", name(group.group.usage_file())));
            if group.peak.as_ref().is_some_and(|peak| peak.resets) {
                let peak = format!("{}, set back at each beat", name(group.group.peak_file()));
                metrics.push(("cgroup_peak", peak));
            }
        }
        Samples::new("beat", metrics)
    }

    pub(super) fn beat(&mut self, tree: &mut Tree) -> BeatSample {
        let shm = match &self.shm {
            Shm::Private(folder) => {
                let (used, free) = used_and_free(folder).unwrap_or_default();
                self.least_free = Some(self.least_free.map_or(free, |least| least.min(free)));
                used
            }
            Shm::Folder(folder) => files(folder).1,
        };
        let cgroup = self.group.as_mut().map(Group::read);
        BeatSample { shm, resident: tree.resident(), cgroup }
    }

    /// The track of the split.
    pub(super) fn split_track(&self) -> Samples {
        let mut metrics = vec![
            ("shm_files", "files in the run's shared memory".to_owned()),
            ("file", "sum of RssFile in /proc/PID/status".to_owned()),
            ("shmem", "sum of RssShmem in /proc/PID/status".to_owned()),
            ("minor_faults", "sum of minflt and cminflt in /proc/PID/stat".to_owned()),
            ("major_faults", "sum of majflt and cmajflt in /proc/PID/stat".to_owned()),
            ("children_minor_faults", "the same of all processes but the first".to_owned()),
            ("cpu", "clock_getcpuclockid of the processes".to_owned()),
            ("host_available", "MemAvailable in /proc/meminfo".to_owned()),
            ("disk_free", "statvfs of the run's folder on the disk, as df tells it".to_owned()),
        ];
        if self.group.is_some() {
            let stat = |what: &str| format!("{what} in the control group's memory.stat");
            metrics.push(("cgroup_anon", stat("anonymous memory")));
            metrics.push(("cgroup_file", stat("page cache of files, less shared memory")));
            metrics.push(("cgroup_shmem", stat("shared memory")));
        }
        Samples::new("split", metrics)
    }

    pub(super) fn split(&self, tree: &Tree) -> Vec<u64> {
        let (Shm::Private(folder) | Shm::Folder(folder)) = &self.shm;
        let mut row = vec![files(folder).0];
        row.extend(tree.mapped());
        row.extend(tree.faults());
        row.push(tree.cpu());
        row.push(Meminfo::current().ok().and_then(|info| info.mem_available).unwrap_or(0));
        row.push(fstatvfs(&self.disk).map_or(0, |disk| disk.blocks_available() * disk.fragment_size()));
        if let Some(group) = &self.group {
            row.extend(group.group.split().unwrap_or_default());
        }
        row
    }

    /// The track of what is dear to look at: walks over page tables, and over the page cache.
    pub(super) fn walk_track(&self) -> Samples {
        let mut metrics = Walked::metrics();
        metrics.push(("disk_cached", "cachestat or mincore of the run's files on the disk".to_owned()));
        Samples::new("walk", metrics)
    }

    pub(super) fn walk(&self, tree: &Tree) -> Vec<u64> {
        let mut row = tree.walk().row();
        row.push(paths(&self.disk).iter().filter_map(|path| cached(path)).sum());
        row
    }

    /// The kernel's own peaks.
    pub(super) fn peaks(&self) -> BTreeMap<String, u64> {
        let peak = self.group.as_ref().and_then(|group| group.peak.as_ref());
        peak.map(|peak| ("cgroup".to_owned(), peak.highest)).into_iter().collect()
    }

    /// How often the OOM killer struck in the run's group.
    pub(super) fn oom_kills(&self) -> OomKills {
        match &self.group {
            None => OomKills::Unknown("the run has no control group".into()),
            Some(group) => match group.group.oom_kills() {
                (source, Ok(count)) => OomKills::Counted { source, count },
                (source, Err(error)) => OomKills::Unknown(format!("{source}: {error}")),
            },
        }
    }

    /// What the counters say about the end of the run.
    pub(super) fn evidence(&self, oom: &OomKills) -> Vec<Evidence> {
        let full = match self.least_free {
            None => Evidence::could_not_look("the tmpfs is full", "it is shared with the machine".into()),
            Some(free) if free < procfs::page_size() => {
                Evidence::fired("the tmpfs is full", "no page was free at some time".into())
            }
            Some(_) => Evidence::did_not_fire("the tmpfs is full"),
        };
        vec![oom.evidence(), full]
    }
}

impl Group {
    fn open(group: &cgroup::Group) -> Result<Self> {
        let path = group.usage_file();
        let usage = File::open(&path).with_context(|| path.display().to_string())?;
        Ok(Group { group: group.clone(), usage, peak: Peak::open(&group.peak_file()) })
    }

    fn read(&mut self) -> (u64, Option<u64>) {
        let usage = number(&self.usage).unwrap_or(0);
        (usage, self.peak.as_mut().and_then(|peak| peak.read(usage)))
    }
}

impl Peak {
    /// `None` where the kernel keeps no peak: version 2 before Linux 5.19.
    fn open(path: &Path) -> Option<Self> {
        let writable = OpenOptions::new().read(true).write(true).open(path);
        let (file, resets) = match writable {
            // Version 1 since 2.6; version 2 since Linux 6.12, for this descriptor alone.
            Ok(file) => {
                let resets = (&file).write_all(b"0").is_ok();
                (file, resets)
            }
            Err(_) => (File::open(path).ok()?, false),
        };
        Some(Peak { file, resets, highest: 0 })
    }

    /// The peak since the last read; `None` where it can not be set back.
    fn read(&mut self, usage: u64) -> Option<u64> {
        let peak = number(&self.file).unwrap_or(0).max(usage);
        self.highest = self.highest.max(peak);
        if self.resets {
            let _ = self.file.write_at(b"0", 0);
        }
        self.resets.then_some(peak)
    }
}

impl BeatSample {
    /// The values in the order of the track's metrics.
    pub(super) fn row(&self) -> Vec<u64> {
        let Resident { rss, anon, root_anon, processes } = self.resident;
        let mut row = vec![self.shm, rss, anon, root_anon, processes];
        if let Some((usage, peak)) = self.cgroup {
            row.push(usage);
            row.extend(peak);
        }
        row
    }
}

/// Used and free bytes of the filesystem that a folder is on.
fn used_and_free(folder: &File) -> Option<(u64, u64)> {
    let stat = fstatfs(folder).ok()?;
    let block = u64::try_from(stat.block_size()).ok()?;
    Some(((stat.blocks() - stat.blocks_free()) * block, stat.blocks_free() * block))
}

/// How many files there are below a folder, and how many bytes they really take.
fn files(folder: &File) -> (u64, u64) {
    let sizes = paths(folder).into_iter().filter_map(|path| path.symlink_metadata().ok());
    sizes.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.blocks() * 512))
}

/// The files below a folder.
fn paths(folder: &File) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

/// The bytes of a file that are in the page cache; `None` where nobody may look.
fn cached(path: &Path) -> Option<u64> {
    labkit::sys::cached_bytes(&File::open(path).ok()?).ok()
}

/// The number that a file of the control group holds.
fn number(file: &File) -> Option<u64> {
    let mut text = [0; 32];
    let length = file.read_at(&mut text, 0).ok()?;
    std::str::from_utf8(&text[..length]).ok()?.trim().parse().ok()
}
