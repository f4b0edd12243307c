//! `lab run`: a scenario's variants, each in its own sandbox, and the claims judged.

use anyhow::Result;

use super::args::RunArgs;
use super::instead::instead;
use crate::reference;
use crate::report::Format;
use crate::report::run::report;
use crate::screen::Screen;
use crate::workbench::{Ran, Workbench};

/// Run a scenario: each variant in its own sandbox, with its curve, and the claims judged
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario: its name, or its number
    scenario: String,
    #[command(flatten)]
    how: RunArgs,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let scenario = workbench.catalog.find(&self.scenario)?;
        let screen = Screen::detect();
        let request = self.how.request(scenario, &screen);
        let Ran { records, folder } = workbench.run(&request).inspect_err(|error| {
            if self.how.format() == Format::Text {
                instead(error, scenario, &request.variants, &[scenario.curve], &screen);
            }
        })?;
        let stand_ins = reference::in_place_of(scenario, &records);
        let status = report(scenario, &records, &stand_ins, &folder, self.how.format(), &screen);
        if self.how.reference {
            reference::keep(scenario, &records, &folder)?;
        }
        Ok(status.exit_code())
    }
}
