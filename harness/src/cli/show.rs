//! `lab show`: judges and draws a run again from its records, without running or changing anything.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::record::named;
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::export::{Exports, Picture};
use crate::report::{Format, command, events, json, processes};
use crate::screen::{Screen, print};

#[cfg_attr(feature = "workbook", doc = "Judge and draw a run again from its records, without running it")]
#[cfg_attr(not(feature = "workbook"), doc = "Draw and describe a recorded command again, without running it")]
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[cfg_attr(
        feature = "workbook",
        doc = "A scenario (its latest run), a folder of records or one record, or a recorded command (-1 is the \
               latest); by default the latest run"
    )]
    #[cfg_attr(
        not(feature = "workbook"),
        doc = "A recorded command (-1 is the latest), or the file of a record; by default the latest"
    )]
    #[arg(allow_negative_numbers = true)]
    what: Option<String>,
    /// Of a recorded command: list what happened when
    #[arg(long)]
    events: bool,
    /// Show the processes of one record (by default the latest) one by one: a stacked picture, and how much
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
            #[cfg(feature = "workbook")]
            None => {
                let format = Format::of(self.json);
                super::show_run::show(self.what.as_deref(), self.events, format, &self.exports)
            }
            #[cfg(not(feature = "workbook"))]
            None => self.show_command(&named(self.what.as_deref().unwrap_or("-1"))?),
        }
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
