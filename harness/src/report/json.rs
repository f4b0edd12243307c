//! The results for programs.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::command::largest;
use super::{diagnosis, events, processes};
use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict, overall};
use crate::peer::{Agreement, Beside};
use crate::recorder::metrics;
use crate::scenario::{Peer, Scenario};

/// A recorded command. `path` is the file of its record, if it has one.
pub(crate) fn command(record: &Record, path: Option<&Path>) -> Value {
    let peaks: Map<String, Value> = metrics::all()
        .filter_map(|metric| Some((metric.name.to_owned(), record.peak(metric.name)?.into())))
        .collect();
    let trailer = record.trailer.as_ref();
    json!({
        "command": record.header.command, "started": record.header.started,
        "outcome": record.outcome(), "status": trailer.and_then(|trailer| trailer.status),
        "seconds": record.duration() as f64 / 1e6, "peaks": peaks,
        "evidence": trailer.map(|trailer| &trailer.evidence), "facts": trailer.map(|trailer| &trailer.facts),
        "processes": trailer.map(|trailer| &trailer.processes),
        "open_memory_files": trailer.map(|trailer| &trailer.open_memory_files),
        "shared_folders": trailer.map(|trailer| &trailer.shared_folders),
        "sysv_segments": trailer.map(|trailer| &trailer.sysv_segments),
        "rlimits": trailer.map(|trailer| &trailer.rlimits),
        "stays": trailer.map(|trailer| &trailer.stays),
        "events": events::json(record, false),
        "process_tracks": processes::json(record),
        "largest": largest(record).into_iter().take(LARGEST).collect::<Vec<_>>(), "marks": record.marks,
        "limits": record.header.limits, "confinement": record.header.confinement,
        "cost": trailer.map(|trailer| &trailer.cost), "machine": record.header.machine,
        "diagnosis": diagnosis::json(record),
        "metrics": record.header.metrics, "record": path.map(|path| path.display().to_string()),
    })
}

/// So many of the processes that have ended are in the summary; the record has more.
const LARGEST: usize = 10;

/// A run of a scenario. `folder` is that of its records.
pub(crate) fn run(scenario: &Scenario, records: &[Record], verdicts: &[Verdict], folder: &Path) -> Value {
    let runs = records.iter().map(|record| {
        let facts = record.trailer.as_ref().map(|trailer| trailer.facts.clone()).unwrap_or_default();
        let metrics = record.header.metrics.keys();
        let peaks: BTreeMap<&String, Option<u64>> =
            metrics.map(|metric| (metric, record.peak(metric))).collect();
        json!({ "variant": record.header.variant, "outcome": record.outcome(), "facts": facts,
                "peaks": peaks, "seconds": record.duration() as f64 / 1e6 })
    });
    let judged = verdicts.iter().map(|verdict| {
        let why = match &verdict.status {
            Status::Unknown(why) => Some(why),
            Status::Holds | Status::Fails => None,
        };
        json!({ "claim": verdict.claim, "variant": verdict.variant, "status": verdict.status.word(),
                "why": why, "measured": verdict.measured, "bound": verdict.bound, "says": verdict.says,
                "measured_text": verdict.measured_text, "bound_text": verdict.bound_text,
                "post": verdict.post, "hint": verdict.hint })
    });
    let header = &records[0].header;
    json!({ "scenario": scenario.slug, "status": overall(verdicts).word(), "size": header.size,
            "sizes": header.sizes, "seed": header.seed, "confinement": header.confinement,
            "machine": header.machine, "folder": folder.display().to_string(), "runs": runs.collect::<Vec<_>>(),
            "verdicts": judged.collect::<Vec<_>>() })
}

/// A run of a peer, next to ours.
pub(crate) fn peer(peer: &Peer, theirs: &[Record], beside: &Beside, folder: &Path) -> Value {
    let mut value = run(&peer.scenario, theirs, &beside.verdicts, folder);
    let rows = beside.rows.iter().map(|row| {
        let (like, ours) = row.ours.clone().unzip();
        let agrees = match row.agreement {
            Agreement::Agrees | Agreement::BothHold => Some(true),
            Agreement::Differs(_) => Some(false),
            Agreement::Alone => None,
        };
        json!({ "claim": row.theirs.claim, "variant": row.theirs.variant, "like": like, "ours": ours,
                "theirs": row.theirs.measured_text, "agrees": agrees, "why": row.why })
    });
    value["beside"] = rows.collect();
    value["peer"] = json!(theirs.first().and_then(|record| record.header.peer.clone()));
    value
}
