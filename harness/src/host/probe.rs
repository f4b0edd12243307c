//! What this machine can do: tried out, rather than concluded from a version or a setting.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nix::sys::statvfs::statvfs;
use procfs::{Current, Meminfo};

use super::huge_pages;
use crate::model::record::Limits;
use crate::name::program;
use crate::sandbox::{Namespaces, cgroup, pids, probe};

/// What this machine can do.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    /// What distinguishes this machine from others, without naming its owner.
    pub(crate) stamp: BTreeMap<String, String>,
    /// The namespaces that a run may have, and why not more.
    pub(crate) namespaces: Namespaces,
    /// Why it has no namespaces, if so.
    pub(crate) no_namespaces: Option<String>,
    /// Where control groups may be made, or why nowhere.
    pub(crate) cgroup: Result<cgroup::CgroupParent, String>,
    /// What bounds the number of a run's processes.
    pub(crate) pids: pids::PidLimit,
    /// Free bytes in the machine's folder of shared memory; `None` if there is none.
    pub(crate) shm_free: Option<u64>,
    /// Memory that a run may take, in bytes: what the kernel says is available, or less in a container.
    pub(crate) available: u64,
    /// Whether this is a container, as far as it can be seen from inside.
    pub(crate) is_container: bool,
    /// Whether memory that asks for huge pages gets them, or why not. It takes one to see, so few ask.
    pub(crate) huge_pages: fn() -> Result<(), String>,
}

impl Machine {
    /// Looks at the machine. Takes some milliseconds, since what can be tried is tried.
    pub(crate) fn probe() -> Self {
        Self::with(namespaces())
    }

    /// The same for a command that is only watched. It gets no namespaces, so none are tried: that would take as long
    /// as a short command itself.
    pub(crate) fn probe_without_namespaces() -> Self {
        Self::with((Namespaces::None, None))
    }

    fn with((namespaces, no_namespaces): (Namespaces, Option<String>)) -> Self {
        let cgroup = probe::cgroup().map_err(|error| format!("{error:#}"));
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
            is_container: is_container(),
            huge_pages: huge_pages::probe,
        }
    }

    /// How a run with these limits is confined here, a line for each layer.
    pub(crate) fn confinement(&self, limits: &Limits) -> Vec<String> {
        // A tmpfs may have half a MiB.
        let mib = |bytes: Option<u64>| {
            bytes.map(|bytes| (bytes as f64 / f64::from(1 << 20) * 100.0).round() / 100.0)
        };
        let mut lines = Vec::new();
        if let Some(tmpfs) = mib(limits.tmpfs) {
            let inodes =
                limits.tmpfs_inodes.map_or_else(String::new, |inodes| format!(" and {inodes} inodes"));
            lines.push(match self.namespaces {
                Namespaces::None => "no namespaces: a private folder in the machine's /dev/shm".to_owned(),
                Namespaces::User => {
                    format!("private tmpfs of {tmpfs} MiB{inodes}, in user, mount, pid and IPC namespaces")
                }
                Namespaces::Root => {
                    format!("private tmpfs of {tmpfs} MiB{inodes}, in mount, pid and IPC namespaces")
                }
            });
        }
        if let Some(memory) = mib(limits.memory) {
            lines.push(match &self.cgroup {
                Ok(place) => format!("memory limit of {memory} MiB by {place}"),
                Err(_) => {
                    format!(
                        "no memory limit by the kernel: {}'s watchdog ends the run at {memory} MiB, and doesn't \
                         count pipes",
                        program()
                    )
                }
            });
        }
        if let Some(processes) = limits.processes {
            lines.push(format!("at most {processes} processes and threads: {}", self.pids));
        }
        let no_progress = limits.no_progress_ms.map(|time| format!("{time} ms without progress"));
        let deadline = limits.deadline_ms.map(|ms| format!("deadline of {} s", ms as f64 / 1e3));
        let ends: Vec<String> = deadline.into_iter().chain(no_progress).collect();
        if !ends.is_empty() {
            lines.push(ends.join(", or "));
        }
        lines
    }
}

/// Docker, podman and Kubernetes each leave a trace of theirs; others set the variable, as systemd asks them to
/// ([container interface](https://systemd.io/CONTAINER_INTERFACE/)).
fn is_container() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    ["/.dockerenv", "/run/.containerenv"].iter().any(|path| Path::new(path).exists())
        || ["container", "KUBERNETES_SERVICE_HOST"].into_iter().any(is_set)
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
        match probe::namespaces(namespaces) {
            Ok(()) => return (namespaces, None),
            Err(error) => refusal = format!("{error:#}"),
        }
    }
    (Namespaces::None, Some(refusal))
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
        ("thp".to_owned(), huge_pages::chosen("/sys/kernel/mm/transparent_hugepage/enabled")),
        ("user".to_owned(), if nix::unistd::geteuid().is_root() { "root" } else { "ordinary" }.to_owned()),
    ]);
    let version = match cgroup {
        Ok(place) => place.to_string(),
        Err(_) => "none".to_owned(),
    };
    stamp.insert("memory_limit".to_owned(), version);
    if let Some(uname) = uname {
        stamp.insert("kernel".to_owned(), format!("{} {}", name(uname.sysname()), name(uname.release())));
    }
    if let Some(info) = meminfo {
        stamp.insert("memory_mib".to_owned(), (info.mem_total >> 20).to_string());
        stamp.insert("swap_mib".to_owned(), (info.swap_total >> 20).to_string());
        stamp.extend(
            info.commit_limit.map(|limit| ("commit_limit_mib".to_owned(), (limit >> 20).to_string())),
        );
    }
    stamp.extend(overcommit().map(|mode| ("overcommit".to_owned(), mode)));
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    stamp.insert("processors".to_owned(), processors.to_string());
    stamp
}

/// Whether the kernel promises more memory than there is (proc_sys_vm(5)). If it never does, the commit limit is a
/// limit for all programs together.
fn overcommit() -> Option<String> {
    let mode = fs::read_to_string("/proc/sys/vm/overcommit_memory").ok()?;
    Some(match mode.trim() {
        "0" => "heuristic".to_owned(),
        "1" => "always".to_owned(),
        "2" => "never".to_owned(),
        other => other.to_owned(),
    })
}
