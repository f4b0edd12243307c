//! Scenario + request + machine -> plan: every size and limit as a number, and the confinement.

mod room;

use std::collections::BTreeMap;
use std::path::Path;

use crate::host::Machine;
use crate::host::files::is_tmpfs;
use crate::model::record::Limits;
use crate::sandbox::{Namespaces, cgroup, pids};
use crate::scenario::{Kind, Limits as Bounds, Need, Scenario, Variant};

/// The most processes and threads that a scenario's run may have: more than any needs, and few enough for
/// every machine.
const PROCESSES: u64 = 1000;

/// What the user asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The names of the variants; none for all that are broken or fixed.
    pub variants: Vec<String>,
    /// The name of the table of sizes.
    pub size: String,
    /// Sizes that are set one by one.
    pub set: Vec<(String, u64)>,
    /// The seed, where the user wants a known one.
    pub seed: Option<u64>,
}

/// What will be run, with every number settled.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The runs, in order.
    pub runs: Vec<Run>,
    /// The name of the table of sizes.
    pub size: String,
    /// Every size, by name.
    pub sizes: BTreeMap<String, u64>,
    /// The namespaces of each run.
    pub namespaces: Namespaces,
    /// Where the control group of each run is made; `None` where there is no place.
    pub cgroup: Option<cgroup::CgroupParent>,
    /// What bounds the processes of each run.
    pub pids: pids::PidLimit,
    /// What the user should know before it runs.
    pub notes: Vec<String>,
    /// The seed of all runs.
    pub seed: u64,
}

/// One variant, with what bounds it.
#[derive(Debug, Clone)]
pub struct Run {
    /// The variant.
    pub variant: Variant,
    /// The bounds of its sandbox.
    pub limits: Limits,
    /// How it is confined, a line for each layer.
    pub confinement: Vec<String>,
    /// What this machine lacks to show it; then it does not run.
    pub lack: Option<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is not one that the scenario can answer.
    #[error("{0}")]
    BadRequest(String),
    /// This machine can not show the scenario, or not at these sizes.
    #[error("{0}")]
    NotHere(String),
}

/// Settles every number of a run. `store` is the folder of the records, which is to be on a disk.
///
/// # Errors
///
/// [`Refusal`] says what is wrong with the request, or what the machine lacks, with the arithmetic.
pub fn plan(
    scenario: &Scenario,
    request: &Request,
    machine: &Machine,
    store: &Path,
) -> Result<Plan, Refusal> {
    let variants = variants(scenario, &request.variants)?;
    if let Some(lack) = lacking(&scenario.needs, machine, store) {
        return Err(Refusal::NotHere(lack));
    }
    let asked = sizes(scenario, request)?;
    let sizes = room::fitting(scenario, request, machine, &variants, &asked)?;
    let mut notes = Vec::new();
    if let Some(lack) = room::lack(&variants, &asked, machine) {
        notes.push(format!("{lack}. So this run is smaller: {}.", changes(&asked, &sizes)));
    }
    let run = |variant: Variant| {
        let limits = limits(&variant.limits, &sizes);
        let lack = lacking(&variant.needs, machine, store);
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

fn variants(scenario: &Scenario, names: &[String]) -> Result<Vec<Variant>, Refusal> {
    if names.is_empty() {
        let shown = |variant: &&Variant| matches!(variant.kind, Kind::Broken | Kind::Fixed);
        return Ok(scenario.variants.iter().filter(shown).cloned().collect());
    }
    let mut variants: Vec<Variant> = Vec::new();
    for name in names {
        let variant = scenario.variant(name).map_err(|error| Refusal::BadRequest(error.to_string()))?;
        // Each has one record, so a name that comes twice is one run.
        if !variants.contains(variant) {
            variants.push(variant.clone());
        }
    }
    Ok(variants)
}

/// What the machine lacks of what is needed.
fn lacking(needs: &[Need], machine: &Machine, store: &Path) -> Option<String> {
    let lack = |need: &Need| match need {
        Need::Tmpfs if machine.namespaces == Namespaces::None && machine.shm_free.is_none() => {
            Some("this machine has no /dev/shm, and allows no namespaces to make one in")
        }
        Need::PrivateTmpfs if machine.namespaces == Namespaces::None => {
            Some("this machine allows no namespaces, so a tmpfs of exact size can not be made")
        }
        Need::MemoryLimit if machine.cgroup.is_err() => {
            Some("this machine gives no control group, so the kernel enforces no limit of memory")
        }
        Need::Disk if is_tmpfs(store) => Some("the folder of the records is in memory, not on a disk"),
        _ => None,
    };
    needs.iter().find_map(lack).map(|lack| format!("{lack} (`lab doctor` says what to do about it)"))
}

/// The sizes that are asked for, whether they fit or not.
fn sizes(scenario: &Scenario, request: &Request) -> Result<BTreeMap<String, u64>, Refusal> {
    let table = scenario.sizes(&request.size).map_err(|error| Refusal::BadRequest(error.to_string()))?;
    let mut sizes = table.clone();
    for (name, value) in &request.set {
        let known: Vec<&str> = table.keys().map(String::as_str).collect();
        let size = sizes.get_mut(name).ok_or_else(|| {
            Refusal::BadRequest(format!("no size is called '{name}': there are {}", known.join(", ")))
        })?;
        if *value == 0 {
            return Err(Refusal::BadRequest(format!("{name} must be at least 1")));
        }
        *size = *value;
    }
    match scenario.rules.iter().find(|rule| !rule.is_kept(&sizes)) {
        None => Ok(sizes),
        Some(rule) => {
            let told = |sizes: &BTreeMap<String, u64>| {
                let named = rule.names().map(|name| format!("{name} = {}", sizes[name]));
                named.collect::<Vec<_>>().join(", ")
            };
            let (says, bad, good) = (&rule.says, told(&sizes), told(table));
            Err(Refusal::BadRequest(format!("{says}; this is {bad}. What works: {good}")))
        }
    }
}

fn limits(bounds: &Bounds, sizes: &BTreeMap<String, u64>) -> Limits {
    // Up to whole MiB, which are whole pages on every machine.
    let bytes = |mib: f64| (mib.ceil() as u64) << 20;
    Limits {
        tmpfs: Some(bytes(bounds.tmpfs.mib(sizes))),
        memory: Some(bytes(bounds.memory.mib(sizes))),
        processes: Some(PROCESSES),
        seconds: Some(bounds.seconds),
        no_progress_ms: bounds.still_ms,
    }
}

fn changes(asked: &BTreeMap<String, u64>, sizes: &BTreeMap<String, u64>) -> String {
    let changed = asked.iter().filter(|(name, size)| sizes[*name] != **size);
    let told = changed.map(|(name, size)| format!("{name} = {} in place of {size}", sizes[name]));
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
