//! `lab diagnose`: which of the known failures a record shows, and why.

use std::ffi::OsString;

use anyhow::{Context, Result};

use super::record::named;
use super::trial::Trial;
use crate::diagnosis::{MODES, Mode};
use crate::model::UnknownName;
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::diagnosis;
use crate::screen::{Screen, print};

/// Say which failure a record shows, with its reasons and what to do next
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A recorded command (-1 is the latest), or the file of a record
    #[arg(allow_negative_numbers = true, required_unless_present_any = ["explain", "command"])]
    record: Option<String>,
    /// The command to record first, with --test
    #[arg(last = true, value_name = "COMMAND", requires = "test", conflicts_with = "record")]
    command: Vec<OsString>,
    /// Run it again with one change that tells the possible failures apart, such as half the memory
    #[arg(long, conflicts_with_all = ["explain", "json"])]
    test: bool,
    /// With --test: don't ask before running the command
    #[arg(long, requires = "test")]
    yes: bool,
    /// Print JSON, as the book describes it
    #[arg(long)]
    json: bool,
    /// Say how this failure shows, with its rules and their thresholds
    #[arg(long, value_name = "MODE", conflicts_with_all = ["record", "json"])]
    explain: Option<String>,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let screen = Screen::detect();
        if let Some(id) = &self.explain {
            print(&diagnosis::explained(mode(id)?, &screen));
            return Ok(0);
        }
        if self.test {
            return Trial { record: self.record, command: self.command, is_agreed: self.yes }.run();
        }
        let path = named(self.record.as_deref().context("there is no record")?)?;
        let record = Record::read_thinned(&path, MAX_SAMPLES)?;
        print(&match self.json {
            true => format!("{:#}\n", diagnosis::json(&record)),
            false => diagnosis::text(&record, &screen),
        });
        Ok(0)
    }
}

/// The failure mode of this name.
fn mode(id: &str) -> Result<&'static Mode> {
    Mode::find(id).ok_or_else(|| {
        let known = MODES.iter().map(|mode| mode.id.to_owned()).collect();
        UnknownName { what: "failure mode".into(), name: id.to_owned(), known }.into()
    })
}
