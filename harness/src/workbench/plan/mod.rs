//! Scenario + request + machine -> plan: every size and limit as a number, and the confinement.

mod heading;
mod room;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Request;
use crate::host::Machine;
use crate::host::files::is_tmpfs;
use crate::model::record::Limits;
use crate::sandbox::{Namespaces, cgroup, pids};
use crate::scenario::{Kind, Limits as Bounds, Need, Quantity, Scenario, Variant};

/// A learner's program that stands still for this time is ended, and it's said what it waits for. Nothing that an
/// exercise asks for waits so long for nobody.
const STANDSTILL_MS: u64 = 3000;

/// The largest page of memory on any machine that this runs on, in bytes.
const LARGEST_PAGE: u64 = 64 << 10;

/// The most processes and threads that a scenario's run may have: more than any needs, and few enough for
/// every machine.
const PROCESSES: u64 = 1000;

/// What will be run, with every number settled.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The runs, in order.
    pub(crate) runs: Vec<Run>,
    /// The name of the table of sizes.
    pub(crate) size: String,
    /// Every size, by name.
    pub(crate) sizes: BTreeMap<String, u64>,
    /// The namespaces of each run.
    pub(crate) namespaces: Namespaces,
    /// Where the control group of each run is made; `None` if nowhere.
    pub(crate) cgroup: Option<cgroup::CgroupParent>,
    /// What bounds the processes of each run.
    pub(crate) pids: pids::PidLimit,
    /// What the user should know before it runs.
    pub(crate) notes: Vec<String>,
    /// The seed of all runs.
    pub(crate) seed: u64,
}

/// One variant, with what bounds it.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The variant.
    pub(crate) variant: Variant,
    /// The bounds of its sandbox.
    pub(crate) limits: Limits,
    /// How it is confined, a line for each layer.
    pub(crate) confinement: Vec<String>,
    /// What this machine lacks to show it; then it doesn't run.
    pub(crate) lack: Option<String>,
}

/// Why nothing was run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The scenario can't answer such a request.
    #[error("{0}")]
    BadRequest(String),
    /// This machine can't show the scenario, or not at these sizes.
    #[error("UNKNOWN on this machine: {0}.")]
    NotHere(String),
    /// The user stopped it. The folder holds the records until then.
    #[error("interrupted; nothing is left behind{}", .0.as_ref().map(|folder| format!(" but records, in {}", folder.display())).unwrap_or_default())]
    Interrupted(Option<PathBuf>),
}

/// Settles every number of a run. `store` is the folder of the records, which should be on a disk.
///
/// # Errors
///
/// [`Stop`] names the mistake in the request, or what the machine lacks, with the arithmetic.
pub(super) fn plan(request: &Request<'_>, machine: &Machine, store: &Path) -> Result<Plan, Stop> {
    let scenario = request.scenario;
    let variants = variants(scenario, &request.variants)?;
    if let Some(lack) = lacking(&scenario.needs, machine, store) {
        return Err(Stop::NotHere(lack));
    }
    let lacks = variants.iter().map(|variant| lacking(&variant.needs, machine, store));
    let variants: Vec<(Variant, Option<String>)> = variants.iter().cloned().zip(lacks).collect();
    // What isn't run needs no room.
    let can_run = variants.iter().filter(|(_, lack)| lack.is_none());
    let can_run: Vec<&Variant> = can_run.map(|(variant, _)| variant).collect();
    let asked = sizes(request)?;
    if let Some(why) = room::too_many(&can_run, &asked) {
        return Err(Stop::BadRequest(why));
    }
    let sizes = room::fitting(request, machine, &can_run, &asked)?;
    let mut notes = Vec::new();
    if let Some(lack) = room::lack(&can_run, &asked, machine) {
        notes.push(format!("{lack}. So this run is smaller: {}.", changes(&asked, &sizes)));
    }
    let run = |(variant, lack): (Variant, Option<String>)| {
        let mut limits = limits(&variant.limits, &sizes);
        if variant.kind == Kind::Exercise {
            limits.no_progress_ms.get_or_insert(STANDSTILL_MS);
        }
        Run { confinement: machine.confinement(&limits), lack, limits, variant }
    };
    Ok(Plan {
        runs: variants.into_iter().map(run).collect(),
        size: request.size.clone(),
        sizes,
        namespaces: machine.namespaces,
        cgroup: machine.cgroup.as_ref().ok().cloned(),
        pids: machine.pids.clone(),
        notes,
        seed: request.seed.unwrap_or_else(|| fastrand::u64(..)),
    })
}

fn variants(scenario: &Scenario, names: &[String]) -> Result<Vec<Variant>, Stop> {
    if names.is_empty() {
        let shown = |variant: &&Variant| matches!(variant.kind, Kind::Broken | Kind::Fixed);
        return Ok(scenario.variants.iter().filter(shown).cloned().collect());
    }
    let mut variants: Vec<Variant> = Vec::new();
    for name in names {
        let variant = scenario.variant(name).map_err(|error| Stop::BadRequest(error.to_string()))?;
        // Each has one record, so a name that comes twice is one run.
        if !variants.contains(variant) {
            variants.push(variant.clone());
        }
    }
    Ok(variants)
}

/// What the machine lacks.
fn lacking(needs: &[Need], machine: &Machine, store: &Path) -> Option<String> {
    needs.iter().find_map(|need| {
        let lack = match need {
            Need::Tmpfs if machine.namespaces == Namespaces::None && machine.shm_free.is_none() => {
                "this machine has no /dev/shm, and allows no namespaces to make one in".to_owned()
            }
            Need::PrivateTmpfs if machine.namespaces == Namespaces::None => {
                "this machine allows no namespaces, so a tmpfs of exact size can't be made".to_owned()
            }
            Need::MemoryLimit if machine.cgroup.is_err() => {
                "this machine gives no control group, so the kernel enforces no limit of memory".to_owned()
            }
            Need::Disk if is_tmpfs(store) => {
                "the folder of the records is in memory, not on a disk".to_owned()
            }
            Need::HugePages => (machine.huge_pages)().err()?,
            // It isn't the machine that lacks glibc: programs are built here for the same C library as `lab`.
            Need::Glibc => return other_allocator().map(str::to_owned),
            _ => return None,
        };
        Some(format!("{lack} (`lab doctor` says what to do about it)"))
    })
}

/// Why the allocator of a run isn't that of glibc as it is (mallopt(3)), if so.
fn other_allocator() -> Option<&'static str> {
    let names_one = |name: &str| std::env::var(name).is_ok_and(|value| value.contains("malloc"));
    let is_set = || std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("MALLOC_"));
    if !cfg!(target_env = "gnu") {
        Some("this is built for another C library than glibc, whose allocator it is about")
    } else if is_set() || ["GLIBC_TUNABLES", "LD_PRELOAD"].into_iter().any(names_one) {
        Some(
            "the environment changes the allocator: unset MALLOC_*, and anything that names malloc in \
             GLIBC_TUNABLES and LD_PRELOAD",
        )
    } else {
        None
    }
}

/// The sizes that are asked for, whether they fit or not.
fn sizes(request: &Request<'_>) -> Result<BTreeMap<String, u64>, Stop> {
    let scenario = request.scenario;
    let table = scenario.sizes(&request.size).map_err(|error| Stop::BadRequest(error.to_string()))?;
    let mut sizes = table.clone();
    for (name, value) in &request.set {
        let known: Vec<&str> = table.keys().map(String::as_str).collect();
        let size = sizes.get_mut(name).ok_or_else(|| {
            Stop::BadRequest(format!("no size is called '{name}': there are {}", known.join(", ")))
        })?;
        if *value == 0 {
            return Err(Stop::BadRequest(format!("{name} must be at least 1")));
        }
        *size = *value;
    }
    match scenario.rules.iter().find(|rule| !rule.is_kept(&sizes)) {
        None => Ok(sizes),
        Some(rule) => {
            let describe = |sizes: &BTreeMap<String, u64>| {
                let named = rule.names().map(|name| format!("{name} = {}", sizes[name]));
                named.collect::<Vec<_>>().join(", ")
            };
            let (says, bad, good) = (&rule.says, describe(&sizes), describe(table));
            Err(Stop::BadRequest(format!("{says}; this is {bad}. What works: {good}")))
        }
    }
}

fn limits(bounds: &Bounds, sizes: &BTreeMap<String, u64>) -> Limits {
    // Up to what are whole pages on every machine: a tmpfs has the size that is asked for, in as small steps as can be.
    let whole = |mib: f64, step: u64| ((mib * (1_u64 << 20) as f64 / step as f64).ceil() as u64) * step;
    let bytes = |mib: f64| whole(mib, 1 << 20);
    Limits {
        tmpfs: Some(whole(bounds.tmpfs.mib(sizes), LARGEST_PAGE)),
        tmpfs_inodes: bounds.tmpfs_inodes.as_ref().map(|inodes| inodes.value(sizes, Quantity::Count) as u64),
        memory: Some(bytes(bounds.memory.mib(sizes))),
        processes: Some(PROCESSES),
        deadline_ms: Some(bounds.seconds.saturating_mul(1000)),
        no_progress_ms: bounds.no_progress_ms,
        silent_ms: None,
    }
}

fn changes(asked: &BTreeMap<String, u64>, sizes: &BTreeMap<String, u64>) -> String {
    let changed = asked.iter().filter(|(name, size)| sizes[*name] != **size);
    let changed = changed.map(|(name, size)| format!("{name} = {} in place of {size}", sizes[name]));
    changed.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
