//! One file to hand in: a learner's progress, with the sources and curves of the passed exercises.
//!
//! It's JSON, and says no more about the machine than the records do: no paths.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::digest::sha256;
use super::progress::{Kept, Progress};
use super::workspace::Workspace;
use crate::chart::{Curve, course};
use crate::model::metric::Unit;
use crate::model::record::Record;
use crate::scenario::Catalog;

/// The version of the format. Version 1 has no sources.
pub(crate) const SCHEMA: u32 = 2;

/// So many points make a curve in an exported file.
const POINTS: usize = 200;

/// The file to hand in.
#[derive(Debug, Serialize)]
pub(crate) struct Export<'a> {
    schema: u32,
    lab: &'static str,
    /// Who hands it in: the name of the file, without its end.
    name: String,
    progress: &'a Table,
    curves: Vec<Passed>,
    sources: Vec<Solved>,
}

/// The curve of a program that has passed.
#[derive(Debug, Serialize)]
struct Passed {
    scenario: String,
    exercise: String,
    metric: &'static str,
    unit: &'static str,
    /// The name of the table of sizes, and the sizes themselves.
    size: String,
    sizes: BTreeMap<String, u64>,
    /// How long the run took, in microseconds.
    span: u64,
    /// The highest value in each of equal parts of that time.
    values: Vec<Option<u64>>,
}

/// A source that has passed, and the digests by which it can be told that its record is its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Solved {
    pub(crate) scenario: String,
    pub(crate) exercise: String,
    /// The learner's file, as it was when it passed.
    pub(crate) text: String,
    /// The notes from when it passed.
    #[serde(flatten)]
    pub(crate) kept: Kept,
}

/// Writes the file that is handed in. A file that is there already stays. Returns the exercises, as `slug exercise`,
/// that have passed and whose source isn't in it.
///
/// # Errors
///
/// When it is there, or can't be written; or a record of a run that passed can't be read.
pub(crate) fn export(
    root: &Path,
    catalog: &Catalog,
    progress: &Progress,
    path: &Path,
) -> Result<Vec<String>> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (mut curves, mut sources, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for scenario in catalog.scenarios() {
        for exercise in &scenario.exercises {
            let workspace = Workspace::of(root, scenario, exercise);
            let record = workspace.kept_record();
            if record.is_file() {
                curves.push(Passed::of(&Record::read(&record)?, scenario.curve.name, scenario.curve.unit));
            }
            let done = progress.done(&scenario.slug, &exercise.name)?;
            match solved(&workspace, done.kept) {
                Some(solved) => sources.push(solved),
                None if done.passed.is_some() => missing.push(format!("{} {}", scenario.slug, exercise.name)),
                None => {}
            }
        }
    }
    let (lab, progress) = (env!("CARGO_PKG_VERSION"), progress.table());
    let export = Export { schema: SCHEMA, lab, name, progress, curves, sources };
    write_new(path, &(serde_json::to_string_pretty(&export)? + "\n"))?;
    Ok(missing)
}

/// Writes a new file.
///
/// # Errors
///
/// When it is there already, or can't be written.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<()> {
    match fs::File::create_new(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} already exists: choose another name, or move it away", path.display())
        }
        file => {
            let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
            written.with_context(|| path.display().to_string())
        }
    }
}

/// The source that passed, if it's still the one kept then.
fn solved(workspace: &Workspace<'_>, kept: Option<Kept>) -> Option<Solved> {
    let kept = kept?;
    let text = fs::read(workspace.kept_source()).ok()?;
    let record = fs::read(workspace.kept_record()).ok()?;
    let is_kept = sha256(&text) == kept.source && sha256(&record) == kept.record;
    is_kept.then_some(Solved {
        scenario: workspace.scenario.slug.clone(),
        exercise: workspace.exercise.name.clone(),
        // What the compiler took is UTF-8.
        text: String::from_utf8(text).ok()?,
        kept,
    })
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
            sizes: record.header.sizes.clone(),
            span: record.duration(),
            values: course(&Curve::of(record, metric), POINTS),
        }
    }
}
