//! `lab show`: judges and draws a run again from its records, running nothing.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::draw;
use super::run::{Form, conclude};
use crate::catalog::{Catalog, Scenario};
use crate::record::Record;
use crate::screen::Screen;
use crate::store::{self, Store};

/// Shows the latest run of a scenario, or the records at a path, or else the latest run of all.
pub(crate) fn show(what: Option<&str>, form: Form) -> Result<u8> {
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

/// Records in the order of their variants in scenario.toml, as a run makes them.
fn in_order(scenario: &Scenario, mut records: Vec<Record>) -> Vec<Record> {
    let variants = &scenario.variants;
    let place = |record: &Record| variants.iter().position(|variant| variant.name == record.header.variant);
    records.sort_by_key(|record| place(record).unwrap_or(usize::MAX));
    records
}
