//! `lab show`: judges and draws a run again from its records, running nothing and changing nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::record::named;
use crate::chart::svg;
use crate::host::files;
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::reference;
use crate::report::export::{Exports, Picture};
use crate::report::run::{Format, figure, report};
use crate::report::{command, events, json, processes};
use crate::scenario::{Catalog, Scenario};
use crate::screen::{Screen, print};
use crate::store::{self, Store};

/// Judge and draw a run again from its records, running nothing
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A scenario (its latest run), a folder of records or one record, or a recorded command (-1 is the
    /// latest); else the latest run of all
    #[arg(allow_negative_numbers = true)]
    what: Option<String>,
    /// Of a recorded command: list what happened when
    #[arg(long)]
    events: bool,
    /// Show the processes of one record (else of the latest command) one by one: a stacked picture, and what
    /// each took
    #[arg(long, conflicts_with = "events")]
    processes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    exports: Exports,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        if self.processes {
            return self.show_processes();
        }
        match self.what.as_deref().map(command).transpose()?.flatten() {
            Some(path) => self.show_command(&path),
            None => self.show_run(),
        }
    }

    fn show_run(&self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let path = match self.what.as_deref() {
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
        if self.exports.csv.is_some() || self.exports.html.is_some() {
            bail!("--csv and --html are for recorded commands; a run of a scenario has --svg");
        }
        if self.events {
            bail!("--events is for recorded commands");
        }
        if let Some(file) = &self.exports.svg {
            let picture = svg::draw(&figure(scenario, &records), &scenario.slug);
            files::write(file, picture.as_bytes()).with_context(|| file.display().to_string())?;
        }
        let stand_ins = reference::in_place_of(scenario, &records);
        let format = Format::of(self.json);
        let status = report(scenario, &records, &stand_ins, &folder, format, &Screen::detect());
        Ok(status.exit_code())
    }

    fn show_processes(&self) -> Result<u8> {
        let path = match self.what.as_deref().unwrap_or("-1") {
            what if what.starts_with('-') => named(what)?,
            what if Path::new(what).is_file() => PathBuf::from(what),
            what => bail!(
                "--processes shows one record: name its file, or a recorded command such as -1, not {what}"
            ),
        };
        let record = Record::read_thinned(&path, MAX_SAMPLES)?;
        self.exports.write(&record, Some(&path), Picture::Processes).collect::<Result<()>>()?;
        print(&match Format::of(self.json) {
            Format::Json => format!("{:#}\n", json::command(&record, Some(&path))),
            Format::Text => processes::text(&record, &path, &Screen::detect()),
        });
        Ok(0)
    }

    fn show_command(&self, path: &Path) -> Result<u8> {
        let record = Record::read_thinned(path, MAX_SAMPLES)?;
        self.exports.write(&record, Some(path), Picture::Curves(&[])).collect::<Result<()>>()?;
        print(&match Format::of(self.json) {
            Format::Json if self.events => format!("{:#}\n", events::json(&record, true)),
            Format::Text if self.events => events::text(&record),
            Format::Json => format!("{:#}\n", json::command(&record, Some(path))),
            Format::Text => command::text(&record, Some(path), &[], &Screen::detect()),
        });
        Ok(0)
    }
}

/// The file of the command that a word names; `None` if it names a scenario or its records.
fn command(what: &str) -> Result<Option<PathBuf>> {
    if what.starts_with('-') {
        return named(what).map(Some);
    }
    let path = Path::new(what);
    let is_command = path.is_file() && Record::read_thinned(path, MAX_SAMPLES)?.header.command.is_some();
    Ok(is_command.then(|| path.to_owned()))
}

/// Records in the order of their variants in scenario.toml, as a run makes them.
fn in_order(scenario: &Scenario, mut records: Vec<Record>) -> Vec<Record> {
    let variants = &scenario.variants;
    let place = |record: &Record| variants.iter().position(|variant| variant.name == record.header.variant);
    records.sort_by_key(|record| place(record).unwrap_or(usize::MAX));
    records
}
