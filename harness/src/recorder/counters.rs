//! Counters of the run's sandbox that cost microseconds: the tmpfs, the control group, the machine. Their
//! files stay open.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::sys::statfs::fstatfs;
use nix::sys::statvfs::fstatvfs;

use super::samples::Samples;
use super::text::{self, Kept};
use crate::model::outcome::{Evidence, OomKills};
use crate::model::record::OpenMemoryFile;
use crate::sandbox::{Mode, Running, cgroup};

/// Where the counters of one run are read.
pub(super) struct Counters {
    shm: Option<Shm>,
    disk: Option<File>,
    group: Option<Group>,
    meminfo: Option<Kept>,
    pressure: Option<Kept>,
    /// The least that was free in the tmpfs, in bytes.
    least_free: Option<u64>,
}

/// Shared memory: a filesystem of the run's own, a folder among others', or all of the machine's.
enum Shm {
    Private(File),
    Folder(File),
    Machine(File),
}

struct Group {
    group: cgroup::Group,
    usage: Kept,
    peak: Option<Peak>,
    stat: Option<Kept>,
    /// Version 1 tells the kernel's own memory in a file of its own.
    kernel: Option<Kept>,
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
    pub(crate) shm: Option<u64>,
    /// The control group's total, and its peak since the last beat.
    pub(crate) cgroup: Option<(u64, Option<u64>)>,
}

/// What the memory of the run is made of, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SplitSample {
    shm_files: u64,
    /// Memory of the machine that is available to new programs.
    pub(super) available: u64,
    disk_free: u64,
    /// How long programs have waited for memory, in microseconds.
    pressure: u64,
    group: Option<cgroup::Split>,
    unattributed: u64,
}

/// What of a group's shared memory is known to belong to somebody, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    /// In files that processes hold open, and that are not in the run's own tmpfs.
    pub(super) held: u64,
    /// In the maps of processes.
    pub(super) mapped: u64,
}

impl Counters {
    /// Opens the counters of a run whose supervisor is ready.
    pub(super) fn open(running: &Running) -> Result<Self> {
        let shm = match (&running.tmpfs, &running.shm) {
            (Some(tmpfs), _) => Some(Shm::Private(tmpfs.try_clone().context("the private tmpfs")?)),
            (None, Some(shm)) => Some(Shm::Folder(folder(shm)?)),
            // A machine without shared memory is watched all the same.
            (None, None) => File::open("/dev/shm").ok().map(Shm::Machine),
        };
        let disk = running.disk.as_deref().map(folder).transpose()?;
        let group = running.cgroup.as_ref().map(Group::open).transpose()?;
        let pressure =
            running.cgroup.as_ref().and_then(|group| Kept::open(group.path.join("memory.pressure")));
        Ok(Counters {
            shm,
            disk,
            group,
            meminfo: Kept::open("/proc/meminfo"),
            pressure: pressure.or_else(|| Kept::open("/proc/pressure/memory")),
            least_free: None,
        })
    }

    /// Whether the kernel keeps a peak of the whole run that can be set back.
    pub(super) fn keeps_peaks(&self) -> bool {
        self.group.as_ref().and_then(|group| group.peak.as_ref()).is_some_and(|peak| peak.resets)
    }

    /// Whether a file is in the run's own shared memory, all of which is counted anyway.
    pub(super) fn is_own(&self, file: &OpenMemoryFile) -> bool {
        match &self.shm {
            Some(Shm::Private(folder)) => folder.metadata().is_ok_and(|own| own.dev() == file.device),
            Some(Shm::Folder(folder)) => Path::new(&file.name).starts_with(path_of(folder)),
            Some(Shm::Machine(_)) | None => false,
        }
    }

    /// The track of the beat.
    pub(super) fn beat_track(&self) -> Samples {
        let mut metrics = Vec::new();
        if let Some(shm) = &self.shm {
            let source = match shm {
                Shm::Private(_) => "statfs of the private tmpfs",
                Shm::Folder(_) => "blocks of the files in the run's folder",
                Shm::Machine(_) => "statfs of /dev/shm, which all programs share",
            };
            metrics.push(("tmpfs", source.to_owned()));
        }
        if let Some(group) = &self.group {
            // The names of the files alone: the folders above them are the machine's own business.
            let name = |path: PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            metrics.push(("cgroup", name(group.group.usage_file())));
            if self.keeps_peaks() {
                let peak = format!("{}, set back at each beat", name(group.group.peak_file()));
                metrics.push(("cgroup_peak", peak));
            }
        }
        Samples::new("beat", metrics)
    }

    pub(super) fn beat(&mut self) -> BeatSample {
        let shm = match &self.shm {
            None => None,
            Some(Shm::Private(folder) | Shm::Machine(folder)) => {
                let (used, free) = used_and_free(folder).unwrap_or_default();
                self.least_free = Some(self.least_free.map_or(free, |least| least.min(free)));
                Some(used)
            }
            Some(Shm::Folder(folder)) => Some(files(folder).1),
        };
        BeatSample { shm, cgroup: self.group.as_mut().map(Group::read) }
    }

    /// The track of the split.
    pub(super) fn split_track(&self) -> Samples {
        let mut metrics = vec![
            ("host_available", "MemAvailable in /proc/meminfo".to_owned()),
            ("pressure", "the total of some in memory.pressure or /proc/pressure/memory".to_owned()),
        ];
        if matches!(self.shm, Some(Shm::Private(_) | Shm::Folder(_))) {
            metrics.push(("shm_files", "files in the run's shared memory".to_owned()));
        }
        if self.disk.is_some() {
            let source = "statvfs of the run's folder on the disk, as df tells it";
            metrics.push(("disk_free", source.to_owned()));
        }
        if self.group.is_some() {
            let stat = |what: &str| format!("{what} in the control group's memory.stat");
            metrics.extend([
                ("cgroup_anon", stat("anonymous memory")),
                ("cgroup_file", stat("page cache of files, less shared memory")),
                ("cgroup_shmem", stat("shared memory")),
                ("cgroup_dirty", stat("pages of files that wait to be written")),
                ("cgroup_kernel", "memory of the kernel that is charged to the control group".to_owned()),
                (
                    "unattributed",
                    "cgroup less cgroup_anon, cgroup_file, cgroup_kernel, and the shared memory that is in the \
                     run's tmpfs, in open files or in maps"
                        .to_owned(),
                ),
            ]);
        }
        Samples::new("split", metrics)
    }

    /// What the memory is made of; `known` is what others have found of its shared memory.
    pub(super) fn split(&self, known: Known) -> SplitSample {
        let available = |text: &str| Some(text::lines(text, ["MemAvailable:"])[0] * 1024);
        let mut sample = SplitSample {
            available: self.meminfo.as_ref().and_then(|file| file.read(available)).unwrap_or(u64::MAX),
            pressure: self.pressure.as_ref().and_then(|file| file.read(text::pressure)).unwrap_or(0),
            ..SplitSample::default()
        };
        let mut own = 0;
        match &self.shm {
            Some(Shm::Private(folder)) => {
                sample.shm_files = files(folder).0;
                // Files that were unlinked and are still open count as well.
                own = used_and_free(folder).unwrap_or_default().0;
            }
            Some(Shm::Folder(folder)) => (sample.shm_files, own) = files(folder),
            Some(Shm::Machine(_)) | None => {}
        }
        if let Some(disk) = &self.disk {
            sample.disk_free =
                fstatvfs(disk).map_or(0, |disk| disk.blocks_available() * disk.fragment_size());
        }
        if let Some(group) = &self.group {
            let split = group.split();
            let shared = split.shmem.min((own + known.held).max(known.mapped));
            let explained = split.anon + split.file + split.kernel + shared;
            let usage = group.usage.number().unwrap_or(0);
            (sample.group, sample.unattributed) = (Some(split), usage.saturating_sub(explained));
        }
        sample
    }

    /// The values in the order of the track's metrics.
    pub(super) fn split_row(&self, sample: &SplitSample) -> Vec<u64> {
        let mut row = vec![sample.available, sample.pressure];
        if matches!(self.shm, Some(Shm::Private(_) | Shm::Folder(_))) {
            row.push(sample.shm_files);
        }
        if self.disk.is_some() {
            row.push(sample.disk_free);
        }
        if let Some(split) = sample.group {
            let cgroup::Split { anon, file, shmem, dirty, kernel } = split;
            row.extend([anon, file, shmem, dirty, kernel, sample.unattributed]);
        }
        row
    }

    /// The bytes of the run's files on the disk, or of these ones, that are in the page cache.
    pub(super) fn cached(&self, files: &[PathBuf]) -> u64 {
        let own = self.disk.as_ref().map(paths).unwrap_or_default();
        own.iter().chain(files).filter_map(|path| cached(path)).sum()
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
        let source = match self.shm {
            Some(Shm::Machine(_)) => "/dev/shm of the machine is full",
            _ => "the tmpfs is full",
        };
        let full = match self.least_free {
            None => Evidence::could_not_look(source, "it is shared with the machine".into()),
            Some(free) if free < procfs::page_size() => {
                Evidence::fired(source, "no page was free at some time".into())
            }
            Some(_) => Evidence::did_not_fire(source),
        };
        vec![oom.evidence(), full]
    }

    /// How many processes are left in the group of a run that is only watched; they go on.
    pub(super) fn left(&self, mode: Mode) -> Option<Evidence> {
        let group = self.group.as_ref().filter(|_| mode == Mode::Watched)?;
        let procs = Kept::open(group.group.procs_file())?.read(|text| Some(text::pids(text).len()))?;
        (procs > 0).then(|| Evidence::fired("processes that go on", procs.to_string()))
    }
}

/// Where an open folder is.
fn path_of(folder: &File) -> PathBuf {
    fs::read_link(format!("/proc/self/fd/{}", folder.as_raw_fd())).unwrap_or_default()
}

fn folder(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("a folder of the run, {}", path.display()))
}

impl Group {
    fn open(group: &cgroup::Group) -> Result<Self> {
        let path = group.usage_file();
        let usage = Kept::open(&path).with_context(|| path.display().to_string())?;
        Ok(Group {
            group: group.clone(),
            usage,
            peak: Peak::open(&group.peak_file()),
            stat: Kept::open(group.path.join("memory.stat")),
            kernel: group.kernel_file().and_then(Kept::open),
        })
    }

    fn read(&mut self) -> (u64, Option<u64>) {
        let usage = self.usage.number().unwrap_or(0);
        (usage, self.peak.as_mut().and_then(|peak| peak.read(usage)))
    }

    fn split(&self) -> cgroup::Split {
        let version = self.group.version;
        let split =
            self.stat.as_ref().and_then(|stat| stat.read(|text| Some(cgroup::Split::of(version, text))));
        let mut split = split.unwrap_or_default();
        split.kernel = self.kernel.as_ref().and_then(Kept::number).unwrap_or(split.kernel);
        split
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
        let peak = self.number().unwrap_or(0).max(usage);
        self.highest = self.highest.max(peak);
        if self.resets {
            let _ = self.file.write_at(b"0", 0);
        }
        self.resets.then_some(peak)
    }

    fn number(&self) -> Option<u64> {
        let mut text = [0; 32];
        let length = self.file.read_at(&mut text, 0).ok()?;
        std::str::from_utf8(&text[..length]).ok()?.trim().parse().ok()
    }
}

impl BeatSample {
    /// The values in the order of the track's metrics.
    pub(super) fn row(&self) -> Vec<u64> {
        let mut row: Vec<u64> = self.shm.into_iter().collect();
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
