//! `lab run`: a scenario's variants, each in a sandbox of its own, and the claims judged.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::{Done, Lab, interrupted, not_here};
use crate::judge::judge;
use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict, overall};
use crate::reference;
use crate::report::live::View;
use crate::report::run::report;
use crate::scenario::Scenario;
use crate::screen::{Screen, print};
use crate::workbench::plan::Request;

/// How the result is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As text, with a moving picture where there is a terminal.
    Live,
    /// As text, in lines.
    Lines,
    /// As JSON.
    Json,
}

impl Form {
    /// What is shown on this screen while it runs.
    pub(crate) fn view(self, screen: &Screen) -> View {
        match self {
            Form::Json => View::Nothing,
            Form::Live if screen.moves => View::Curve,
            Form::Live | Form::Lines => View::Lines,
        }
    }
}

/// What becomes of the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// They stay in the store.
    Store,
    /// They also become the scenario's recorded results, if every claim holds.
    Reference,
}

/// Runs, judges and reports.
pub(crate) fn run(name: &str, request: &Request, form: Form, keep: Keep) -> Result<u8> {
    let lab = Lab::open()?;
    let scenario = lab.catalog.find(name)?;
    let screen = Screen::detect();
    let view = form.view(&screen);
    let (records, folder) = match lab.run(scenario, request, screen, view)? {
        Done::Ran(records, folder) => (records, folder),
        Done::NotHere(why) => return Ok(not_here(why)),
        Done::Interrupted(folder) => return Ok(interrupted(folder)),
    };
    let status = conclude(scenario, &records, &folder, form, &screen);
    if keep == Keep::Reference {
        reference::keep(scenario, &records, &folder)?;
    }
    Ok(status)
}

/// Judges the records and says what came of it; returns the exit code.
pub(crate) fn conclude(
    scenario: &Scenario,
    records: &[Record],
    folder: &Path,
    form: Form,
    screen: &Screen,
) -> u8 {
    let verdicts = judge(scenario, records);
    let status = overall(&verdicts);
    match form {
        Form::Json => print(&format!("{:#}\n", as_json(scenario, records, &verdicts, folder, &status))),
        Form::Live | Form::Lines => print(&report(scenario, records, &verdicts, folder, screen)),
    }
    status.exit_code()
}

/// What came of a run, for programs.
pub(crate) fn as_json(
    scenario: &Scenario,
    records: &[Record],
    verdicts: &[Verdict],
    folder: &Path,
    status: &Status,
) -> serde_json::Value {
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
    json!({ "scenario": scenario.slug, "status": status.word(), "size": header.size, "sizes": header.sizes,
            "seed": header.seed, "confinement": header.confinement, "machine": header.machine,
            "folder": folder, "runs": runs.collect::<Vec<_>>(), "verdicts": judged.collect::<Vec<_>>() })
}
