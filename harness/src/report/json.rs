//! A recorded command for programs.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::command::largest;
use super::{diagnosis, events, processes};
use crate::model::record::Record;
use crate::recorder::metrics;

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
