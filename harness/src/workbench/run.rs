//! Runs the variants of a plan, one after the other, each in a fresh sandbox.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Result, bail};

use super::Workbench;
use super::plan::{Plan, Run};
use super::program::Start;
use crate::command::watched;
use crate::host::Machine;
use crate::model::outcome::Outcome;
use crate::model::record::{Header, Record, SCHEMA, Writer};
use crate::recorder::{self, Kept, Subject, Task};
use crate::report::live::Live;
use crate::sandbox::cgroup::Bounds;
use crate::sandbox::{Mode, Spec, Streams, Word};
use crate::scenario::{Ends, Kind, Scenario, Variant};
use crate::store;

impl Workbench {
    /// Runs every variant of the plan and writes its record into `folder`.
    ///
    /// Stops after a run that the user has interrupted.
    pub(super) fn records(
        &self,
        scenario: &Scenario,
        plan: &Plan,
        start: &dyn Fn(&Variant) -> Start,
        folder: &Path,
        live: &mut Live,
    ) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        for run in &plan.runs {
            let run = &patient(run, &records);
            live.begin(&run.variant.name, &run.variant.title);
            let start = start(&run.variant);
            let header = header(scenario, plan, &self.machine, run, &start);
            let writer = Ok(Writer::create(&folder.join(format!("{}.jsonl", run.variant.name)))?);
            let kept = match &run.lack {
                Some(lack) => recorder::not_started(header, writer, &Mutex::default(), lack.clone()),
                None => {
                    let spec = spec(plan, run, start, &self.store.disk());
                    let (subject, rates) = (Subject::Started(&spec), recorder::RATES);
                    let (record, signals) = (&Mutex::default(), &self.signals);
                    // Its claims judge it.
                    let task = Task { subject, rates, files: &[], live: record, signals, diagnose: None };
                    watched(&task, header, writer, &records, live)?
                }
            };
            let record = match kept {
                // All samples; the shown ones may have been thinned.
                Kept::Whole(path) | Kept::Elsewhere(path, _) => Record::read(&path)?,
                Kept::Lost(why) => bail!("the record of {} is lost: {why}", run.variant.name),
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
}

/// How many times as long a learner's program may take as the longest of the others. It may be a loop that never ends, and
/// nobody wants to wait for the deadline of all.
const PATIENCE: u64 = 10;

/// The shortest time that it has all the same, in milliseconds: an end for lack of time takes its own.
const SHORTEST: u64 = 10_000;

/// The shortest time that it has to announce something, in milliseconds.
const SHORTEST_SILENCE: u64 = 5_000;

/// The run, which has less time if it's a learner's and others came before it: for all of it, and from one phase or task
/// to the next.
fn patient(run: &Run, before: &[Record]) -> Run {
    let mut run = run.clone();
    let longest = before.iter().map(Record::duration).max();
    let silence = before.iter().map(Record::longest_silence).max();
    if let (Kind::Exercise, Some(longest), Some(silence)) = (run.variant.kind, longest, silence) {
        let patience = (longest / 1000 * PATIENCE).max(SHORTEST);
        run.limits.deadline_ms = run.limits.deadline_ms.map(|deadline| deadline.min(patience));
        run.limits.silent_ms = Some((silence / 1000 * PATIENCE).max(SHORTEST_SILENCE));
    }
    run
}

fn spec(plan: &Plan, run: &Run, start: Start, disk: &Path) -> Spec {
    let seed = plan.seed.to_string();
    let mut args: Vec<Word> = start.args.into_iter().map(Word::from).collect();
    args.extend([run.variant.name.as_str(), "--seed", &seed].map(Word::from));
    args.extend([Word::from("--shm"), Word::Shm, Word::from("--disk"), Word::Disk]);
    args.extend(plan.sizes.iter().map(|(name, value)| Word::from(format!("{name}={value}"))));
    Spec {
        namespaces: plan.namespaces,
        tmpfs: run.limits.tmpfs,
        tmpfs_inodes: run.limits.tmpfs_inodes,
        cgroup: plan.cgroup.clone().map(|place| {
            // One kill for the whole run: half a program isn't a result. But a program that is meant to
            // hang or to fail may do so for lack of the process that was killed.
            let kills_all = !matches!(run.variant.ends, Ends::Hang | Ends::Failed);
            (place, Bounds { memory: run.limits.memory, kills_all })
        }),
        disk: Some(disk.to_owned()),
        program: start.program.into(),
        args,
        env: start.env,
        processes: run.limits.processes.map(|most| (plan.pids.clone(), most)),
        mode: Mode::Confined,
        // Python and its libraries have their own caches.
        sealed: start.peer.is_none(),
        streams: Streams::Kept,
        grace: Duration::ZERO,
    }
}

fn header(scenario: &Scenario, plan: &Plan, machine: &Machine, run: &Run, start: &Start) -> Header {
    Header {
        schema: SCHEMA,
        lab: env!("CARGO_PKG_VERSION").to_owned(),
        started: humantime::format_rfc3339_millis(store::now()).to_string(),
        scenario: scenario.slug.clone(),
        variant: run.variant.name.clone(),
        title: run.variant.title.clone(),
        command: None,
        size: plan.size.clone(),
        sizes: plan.sizes.clone(),
        limits: run.limits.clone(),
        confinement: run.confinement.clone(),
        seed: plan.seed,
        interval: 0,
        machine: machine.stamp.clone(),
        metrics: BTreeMap::new(),
        peaks: BTreeMap::new(),
        enclosing: None,
        peer: start.peer.clone(),
        place: None,
        stands_in: false,
    }
}
