//! A fresh memory control group for each run: the limit, the exact total, the true peak, the count
//! of OOM kills. Version 2 where the machine has it (cgroups(7), cgroup-v2.rst), else version 1.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::{MountInfo, Process};
use serde::{Deserialize, Serialize};

use super::{Namespaces, Running, Spec};

/// The version of the control group hierarchy that holds the memory controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Version {
    /// The memory controller has a hierarchy of its own.
    V1,
    /// One hierarchy for all controllers.
    V2,
}

/// The controller that bounds and counts memory.
const MEMORY: &str = "memory";

impl Version {
    /// The version of a mounted hierarchy; `None` where it can not have the controller.
    fn of(mount: &MountInfo, controller: &str) -> Option<Self> {
        let controllers = || fs::read_to_string(mount.mount_point.join("cgroup.controllers"));
        match mount.fs_type.as_str() {
            // Where version 1 has the controller, this hierarchy is there without it.
            "cgroup2" if controllers().is_ok_and(|names| names.contains(controller)) => Some(Version::V2),
            "cgroup" if mount.super_options.contains_key(controller) => Some(Version::V1),
            _ => None,
        }
    }
}

/// The groups that a process is in, as folders of a mounted hierarchy, the innermost first.
fn own_groups(process: &Process, mount: &MountInfo, controller: &str) -> Vec<PathBuf> {
    let Some(version) = Version::of(mount, controller) else { return Vec::new() };
    let has_it = |controllers: &[String]| match version {
        Version::V1 => controllers.iter().any(|name| name == controller),
        Version::V2 => controllers.iter().all(String::is_empty),
    };
    let Ok(groups) = process.cgroups() else { return Vec::new() };
    let Some(own) = groups.0.iter().find(|group| has_it(&group.controllers)) else { return Vec::new() };
    // A container mounts a part of the hierarchy; the path is told from the top of the whole.
    let path = Path::new(&own.pathname);
    let inside = path.strip_prefix(&mount.root).or(path.strip_prefix("/")).unwrap_or(path);
    let mut group = mount.mount_point.join(inside);
    if !group.is_dir() {
        group.clone_from(&mount.mount_point);
    }
    let above = group.ancestors().take_while(|group| group.starts_with(&mount.mount_point));
    above.map(Path::to_owned).collect()
}

/// The group of this process in the hierarchy that version 1 has for a controller; `None` where there is none.
pub(super) fn own_in_version_1(controller: &str) -> Option<PathBuf> {
    let me = Process::myself().ok()?;
    let mounts = me.mountinfo().ok()?;
    let mut mounts = mounts.into_iter().filter(|mount| Version::of(mount, controller) == Some(Version::V1));
    mounts.find_map(|mount| own_groups(&me, &mount, controller).into_iter().next())
}

/// A folder of the hierarchy in which groups may be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CgroupParent {
    /// The version of the hierarchy.
    pub version: Version,
    /// The folder.
    pub parent: PathBuf,
    /// The group that this process is in, below that folder or the same.
    pub home: PathBuf,
}

/// What bounds the group of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The most memory that it may use, in bytes, and no swap besides; `None` for all that the machine has.
    pub memory: Option<u64>,
    /// Whether the OOM killer ends the whole run, or as elsewhere one process of it. Version 1 knows
    /// the latter alone.
    pub kills_all: bool,
}

/// The control group of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The version of the hierarchy.
    pub version: Version,
    /// Its folder.
    pub path: PathBuf,
}

impl CgroupParent {
    /// The nearest place above this process where a group with a memory limit may be made.
    ///
    /// # Errors
    ///
    /// Says why there is none.
    pub fn find() -> Result<Self> {
        let me = Process::myself().context("/proc/self")?;
        let mut refusal = anyhow!("no hierarchy of control groups with a memory controller is mounted");
        for mount in me.mountinfo().context("/proc/self/mountinfo")? {
            let Some(version) = Version::of(&mount, MEMORY) else { continue };
            let own = own_groups(&me, &mount, MEMORY);
            for parent in own.clone() {
                let place = CgroupParent { version, parent, home: own[0].clone() };
                match place.try_out() {
                    Ok(()) => return Ok(place),
                    Err(error) => refusal = error,
                }
            }
        }
        Err(refusal)
    }

    /// Makes a group and removes it again. A supervisor does it, so that the group goes even if this
    /// process is killed meanwhile.
    fn try_out(&self) -> Result<()> {
        let bounds = Bounds { memory: Some(1 << 30), kills_all: true };
        let cgroup = Some((self.clone(), bounds));
        Running::start(&Spec { cgroup, ..Spec::of_nothing(Namespaces::None) })?.end();
        Ok(())
    }

    /// Makes a fresh group with these bounds.
    ///
    /// # Errors
    ///
    /// The file that could not be made or written.
    pub fn make(&self, bounds: Bounds) -> Result<Group> {
        if self.version == Version::V2 {
            // Delegated groups have the controller, but need not have passed it on yet. A refusal
            // shows below, as a missing memory.max.
            let _ = fs::write(self.parent.join("cgroup.subtree_control"), "+memory");
        }
        let path = self.parent.join(format!("{}{}", super::PREFIX, std::process::id()));
        fs::create_dir(&path).with_context(|| path.display().to_string())?;
        let group = Group { version: self.version, path };
        group.bound(bounds).inspect_err(|_| group.remove())?;
        Ok(group)
    }
}

impl fmt::Display for CgroupParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.version {
            Version::V1 => "cgroup v1",
            Version::V2 => "cgroup v2",
        })
    }
}

impl Group {
    fn bound(&self, bounds: Bounds) -> Result<()> {
        let usage = self.usage_file();
        File::open(&usage).with_context(|| usage.display().to_string())?;
        let Some(bytes) = bounds.memory else { return Ok(()) };
        let write = |name: &str, text: &str| fs::write(self.path.join(name), text);
        let limit = self.limit_file();
        fs::write(&limit, bytes.to_string()).with_context(|| limit.display().to_string())?;
        match self.version {
            Version::V1 => {
                // Absent where the kernel does not account swap; then there is none to forbid.
                let _ = write("memory.memsw.limit_in_bytes", &bytes.to_string());
            }
            Version::V2 => {
                let _ = write("memory.swap.max", "0");
                if bounds.kills_all {
                    let _ = write("memory.oom.group", "1");
                }
            }
        }
        Ok(())
    }

    /// The file whose number is the most memory that the group may use, in bytes; `max` for no limit.
    fn limit_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.limit_in_bytes",
            Version::V2 => "memory.max",
        })
    }

    /// The file whose number is all memory charged to the group, in bytes.
    pub fn usage_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.usage_in_bytes",
            Version::V2 => "memory.current",
        })
    }

    /// The file whose number is the highest usage so far, in bytes; version 2 has it since Linux 5.19.
    pub fn peak_file(&self) -> PathBuf {
        self.path.join(match self.version {
            Version::V1 => "memory.max_usage_in_bytes",
            Version::V2 => "memory.peak",
        })
    }

    /// The file that names the processes of the group.
    pub fn procs_file(&self) -> PathBuf {
        self.path.join("cgroup.procs")
    }

    /// How often the kernel's OOM killer has struck in the group, and the file that says so.
    ///
    /// # Errors
    ///
    /// The file's: then nobody knows.
    pub fn oom_kills(&self) -> (String, io::Result<u64>) {
        let name = match self.version {
            Version::V1 => "memory.oom_control",
            Version::V2 => "memory.events",
        };
        let count = fs::read_to_string(self.path.join(name)).and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("oom_kill ")?.parse().ok())
                .ok_or_else(|| io::Error::other("it has no line oom_kill"))
        });
        (format!("{name} oom_kill"), count)
    }

    /// The file whose number is the kernel's own memory that is charged to the group, in bytes; `None`
    /// where `memory.stat` tells it.
    pub fn kernel_file(&self) -> Option<PathBuf> {
        (self.version == Version::V1).then(|| self.path.join("memory.kmem.usage_in_bytes"))
    }

    /// Kills whatever is left in the group.
    pub fn kill(&self) {
        // Since Linux 5.14 in version 2, and safe against forks that race.
        if fs::write(self.path.join("cgroup.kill"), "1").is_ok() {
            return;
        }
        let procs = fs::read_to_string(self.procs_file()).unwrap_or_default();
        for pid in procs.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid > 0) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }

    /// Gives what is left in the group back to the group `home`, and removes it.
    pub fn release(&self, home: &Path) {
        for _ in 0..REMOVALS {
            let procs = fs::read_to_string(self.procs_file()).unwrap_or_default();
            for pid in procs.lines() {
                // One that has ended meanwhile needs no group.
                let _ = fs::write(home.join("cgroup.procs"), pid);
            }
            match fs::remove_dir(&self.path) {
                Err(error) if error.raw_os_error() == Some(nix::libc::EBUSY) => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                _ => return,
            }
        }
    }

    /// Removes the group, killing whatever is left in it. A dying process holds it for a moment.
    pub fn remove(&self) {
        for _ in 0..REMOVALS {
            match fs::remove_dir(&self.path) {
                Err(error) if error.raw_os_error() == Some(nix::libc::EBUSY) => {
                    self.kill();
                    std::thread::sleep(std::time::Duration::from_millis(5));
                }
                _ => return,
            }
        }
    }
}

/// What the memory of a group is made of, in bytes, as `memory.stat` splits it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Split {
    /// Anonymous memory.
    pub anon: u64,
    /// Page cache of files, less shared memory.
    pub file: u64,
    /// Shared memory: tmpfs, memfd, System V and shared anonymous maps.
    pub shmem: u64,
    /// Of the page cache, what waits to be written.
    pub dirty: u64,
    /// The kernel's own: page tables, stacks, slabs. Version 1 tells it elsewhere, and 0 here.
    pub kernel: u64,
}

impl Split {
    /// Reads the text of a `memory.stat`.
    pub fn of(version: Version, text: &str) -> Self {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|number| number.parse::<u64>().ok())
        };
        let sum = |names: &[&str]| names.iter().filter_map(|name| field(name)).fold(0, u64::saturating_add);
        match version {
            Version::V1 => {
                let shmem = field("total_shmem").unwrap_or(0);
                Split {
                    anon: field("total_rss").unwrap_or(0),
                    // Version 1 counts tmpfs in "cache" as well; "shmem" tells it apart.
                    file: field("total_cache").unwrap_or(0).saturating_sub(shmem),
                    shmem,
                    dirty: field("total_dirty").unwrap_or(0),
                    kernel: 0,
                }
            }
            Version::V2 => {
                let shmem = field("shmem").unwrap_or(0);
                let parts = ["kernel_stack", "pagetables", "percpu", "sock", "slab"];
                Split {
                    anon: field("anon").unwrap_or(0),
                    file: field("file").unwrap_or(0).saturating_sub(shmem),
                    shmem,
                    dirty: field("file_dirty").unwrap_or(0),
                    // Told as one number since Linux 5.18.
                    kernel: field("kernel").unwrap_or_else(|| sum(&parts)),
                }
            }
        }
    }
}

/// How often a busy group is tried again: for 10 s, and a program of many GiB takes one to die.
const REMOVALS: u32 = 2000;

/// What the groups above this process leave to it, in bytes; `None` where none of them has a limit.
///
/// A container sees all of the host's memory in /proc/meminfo, but may not use it.
pub fn room() -> Option<u64> {
    let me = Process::myself().ok()?;
    let mut rooms = Vec::new();
    for mount in me.mountinfo().ok()? {
        let Some(version) = Version::of(&mount, MEMORY) else { continue };
        for path in own_groups(&me, &mount, MEMORY) {
            let group = Group { version, path };
            let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
            if let (Some(limit), Some(used)) = (number(group.limit_file()), number(group.usage_file())) {
                rooms.push(limit.saturating_sub(used));
            }
        }
    }
    rooms.into_iter().min()
}

/// Removes the groups in a place whose supervisors no longer live.
pub(super) fn sweep(place: &CgroupParent) -> Vec<PathBuf> {
    let mut swept = Vec::new();
    for path in super::supervisor::orphans(&place.parent) {
        let group = Group { version: place.version, path };
        group.remove();
        if !group.path.exists() {
            swept.push(group.path);
        }
    }
    swept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_versions_split_the_same_memory_alike() {
        let v1 = "cache 9\ntotal_cache 700\ntotal_rss 100\ntotal_shmem 300\ntotal_dirty 5\n";
        let split = Split { anon: 100, file: 400, shmem: 300, dirty: 5, kernel: 0 };
        assert_eq!(Split::of(Version::V1, v1), split);
        let v2 = "anon 100\nfile 700\nkernel 40\nkernel_stack 20\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Split::of(Version::V2, v2), Split { kernel: 40, ..split });
        let old = "anon 100\nfile 700\nkernel_stack 20\nslab 30\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Split::of(Version::V2, old), Split { kernel: 50, ..split });
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "((anon|shmem|file|slab|total_rss|total_cache|total_shmem) [0-9]*\n|.*\n)*") {
            let _ = (Split::of(Version::V1, &text), Split::of(Version::V2, &text));
        }
    }
}
