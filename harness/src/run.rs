//! Runs the variants of a plan, one after the other, each in a fresh world.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::SystemTime;

use anyhow::Result;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};

use crate::catalog::{Scenario, Variant};
use crate::live::{Live, REDRAW};
use crate::machine::Machine;
use crate::outcome::Outcome;
use crate::plan::{Plan, Run};
use crate::program::Start;
use crate::record::{Header, Record, SCHEMA, Writer};
use crate::recorder;
use crate::sandbox::{DISK, SHM, World};

/// Ctrl-C and its kin, which from now on do not end the process but can be waited for.
///
/// # Errors
///
/// When the kernel refuses.
pub fn signals() -> Result<SignalFd> {
    let mut set = SigSet::empty();
    [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().for_each(|signal| set.add(signal));
    set.thread_block()?;
    Ok(SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?)
}

/// Where things are for a run.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// How each variant is started.
    pub start: &'a dyn Fn(&Variant) -> Start,
    /// Where each run gets a folder on the disk.
    pub disk: &'a Path,
    /// Where the records are written.
    pub folder: &'a Path,
}

/// Runs every variant of the plan and writes its record.
///
/// Stops after a run that the user has interrupted.
///
/// # Errors
///
/// When a record can not be written.
pub fn run(
    scenario: &Scenario,
    plan: &Plan,
    machine: &Machine,
    place: &Place<'_>,
    live: &mut Live<'_>,
    signals: &SignalFd,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for run in &plan.runs {
        live.begin(&run.variant);
        let start = (place.start)(&run.variant);
        let header = header(scenario, plan, machine, run, &start);
        let writer = Writer::create(&place.folder.join(format!("{}.jsonl", run.variant.name)))?;
        let record = match &run.lack {
            Some(lack) => recorder::not_started(header, writer, lack.clone())?,
            None => watched(&world(plan, run, start, place.disk), header, writer, &records, live, signals)?,
        };
        live.end(&record);
        let interrupted = record.outcome() == Outcome::Interrupted;
        records.push(record);
        if interrupted {
            break;
        }
    }
    live.clear();
    Ok(records)
}

/// Records one run on a thread of its own, so that drawing does not disturb its beat.
fn watched(
    world: &World,
    header: Header,
    writer: Writer,
    done: &[Record],
    live: &mut Live<'_>,
    signals: &SignalFd,
) -> Result<Record> {
    let shared: Mutex<Option<Record>> = Mutex::new(None);
    let viewer = std::thread::current();
    std::thread::scope(|scope| {
        let recorder = scope.spawn(|| {
            let record = recorder::record(world, header, writer, &shared, signals);
            viewer.unpark();
            record
        });
        while !recorder.is_finished() {
            std::thread::park_timeout(REDRAW);
            if let Some(now) = shared.lock().expect("no thread panics with the record").as_ref() {
                live.show(done, now);
            }
        }
        recorder.join().expect("the recorder does not panic")
    })
}

fn world(plan: &Plan, run: &Run, start: Start, disk: &Path) -> World {
    let seed = plan.seed.to_string();
    let words = [run.variant.name.as_str(), "--seed", &seed, "--shm", SHM, "--disk", DISK];
    let mut args = start.args;
    args.extend(words.map(str::to_owned));
    args.extend(plan.sizes.iter().map(|(name, value)| format!("{name}={value}")));
    World {
        namespaces: plan.namespaces,
        tmpfs: run.limits.tmpfs,
        cgroup: plan.cgroup.clone().map(|place| (place, run.limits.memory)),
        disk: disk.to_owned(),
        program: start.program,
        args,
        env: start.env,
    }
}

fn header(scenario: &Scenario, plan: &Plan, machine: &Machine, run: &Run, start: &Start) -> Header {
    Header {
        schema: SCHEMA,
        lab: env!("CARGO_PKG_VERSION").to_owned(),
        started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        scenario: scenario.slug.clone(),
        variant: run.variant.name.clone(),
        title: run.variant.title.clone(),
        size: plan.size.clone(),
        sizes: plan.sizes.clone(),
        limits: run.limits.clone(),
        confinement: run.confinement.clone(),
        seed: plan.seed,
        machine: machine.stamp.clone(),
        metrics: BTreeMap::new(),
        peer: start.peer.clone(),
    }
}
