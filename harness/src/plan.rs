//! Scenario + request + machine -> plan: every size and limit as a number, and the confinement.

use std::collections::BTreeMap;
use std::path::Path;

use crate::catalog::{Kind, Limits as Bounds, Need, Quantity, Scenario, Variant};
use crate::machine::{Machine, is_tmpfs};
use crate::record::Limits;
use crate::sandbox::{Namespaces, cgroup};

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
    /// The variants, in the order in which they run.
    pub variants: Vec<Variant>,
    /// The name of the table of sizes.
    pub size: String,
    /// Every size, by name.
    pub sizes: BTreeMap<String, u64>,
    /// The bounds of each run's world.
    pub limits: Limits,
    /// The namespaces of each run.
    pub namespaces: Namespaces,
    /// Where the control group of each run is made; `None` where there is no place.
    pub cgroup: Option<cgroup::Place>,
    /// How each run is confined, a line for each layer.
    pub confinement: Vec<String>,
    /// What the user should know before it runs.
    pub notes: Vec<String>,
    /// The seed of all variants.
    pub seed: u64,
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

/// Memory that is left to the machine, in MiB, besides what a run may use.
const RESERVE_MIB: f64 = 256.0;

/// The part of a shared /dev/shm that a run may fill.
const SHARED_PART: f64 = 0.8;

/// Settles every number of a run.
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
    needs(scenario, machine, store)?;
    let asked = sizes(scenario, request)?;
    let sizes = fitting(scenario, request, machine, &asked)?;
    let mut notes = Vec::new();
    if sizes != asked {
        notes.push(format!(
            "{}, so this run is smaller: {}.",
            lack(&scenario.limits, &asked, machine),
            changes(&asked, &sizes)
        ));
    }
    let limits = limits(&scenario.limits, &sizes);
    let cgroup = machine.cgroup.as_ref().ok().cloned();
    Ok(Plan {
        variants,
        size: request.size.clone(),
        confinement: confinement(machine, &limits),
        limits,
        sizes,
        namespaces: machine.namespaces,
        cgroup,
        notes,
        seed: request.seed.unwrap_or_else(|| fastrand::u64(..)),
    })
}

fn variants(scenario: &Scenario, names: &[String]) -> Result<Vec<Variant>, Refusal> {
    if names.is_empty() {
        let shown = |variant: &&Variant| matches!(variant.kind, Kind::Broken | Kind::Fixed);
        return Ok(scenario.variants.iter().filter(shown).cloned().collect());
    }
    let find = |name: &String| scenario.variant(name).cloned();
    names.iter().map(find).collect::<Result<_, _>>().map_err(|error| Refusal::BadRequest(error.to_string()))
}

fn needs(scenario: &Scenario, machine: &Machine, store: &Path) -> Result<(), Refusal> {
    for need in &scenario.needs {
        let lack = match need {
            Need::Tmpfs if machine.namespaces == Namespaces::None && machine.shm_free.is_none() => {
                "this machine has no /dev/shm, and allows no namespaces to make one in"
            }
            Need::PrivateTmpfs if machine.namespaces == Namespaces::None => {
                "this machine allows no namespaces, so a tmpfs of exact size can not be made"
            }
            Need::MemoryLimit if machine.cgroup.is_err() => {
                "this machine gives no control group, so the kernel enforces no limit of memory"
            }
            Need::Disk if is_tmpfs(store) => "the folder of the records is in memory, not on a disk",
            _ => continue,
        };
        return Err(Refusal::NotHere(format!("{lack}. `lab doctor` says what to do about it")));
    }
    Ok(())
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
    Ok(sizes)
}

/// The sizes, halved together until they fit. What the user chose is never changed: it is refused.
fn fitting(
    scenario: &Scenario,
    request: &Request,
    machine: &Machine,
    asked: &BTreeMap<String, u64>,
) -> Result<BTreeMap<String, u64>, Refusal> {
    let mut sizes = asked.clone();
    let may_shrink = request.size != "post" && request.set.is_empty() && !scenario.scale.is_empty();
    while !fits(&scenario.limits, &sizes, machine) {
        if !may_shrink || scenario.scale.iter().any(|name| sizes[name] % 2 != 0) {
            let smaller = match request.size.as_str() {
                "smoke" => String::new(),
                _ => format!("; `lab run {} --size smoke` wants less", scenario.slug),
            };
            let lack = lack(&scenario.limits, asked, machine);
            return Err(Refusal::NotHere(format!("{lack}{smaller}")));
        }
        for name in &scenario.scale {
            *sizes.get_mut(name).expect("the catalog checks the names") /= 2;
        }
    }
    Ok(sizes)
}

fn fits(bounds: &Bounds, sizes: &BTreeMap<String, u64>, machine: &Machine) -> bool {
    // Written so that a number that is none fits nowhere.
    bounds.memory.mib(sizes) <= memory_mib(machine) && bounds.tmpfs.mib(sizes) <= shm_mib(machine)
}

/// What the machine lacks for these sizes, as arithmetic.
fn lack(bounds: &Bounds, sizes: &BTreeMap<String, u64>, machine: &Machine) -> String {
    if bounds.memory.mib(sizes) > memory_mib(machine) {
        let wanted = bounds.memory.arithmetic(sizes, Quantity::Mib);
        let available = machine.available >> 20;
        return format!(
            "the run wants {wanted} of memory; {available} MiB are available here, and {RESERVE_MIB} MiB of them are left to the machine"
        );
    }
    let wanted = bounds.tmpfs.arithmetic(sizes, Quantity::Mib);
    let free = machine.shm_free.unwrap_or(0) >> 20;
    format!(
        "the run wants {wanted} of shared memory; {free} MiB are free in /dev/shm, which is shared with others here, so {:.0} % of that is the most",
        100.0 * SHARED_PART
    )
}

/// Memory that a run may use, in MiB.
fn memory_mib(machine: &Machine) -> f64 {
    (machine.available >> 20) as f64 - RESERVE_MIB
}

/// Shared memory that a run may use, in MiB: a private tmpfs is bounded by the memory alone.
fn shm_mib(machine: &Machine) -> f64 {
    match machine.namespaces {
        Namespaces::None => SHARED_PART * (machine.shm_free.unwrap_or(0) >> 20) as f64,
        Namespaces::User | Namespaces::Root => f64::INFINITY,
    }
}

fn limits(bounds: &Bounds, sizes: &BTreeMap<String, u64>) -> Limits {
    // Up to whole MiB, which are whole pages on every machine.
    let bytes = |mib: f64| (mib.ceil() as u64) << 20;
    Limits {
        tmpfs: bytes(bounds.tmpfs.mib(sizes)),
        memory: bytes(bounds.memory.mib(sizes)),
        seconds: bounds.seconds,
    }
}

fn changes(asked: &BTreeMap<String, u64>, sizes: &BTreeMap<String, u64>) -> String {
    let changed = asked.iter().filter(|(name, size)| sizes[*name] != **size);
    changed
        .map(|(name, size)| format!("{name} = {} in place of {size}", sizes[name]))
        .collect::<Vec<_>>()
        .join(", ")
}

fn confinement(machine: &Machine, limits: &Limits) -> Vec<String> {
    let tmpfs = limits.tmpfs >> 20;
    let world = match machine.namespaces {
        Namespaces::None => "no namespaces: a folder of its own in the machine's /dev/shm".to_owned(),
        Namespaces::User => format!("private tmpfs of {tmpfs} MiB, in user, mount, pid and IPC namespaces"),
        Namespaces::Root => format!("private tmpfs of {tmpfs} MiB, in mount, pid and IPC namespaces"),
    };
    let memory = limits.memory >> 20;
    let limit = match &machine.cgroup {
        Ok(place) => format!("memory limit of {memory} MiB by {place}"),
        Err(_) => format!("no memory limit by the kernel: lab's guard ends the run at {memory} MiB"),
    };
    vec![world, limit, format!("deadline of {} s", limits.seconds)]
}

#[cfg(test)]
mod tests;
