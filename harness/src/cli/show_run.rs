//! `lab show` of a run of a scenario.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::chart::svg;
use crate::host::files;
use crate::model::record::Record;
use crate::reference;
use crate::report::Format;
use crate::report::export::Exports;
use crate::report::run::{figure, report};
use crate::scenario::{Catalog, Scenario};
use crate::screen::Screen;
use crate::store::{self, Store};

/// Judges and draws the latest run of a scenario, or the one whose records are named.
pub(super) fn show(what: Option<&str>, events: bool, format: Format, exports: &Exports) -> Result<u8> {
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
    if let (Some(_), Some(peer)) = (&records[0].header.peer, catalog.peer(scenario)) {
        scenario = &peer.scenario;
    }
    let records = in_order(scenario, records);
    let drawing = exports.only_svg()?;
    if events {
        bail!("--events is for recorded commands");
    }
    if let Some(file) = drawing {
        let picture = svg::draw(&figure(scenario, &records), &scenario.slug);
        files::write(file, picture.as_bytes()).with_context(|| file.display().to_string())?;
    }
    let stand_ins = reference::in_place_of(scenario, &records);
    let status = report(scenario, &records, &stand_ins, &folder, format, &Screen::detect());
    Ok(status.exit_code())
}

/// Records in the order of their variants in scenario.toml, as a run makes them.
fn in_order(scenario: &Scenario, mut records: Vec<Record>) -> Vec<Record> {
    let variants = &scenario.variants;
    let place = |record: &Record| variants.iter().position(|variant| variant.name == record.header.variant);
    records.sort_by_key(|record| place(record).unwrap_or(usize::MAX));
    records
}
