//! The machine's free room, as arithmetic that a person can follow.

use std::collections::BTreeMap;

use super::{PROCESSES, Request, Stop};
use crate::host::Machine;
use crate::sandbox::Namespaces;
use crate::scenario::{Amount, Quantity, Variant};

/// Memory left to the machine, in MiB, on top of what a run may use.
const RESERVE_MIB: f64 = 256.0;

/// The part of a shared /dev/shm that a run may fill.
const SHARED_PART: f64 = 0.8;

/// The sizes, halved together until these variants fit, for as long as they go together. What the user chose is never
/// changed: it is refused.
pub(super) fn fitting(
    request: &Request<'_>,
    machine: &Machine,
    variants: &[&Variant],
    asked: &BTreeMap<String, u64>,
) -> Result<BTreeMap<String, u64>, Stop> {
    let scenario = request.scenario;
    let mut sizes = asked.clone();
    let may_shrink = request.size != "post" && request.set.is_empty() && !scenario.scale.is_empty();
    while lack(variants, &sizes, machine).is_some() {
        let half = halved(&sizes, &scenario.scale)
            .filter(|half| may_shrink && scenario.rules.iter().all(|rule| rule.is_kept(half)));
        let Some(half) = half else {
            let smaller = match request.size.as_str() {
                "smoke" => String::new(),
                _ => format!("; `lab run {} --size smoke` wants less", scenario.slug),
            };
            let lack = lack(variants, asked, machine).unwrap_or_default();
            return Err(Stop::NotHere(format!("{lack}{smaller}")));
        };
        sizes = half;
    }
    Ok(sizes)
}

/// The sizes with half of those that are scaled; `None` if one has no half.
fn halved(sizes: &BTreeMap<String, u64>, scaled: &[String]) -> Option<BTreeMap<String, u64>> {
    let mut half = sizes.clone();
    for name in scaled {
        let size = half.get_mut(name).filter(|size| size.is_multiple_of(2))?;
        *size /= 2;
    }
    Some(half)
}

/// What the machine lacks for these variants at these sizes; `None` if they fit.
pub(super) fn lack(
    variants: &[&Variant],
    sizes: &BTreeMap<String, u64>,
    machine: &Machine,
) -> Option<String> {
    let fits = |amount: &Amount, room: f64| amount.mib(sizes) <= room;
    let mut memories = variants.iter().map(|variant| &variant.limits.memory);
    if let Some(memory) = memories.find(|memory| !fits(memory, memory_mib(machine))) {
        let wanted = memory.arithmetic(sizes, Quantity::Mib);
        let available = machine.available >> 20;
        return Some(format!(
            "a run wants {wanted} of memory; {available} MiB are available here, and {RESERVE_MIB} MiB of \
             that are left for the machine"
        ));
    }
    let mut tmpfses = variants.iter().map(|variant| &variant.limits.tmpfs);
    let tmpfs = tmpfses.find(|tmpfs| !fits(tmpfs, shm_mib(machine)))?;
    let wanted = tmpfs.arithmetic(sizes, Quantity::Mib);
    let free = machine.shm_free.unwrap_or(0) >> 20;
    Some(format!(
        "a run wants {wanted} of shared memory; {free} MiB are free in /dev/shm, and {:.0} % of that is the \
         most, since it is shared with the machine here",
        100.0 * SHARED_PART
    ))
}

/// Why there can't be so many processes on any machine, if so.
pub(super) fn too_many(variants: &[&Variant], sizes: &BTreeMap<String, u64>) -> Option<String> {
    let mut counts = variants.iter().filter_map(|variant| variant.limits.processes.as_ref());
    let count = counts.find(|count| count.value(sizes, Quantity::Count) > PROCESSES as f64)?;
    let wanted = count.arithmetic(sizes, Quantity::Count);
    Some(format!("a run wants {wanted} processes and threads, and may have at most {PROCESSES}"))
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
