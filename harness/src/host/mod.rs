//! What this machine can do: probed for real, printed by `lab doctor`, stamped on every record.

pub mod files;

use std::collections::BTreeMap;
use std::fs;

use nix::sys::statvfs::statvfs;
use procfs::{Current, Meminfo};
use serde::Serialize;

use crate::model::record::Limits;
use crate::recorder;
use crate::sandbox::{Namespaces, Running, Spec, cgroup, pids};

/// What this machine can do.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Names and values that tell one machine from another, none of which names its owner.
    pub stamp: BTreeMap<String, String>,
    /// The namespaces that a run may have, and why not more.
    pub namespaces: Namespaces,
    /// Why there are no namespaces, where there are none.
    pub no_namespaces: Option<String>,
    /// Where control groups may be made, or why nowhere.
    pub cgroup: Result<cgroup::CgroupParent, String>,
    /// What bounds the number of a run's processes.
    pub pids: pids::PidLimit,
    /// Free bytes in the machine's folder of shared memory; `None` where there is none.
    pub shm_free: Option<u64>,
    /// Memory that a run may take, in bytes: what the kernel says is available, or less in a container.
    pub available: u64,
}

/// One line of `lab doctor`.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub probe: &'static str,
    /// What was found.
    pub found: String,
    /// What to do to get more, where there is more to get.
    pub advice: Option<String>,
}

impl Machine {
    /// Looks at the machine. Takes some milliseconds, since what can be tried is tried.
    pub fn probe() -> Self {
        let (namespaces, no_namespaces) = namespaces();
        let cgroup = cgroup::CgroupParent::find().map_err(|error| format!("{error:#}"));
        let pids = pids::PidLimit::find(cgroup.as_ref().ok());
        let meminfo = Meminfo::current().ok();
        let available = meminfo.as_ref().and_then(|info| info.mem_available).unwrap_or(0);
        let shm = statvfs("/dev/shm").ok();
        Machine {
            stamp: stamp(meminfo.as_ref(), &cgroup),
            namespaces,
            no_namespaces,
            cgroup,
            pids,
            shm_free: shm.map(|shm| shm.blocks_available() * shm.fragment_size()),
            available: cgroup::room().map_or(available, |room| room.min(available)),
        }
    }

    /// How a run with these limits is confined here, a line for each layer.
    pub fn confinement(&self, limits: &Limits) -> Vec<String> {
        let mib = |bytes: Option<u64>| bytes.map(|bytes| bytes >> 20);
        let mut lines = Vec::new();
        if let Some(tmpfs) = mib(limits.tmpfs) {
            lines.push(match self.namespaces {
                Namespaces::None => "no namespaces: a folder of its own in the machine's /dev/shm".to_owned(),
                Namespaces::User => {
                    format!("private tmpfs of {tmpfs} MiB, in user, mount, pid and IPC namespaces")
                }
                Namespaces::Root => format!("private tmpfs of {tmpfs} MiB, in mount, pid and IPC namespaces"),
            });
        }
        if let Some(memory) = mib(limits.memory) {
            lines.push(match &self.cgroup {
                Ok(place) => format!("memory limit of {memory} MiB by {place}"),
                Err(_) => {
                    format!("no memory limit by the kernel: lab's watchdog ends the run at {memory} MiB")
                }
            });
        }
        if let Some(processes) = limits.processes {
            lines.push(format!("at most {processes} processes and threads: {}", self.pids));
        }
        let still = limits.no_progress_ms.map(|still| format!("{still} ms in which nothing moves"));
        let deadline = limits.seconds.map(|seconds| format!("deadline of {seconds} s"));
        let ends: Vec<String> = deadline.into_iter().chain(still).collect();
        if !ends.is_empty() {
            lines.push(ends.join(", or "));
        }
        lines
    }

    /// The findings, as `lab doctor` prints them.
    pub fn findings(&self) -> Vec<Finding> {
        let stamp = |name: &str| self.stamp.get(name).cloned().unwrap_or_default();
        let finding =
            |probe, found, advice: Option<&str>| Finding { probe, found, advice: advice.map(str::to_owned) };
        let namespaces = match (self.namespaces, &self.no_namespaces) {
            (Namespaces::Root, _) => finding("namespaces", "yes, as root".into(), None),
            (Namespaces::User, _) => finding("namespaces", "yes, as an ordinary user".into(), None),
            (Namespaces::None, why) => finding(
                "namespaces",
                format!("no: {}", why.as_deref().unwrap_or("unknown")),
                Some(
                    "On Ubuntu 24.04 and later: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. \
                     In a container: run it with --privileged, or on the machine itself. \
                     Without them /dev/shm is shared, and sizes are scaled to its free space.",
                ),
            ),
        };
        let memory = match &self.cgroup {
            Ok(place) => finding("memory limit", place.to_string(), None),
            Err(why) => finding(
                "memory limit",
                format!("no: {why}"),
                Some(
                    "With systemd: systemd-run --user --scope -p Delegate=yes make scenario-1. \
                     Or run it as root. Without it lab's own watchdog is the limit, and a scenario that \
                     needs the kernel's OOM killer is UNKNOWN.",
                ),
            ),
        };
        let shm = match self.shm_free {
            Some(free) => format!("{} MiB free", free >> 20),
            None => "there is none".into(),
        };
        let children = match recorder::counts_processes() {
            Ok(None) => finding("short children", "each is counted, with its own peak".into(), None),
            Ok(Some(why)) => finding(
                "short children",
                format!("each is counted, but without its own peak: {why}"),
                Some("Run it as root."),
            ),
            Err(why) => finding(
                "short children",
                format!("no: {why}"),
                Some(
                    "Run it as root, outside of containers. Without it a child that lives between two samples \
                     is not counted; what it took is still in the peak of a control group.",
                ),
            ),
        };
        vec![
            finding(
                "machine",
                format!("{} on {}, {} processors", stamp("kernel"), stamp("arch"), stamp("processors")),
                None,
            ),
            finding(
                "memory",
                format!(
                    "{} MiB, {} MiB available, swap {} MiB",
                    stamp("memory_mib"),
                    self.available >> 20,
                    stamp("swap_mib")
                ),
                None,
            ),
            finding("/dev/shm", shm, None),
            namespaces,
            memory,
            finding("peaks", self.peaks(), None),
            children,
            finding("process limit", self.pids.to_string(), None),
            finding("huge pages", format!("transparent: {}", stamp("thp")), None),
        ]
    }
}

impl Machine {
    /// Where the recorder has the true peaks from, found out by making a group.
    fn peaks(&self) -> String {
        let processes = "the high-water mark of each process, set back at each beat: of one process exact, of \
                         several an upper bound";
        let Ok(place) = &self.cgroup else { return processes.into() };
        let bounds = cgroup::Bounds { memory: None, kills_all: false };
        let spec = Spec { cgroup: Some((place.clone(), bounds)), ..Spec::of_nothing(Namespaces::None) };
        match Running::start(&spec).is_ok_and(|running| recorder::keeps_peaks(&running)) {
            true => "the control group's own, set back at each beat: no spike is missed".into(),
            false => format!("the control group's own, for the whole run; between two beats {processes}"),
        }
    }
}

/// The best namespaces that the machine allows, found out by making them.
fn namespaces() -> (Namespaces, Option<String>) {
    let mut refusal = String::new();
    let candidates = if nix::unistd::geteuid().is_root() {
        &[Namespaces::Root, Namespaces::User][..]
    } else {
        &[Namespaces::User]
    };
    for &namespaces in candidates {
        match try_out(namespaces) {
            Ok(()) => return (namespaces, None),
            Err(error) => refusal = format!("{error:#}"),
        }
    }
    (Namespaces::None, Some(refusal))
}

/// Runs a program that does nothing in a sandbox of its own.
fn try_out(namespaces: Namespaces) -> anyhow::Result<()> {
    Running::start(&Spec::of_nothing(namespaces))?.end();
    Ok(())
}

fn stamp(
    meminfo: Option<&Meminfo>,
    cgroup: &Result<cgroup::CgroupParent, String>,
) -> BTreeMap<String, String> {
    let uname = nix::sys::utsname::uname().ok();
    let name = |field: &std::ffi::OsStr| field.to_string_lossy().into_owned();
    let mut stamp = BTreeMap::from([
        ("arch".to_owned(), std::env::consts::ARCH.to_owned()),
        ("page_bytes".to_owned(), procfs::page_size().to_string()),
        ("thp".to_owned(), chosen("/sys/kernel/mm/transparent_hugepage/enabled")),
        ("user".to_owned(), if nix::unistd::geteuid().is_root() { "root" } else { "ordinary" }.to_owned()),
    ]);
    let version = match cgroup {
        Ok(place) => place.to_string(),
        Err(_) => "none to be had".to_owned(),
    };
    stamp.insert("memory_limit".to_owned(), version);
    if let Some(uname) = uname {
        stamp.insert("kernel".to_owned(), format!("{} {}", name(uname.sysname()), name(uname.release())));
    }
    if let Some(info) = meminfo {
        stamp.insert("memory_mib".to_owned(), (info.mem_total >> 20).to_string());
        stamp.insert("swap_mib".to_owned(), (info.swap_total >> 20).to_string());
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    stamp.insert("processors".to_owned(), processors.to_string());
    stamp
}

/// The word in brackets of a file such as `always [madvise] never`.
fn chosen(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let word = text.split_whitespace().find_map(|word| word.strip_prefix('[')?.strip_suffix(']'));
    word.unwrap_or("unknown").to_owned()
}
