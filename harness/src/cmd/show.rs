//! `lab show`: judges and draws a run again from its records, running nothing.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::draw;
use super::record::named;
use super::run::{Form, conclude};
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::command;
use crate::report::export::Exports;
use crate::scenario::{Catalog, Scenario};
use crate::screen::{Screen, print};
use crate::store::{self, Store};

/// Shows the latest run of a scenario, or the records at a path, or else the latest run of all; or a command
/// that was recorded, by its place among the latest or by its file.
pub(crate) fn show(what: Option<&str>, form: Form, exports: &Exports) -> Result<u8> {
    if let Some(path) = what.map(command).transpose()?.flatten() {
        return show_command(&path, form, exports);
    }
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let path = match what {
        None => Store::open(&root)?.latest(None)?,
        Some(path) if Path::new(path).exists() => PathBuf::from(path),
        Some(path) if path.contains(['/', '.']) => bail!("there is no record or folder {path}"),
        Some(name) => Store::open(&root)?.latest(Some(&catalog.find(name)?.slug))?,
    };
    let (folder, records) = store::records(&path)?;
    let mut scenario = catalog.find(&records[0].header.scenario)?;
    if let (Some(_), Some(peer)) = (&records[0].header.peer, &scenario.peer) {
        scenario = &peer.scenario;
    }
    let records = in_order(scenario, records);
    draw(scenario, &records, &folder);
    Ok(conclude(scenario, &records, &folder, form, &Screen::detect()))
}

/// The file of the command that a word names; `None` where it names a scenario or its records.
fn command(what: &str) -> Result<Option<PathBuf>> {
    if what.starts_with('-') {
        return named(what).map(Some);
    }
    let path = Path::new(what);
    let is_command = path.is_file() && Record::read_thinned(path, MAX_SAMPLES)?.header.command.is_some();
    Ok(is_command.then(|| path.to_owned()))
}

fn show_command(path: &Path, form: Form, exports: &Exports) -> Result<u8> {
    let record = Record::read_thinned(path, MAX_SAMPLES)?;
    exports.write(&record, path, &[])?;
    let screen = Screen::detect();
    match form {
        Form::Json => print(&format!("{:#}\n", command::as_json(&record, path))),
        Form::Live | Form::Lines => print(&command::text(&record, path, &[], &screen)),
    }
    Ok(0)
}

/// Records in the order of their variants in scenario.toml, as a run makes them.
fn in_order(scenario: &Scenario, mut records: Vec<Record>) -> Vec<Record> {
    let variants = &scenario.variants;
    let place = |record: &Record| variants.iter().position(|variant| variant.name == record.header.variant);
    records.sort_by_key(|record| place(record).unwrap_or(usize::MAX));
    records
}
