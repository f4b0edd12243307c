//! The recorded results of a scenario: the records of one real run. The book's fragments are next to them, and
//! `bookgen` makes them again.
//!
//! They are written whole by `lab run SLUG --reference` and never edited by hand.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::judge::judge;
use crate::model::outcome::Outcome;
use crate::model::record::{Line, Record};
use crate::model::verdict::{Status, Verdict, overall};
use crate::report::run::PICTURE;
use crate::scenario::{Scenario, Sweep};

/// How often each claim held, which is written by `lab soak --reference` and outlives the records.
const SOAK: &str = "soak.txt";

/// Makes the records in `folder` the recorded results of the scenario, in place of those before.
///
/// # Errors
///
/// If not every claim holds: a result that contradicts the chapter isn't a reference.
pub(crate) fn keep(scenario: &Scenario, records: &[Record], folder: &Path) -> Result<()> {
    let verdicts = judge(scenario, records);
    if overall(&verdicts) != Status::Holds {
        bail!("not every claim holds, so the recorded results of {} stay as they are", scenario.slug);
    }
    write(records, folder, &scenario.results())
}

/// Makes the records of a peer in `folder` those that are recorded, in place of those before.
///
/// # Errors
///
/// When not every claim holds.
pub(crate) fn keep_peer(
    scenario: &Scenario,
    verdicts: &[Verdict],
    records: &[Record],
    folder: &Path,
) -> Result<()> {
    if overall(verdicts) != Status::Holds {
        bail!("not every claim holds, so the recorded results of the peer of {} stay", scenario.slug);
    }
    write(records, folder, &scenario.results().join(PEER))
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
    for name in names {
        copy(&folder.join(&name), &results.join(&name))?;
    }
    fs::copy(folder.join(PICTURE), results.join(PICTURE)).context(PICTURE)?;
    Ok(())
}

/// The recorded runs of these variants, as far as there are any: they're shown instead of runs that this machine
/// can't do. They prove nothing about it, so nobody judges them.
pub(crate) fn stand_ins<'a>(scenario: &Scenario, variants: impl IntoIterator<Item = &'a str>) -> Vec<Record> {
    let read = |variant: &str| {
        // One that can't be read is as good as none.
        let mut record = Record::read(&scenario.results().join(format!("{variant}.jsonl"))).ok()?;
        record.header.stands_in = true;
        Some(record)
    };
    let mut records: Vec<Record> = Vec::new();
    for variant in variants {
        // Each has one record, so a name that comes twice is one run.
        if records.iter().all(|record| record.header.variant != variant) {
            records.extend(read(variant));
        }
    }
    records
}

/// Those for the runs among these that were never started.
pub(crate) fn in_place_of(scenario: &Scenario, records: &[Record]) -> Vec<Record> {
    let is_lacking = |record: &&Record| {
        record.header.peer.is_none() && matches!(record.outcome(), Outcome::CouldNotStart(_))
    };
    stand_ins(scenario, records.iter().filter(is_lacking).map(|record| record.header.variant.as_str()))
}

/// Copies a record, without the folders of this machine.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let text = fs::read_to_string(from).with_context(|| from.display().to_string())?;
    fs::write(to, without_folders(&text)?).with_context(|| to.display().to_string())
}

/// The text of a record. In its program's output and its processes' arguments, files have names without folders:
/// those, as a traceback names them, are the machine's own business.
fn without_folders(record: &str) -> Result<String> {
    let line = |text: &str| {
        let mut line: Line = serde_json::from_str(text).context("a line of a record")?;
        match &mut line {
            Line::Process(process) => process.words.iter_mut().for_each(|word| *word = names(word)),
            Line::Trailer(trailer) => trailer.output = names(&trailer.output),
            _ => return Ok(format!("{text}\n")),
        }
        Ok(format!("{}\n", serde_json::to_string(&line)?))
    };
    record.trim_end().lines().map(line).collect()
}

/// A text with the last name in place of every path of at least three, but for what isn't on a disk.
fn names(text: &str) -> String {
    let parts =
        text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | ','));
    let is_the_kernels = |part: &str| ["/dev/", "/proc/", "/sys/"].iter().any(|root| part.starts_with(root));
    let name =
        |part: &str| match part.starts_with('/') && part.matches('/').count() > 2 && !is_the_kernels(part) {
            true => part[part.rfind('/').map_or(0, |slash| slash + 1)..].to_owned(),
            false => part.to_owned(),
        };
    parts.map(name).collect()
}

/// Writes how often each claim held next to the recorded results of the scenario.
///
/// # Errors
///
/// The file's, with its name.
pub(crate) fn keep_rates(scenario: &Scenario, rates: &str) -> Result<()> {
    let path = scenario.results().join(SOAK);
    fs::create_dir_all(scenario.results())
        .and_then(|()| fs::write(&path, rates))
        .with_context(|| path.display().to_string())
}

/// Makes the records in `folder` the recorded ones of a sweep, in place of those before.
///
/// # Errors
///
/// The files', with their names.
pub(crate) fn keep_sweep(scenario: &Scenario, sweep: &Sweep, folder: &Path) -> Result<()> {
    let results = scenario.results().join(sweep.folder());
    if results.exists() {
        fs::remove_dir_all(&results).with_context(|| results.display().to_string())?;
    }
    for value in &sweep.values {
        let (from, to) = (folder.join(value.to_string()), results.join(value.to_string()));
        fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
        for variant in &sweep.variants {
            let name = format!("{variant}.jsonl");
            copy(&from.join(&name), &to.join(&name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_process_keep_the_names_of_files_and_lose_their_folders() {
        let record = |words: &str| {
            format!("{{\"process\":{{\"n\":0,\"pid\":7,\"t\":9,\"name\":\"sh\",\"words\":[{words}]}}}}\n")
        };
        let read = record(r#""/a/folder/of/python","/a/folder/peer.py","--shm","/dev/shm/x/y""#);
        let kept = record(r#""python","peer.py","--shm","/dev/shm/x/y""#);
        assert_eq!(without_folders(&read).unwrap(), kept);
    }

    #[test]
    fn what_a_program_printed_keeps_the_names_of_files_and_loses_their_folders() {
        let printed =
            "  File \"/a/folder/peer.py\", line 3, in <module>\nOSError: '/dev/shm/x' 1/2/3 (/a/b/c)\n";
        let kept = "  File \"peer.py\", line 3, in <module>\nOSError: '/dev/shm/x' 1/2/3 (c)\n";
        assert_eq!(names(printed), kept);
    }
}
