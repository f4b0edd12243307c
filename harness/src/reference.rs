//! The recorded results of a scenario: the records of one real run. What the book makes of them
//! stands beside them, and is made again by `press`.
//!
//! They are written whole by `lab run SLUG --reference` and never edited by hand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::catalog::{Scenario, Sweep};
use crate::claim::{Status, Verdict, judge, overall};
use crate::record::Record;
use crate::report::PICTURE;
use crate::sweep;

/// The folder in a scenario's folder.
pub const RESULTS: &str = "results";

/// How often each claim held, which is written by `lab soak --reference` and outlives the records.
const SOAK: &str = "soak.txt";

/// Makes the records in `folder` the recorded results of the scenario, in place of those before.
///
/// # Errors
///
/// When not every claim holds: a result that contradicts the chapter is no reference.
pub fn keep(scenario: &Scenario, records: &[Record], folder: &Path) -> Result<()> {
    let verdicts = judge(scenario, records);
    if overall(&verdicts) != Status::Holds {
        bail!("not every claim holds, so the recorded results of {} stay as they are", scenario.slug);
    }
    write(records, folder, &scenario.folder.join(RESULTS))
}

/// Makes the records of a peer in `folder` those that are recorded, in place of those before.
///
/// # Errors
///
/// When not every claim holds.
pub fn keep_peer(scenario: &Scenario, verdicts: &[Verdict], records: &[Record], folder: &Path) -> Result<()> {
    if overall(verdicts) != Status::Holds {
        bail!("not every claim holds, so the recorded results of the peer of {} stay", scenario.slug);
    }
    write(records, folder, &scenario.folder.join(RESULTS).join(PEER))
}

/// The folder of a peer's records in that of the results.
pub const PEER: &str = "peer";

/// Copies the records and their picture, in place of the records before.
fn write(records: &[Record], folder: &Path, results: &Path) -> Result<()> {
    fs::create_dir_all(results).with_context(|| results.display().to_string())?;
    let is_record = |path: &PathBuf| path.extension().is_some_and(|end| end == "jsonl");
    for path in results.read_dir()?.flatten().map(|entry| entry.path()).filter(is_record) {
        fs::remove_file(&path).with_context(|| path.display().to_string())?;
    }
    let names = records.iter().map(|record| format!("{}.jsonl", record.header.variant));
    for name in names.chain([PICTURE.to_owned()]) {
        fs::copy(folder.join(&name), results.join(&name)).with_context(|| name)?;
    }
    Ok(())
}

/// Writes how often each claim held beside the recorded results of the scenario.
///
/// # Errors
///
/// The file's, with its name.
pub fn keep_rates(scenario: &Scenario, rates: &str) -> Result<()> {
    let path = scenario.folder.join(RESULTS).join(SOAK);
    fs::create_dir_all(scenario.folder.join(RESULTS))
        .and_then(|()| fs::write(&path, rates))
        .with_context(|| path.display().to_string())
}

/// Makes the records in `folder` the recorded ones of a sweep, in place of those before.
///
/// # Errors
///
/// The files', with their names.
pub fn keep_sweep(scenario: &Scenario, sweep: &Sweep, folder: &Path) -> Result<()> {
    let results = scenario.folder.join(RESULTS).join(sweep::folder(sweep));
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| results.display().to_string())?;
    }
    for value in &sweep.values {
        let (from, to) = (folder.join(value.to_string()), results.join(value.to_string()));
        fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
        for variant in &sweep.variants {
            let name = format!("{variant}.jsonl");
            fs::copy(from.join(&name), to.join(&name))
                .with_context(|| to.join(&name).display().to_string())?;
        }
    }
    Ok(())
}
