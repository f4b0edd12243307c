//! One file to hand in: what a learner has done, and the curves of what passed.
//!
//! It is JSON, and it holds nothing of the machine but what the records stamp: no paths, no source.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use toml::Table;

use super::progress::Progress;
use super::workspace::Workspace;
use crate::chart::{Curve, course};
use crate::model::metric::Unit;
use crate::model::record::Record;
use crate::scenario::Catalog;

/// The version of the format.
pub(crate) const SCHEMA: u32 = 1;

/// So many points make a curve in an exported file.
const POINTS: usize = 200;

/// What is handed in.
#[derive(Debug, Serialize)]
pub(crate) struct Export<'a> {
    schema: u32,
    lab: &'static str,
    /// Who hands it in: the name of the file, without its end.
    name: String,
    progress: &'a Table,
    curves: Vec<Passed>,
}

/// The curve of a program that has passed.
#[derive(Debug, Serialize)]
struct Passed {
    scenario: String,
    exercise: String,
    metric: &'static str,
    unit: &'static str,
    /// The name of the table of sizes.
    size: String,
    /// How long the run took, in microseconds.
    span: u64,
    /// The highest value in each of equal parts of that time.
    values: Vec<Option<u64>>,
}

/// Writes the file that is handed in. A file that is there already stays.
///
/// # Errors
///
/// When it is there, or can't be written; or a record of a run that passed can't be read.
pub(crate) fn export(root: &Path, catalog: &Catalog, progress: &Progress, path: &Path) -> Result<()> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut curves = Vec::new();
    for scenario in catalog.scenarios() {
        for exercise in &scenario.exercises {
            let kept = Workspace::of(root, scenario, exercise).file.with_extension("jsonl");
            if kept.is_file() {
                curves.push(Passed::of(&Record::read(&kept)?, scenario.curve.name, scenario.curve.unit));
            }
        }
    }
    let export =
        Export { schema: SCHEMA, lab: env!("CARGO_PKG_VERSION"), name, progress: progress.table(), curves };
    let text = serde_json::to_string_pretty(&export)? + "\n";
    let file = std::fs::File::create_new(path);
    match file {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already: choose another name, or move it away", path.display())
        }
        file => {
            std::io::Write::write_all(&mut file.with_context(|| path.display().to_string())?, text.as_bytes())
                .with_context(|| path.display().to_string())
        }
    }
}

impl Passed {
    fn of(record: &Record, metric: &'static str, unit: Unit) -> Self {
        Passed {
            scenario: record.header.scenario.clone(),
            exercise: record.header.variant.clone(),
            metric,
            unit: match unit {
                Unit::Bytes => "bytes",
                Unit::Count => "count",
                Unit::Microseconds => "microseconds",
            },
            size: record.header.size.clone(),
            span: record.duration(),
            values: course(&Curve::of(record, metric), POINTS),
        }
    }
}
