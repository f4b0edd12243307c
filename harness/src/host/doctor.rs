//! The texts of `lab doctor`: the findings about this machine, and how to get more.

use serde::Serialize;

use super::Machine;
use crate::sandbox::Namespaces;

/// One line of `lab doctor`.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// The thing that was checked.
    pub(crate) probe: &'static str,
    pub(crate) found: String,
    /// How to get more, if there is more to get.
    pub(crate) advice: Option<&'static str>,
}

/// What only the recorder knows of this machine.
pub(crate) struct Recording {
    /// Whether a control group's own high-water mark can be reset at each sample.
    pub(crate) resets_group_peaks: bool,
    /// Whether every child is counted and why not with its own peak, or why none is.
    pub(crate) counts_children: Result<Option<String>, String>,
}

/// The findings, in the order in which `lab doctor` prints them.
pub(crate) fn findings(machine: &Machine, recording: &Recording) -> Vec<Finding> {
    let stamp = |name: &str| machine.stamp.get(name).cloned().unwrap_or_default();
    let hardware = format!("{} on {}, {} processors", stamp("kernel"), stamp("arch"), stamp("processors"));
    let memory = format!(
        "{} MiB, {} MiB available, swap {} MiB",
        stamp("memory_mib"),
        machine.available >> 20,
        stamp("swap_mib")
    );
    vec![
        plain("machine", hardware),
        plain("memory", memory),
        shm(machine),
        namespaces(machine),
        memory_limit(machine),
        plain("peaks", peaks(machine, recording).to_owned()),
        children(recording),
        plain("process limit", machine.pids.to_string()),
        huge_pages(machine),
    ]
}

fn plain(probe: &'static str, found: String) -> Finding {
    Finding { probe, found, advice: None }
}

/// Less than this in a shared /dev/shm, in bytes, and the scenarios about it are scaled.
const ENOUGH_SHM: u64 = 1 << 30;

fn shm(machine: &Machine) -> Finding {
    let found =
        machine.shm_free.map_or("there is none".to_owned(), |free| format!("{} MiB free", free >> 20));
    // With namespaces each run has a private one.
    let is_small = machine.namespaces == Namespaces::None && machine.shm_free.unwrap_or(0) < ENOUGH_SHM;
    let advice = (is_small && machine.is_container).then_some(
        "Start the container with --shm-size=1g (in Compose, shm_size: 1g; in Kubernetes, an emptyDir with \
         medium: Memory at /dev/shm). Until then sizes are scaled to its free space.",
    );
    Finding { probe: "/dev/shm", found, advice }
}

fn namespaces(machine: &Machine) -> Finding {
    let why = machine.no_namespaces.as_deref().unwrap_or("unknown");
    let (found, advice) = match machine.namespaces {
        Namespaces::Root => ("yes, as root".to_owned(), None),
        Namespaces::User => ("yes, as an ordinary user".to_owned(), None),
        Namespaces::None => (
            format!("no: {why}"),
            Some(match machine.is_container {
                true => {
                    "Start the container with --privileged, or run it on the machine itself. Without them \
                     /dev/shm is shared, and sizes are scaled to its free space."
                }
                false => {
                    "On Ubuntu 24.04 and later: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. \
                     Without them /dev/shm is shared, and sizes are scaled to its free space."
                }
            }),
        ),
    };
    Finding { probe: "namespaces", found, advice }
}

fn memory_limit(machine: &Machine) -> Finding {
    let (found, advice) = match &machine.cgroup {
        Ok(parent) => (parent.to_string(), None),
        Err(why) => (
            format!("no: {why}"),
            Some(match machine.is_container {
                true => {
                    "Start the container with --privileged, which makes its control group writable. Without it \
                     the recorder's own watchdog is the limit, and anything that needs the kernel's OOM \
                     killer is UNKNOWN."
                }
                false => {
                    "With systemd, put this before the command: systemd-run --user --scope -p Delegate=yes. \
                     Or run it as root. Without it the recorder's own watchdog is the limit, and anything that \
                     needs the kernel's OOM killer is UNKNOWN."
                }
            }),
        ),
    };
    Finding { probe: "memory limit", found, advice }
}

fn huge_pages(machine: &Machine) -> Finding {
    let set = format!("transparent: {}", machine.stamp.get("thp").map_or("", String::as_str));
    let (found, advice) = match (machine.huge_pages)() {
        Ok(()) => (format!("{set}; memory that asks for them gets them"), None),
        Err(why) => (
            format!("{set}; none for a scenario: {why}"),
            Some(
                "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled, if it says never. \
                 Without them a scenario that needs huge pages is UNKNOWN.",
            ),
        ),
    };
    Finding { probe: "huge pages", found, advice }
}

/// Where the recorder reads the true peaks.
fn peaks(machine: &Machine, recording: &Recording) -> &'static str {
    match (&machine.cgroup, recording.resets_group_peaks) {
        (Ok(_), true) => "the control group's own, reset at each sample: no spike is missed",
        (Ok(_), false) => {
            "the control group's own, for the whole run; between two samples the high-water mark of each \
             process, reset at each sample: exact for one process, an upper bound for several"
        }
        (Err(_), _) => {
            "the high-water mark of each process, reset at each sample: exact for one process, an upper \
             bound for several"
        }
    }
}

fn children(recording: &Recording) -> Finding {
    let (found, advice) = match &recording.counts_children {
        Ok(None) => ("each is counted, with its own peak".to_owned(), None),
        Ok(Some(why)) => {
            (format!("each is counted, but without its own peak: {why}"), Some("Run it as root."))
        }
        Err(why) => (
            format!("no: {why}"),
            Some(
                "Run it as root, outside containers. Without it a child that lives between two samples \
                 isn't counted; its memory is still in the peak of a control group.",
            ),
        ),
    };
    Finding { probe: "short children", found, advice }
}
