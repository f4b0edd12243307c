//! `lab all`: every scenario, one after the other, and one table.

use anyhow::Result;

use crate::judge::judge;
use crate::model::verdict::{Status, overall};
use crate::report::run::table;
use crate::screen::{Screen, print};
use crate::workbench::{Request, Stop, Workbench};

/// Run every scenario, and print one table of each
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How large: smoke, lab or post
    #[arg(long, default_value = "lab")]
    size: String,
}

impl Args {
    /// Runs every scenario with its own variants; the exit code is the worst of all.
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let screen = Screen::detect();
        let mut worst = Status::Holds;
        for scenario in workbench.catalog.scenarios() {
            let heading = format!("{}. {}: {}", scenario.number, scenario.slug, scenario.title);
            print(&format!("{}\n", screen.bold(&heading)));
            let status = match workbench.run(&Request::new(scenario, &self.size)) {
                Ok(ran) => {
                    let verdicts = judge(scenario, &ran.records);
                    print(&table(scenario.curve, &ran.records, &screen));
                    let holds = verdicts.iter().filter(|verdict| verdict.status == Status::Holds).count();
                    print(&format!("{holds} of {} verdicts hold\n\n", verdicts.len()));
                    overall(&verdicts)
                }
                Err(error) => match error.downcast()? {
                    Stop::NotHere(why) => {
                        print(&screen.wrapped("", &format!("UNKNOWN: {why}.")));
                        Status::Unknown(why)
                    }
                    stop => return Err(stop.into()),
                },
            };
            worst = worst.max(status);
        }
        if worst != Status::Holds {
            print("`lab show NAME` says which claim doesn't hold, and why.\n");
        }
        Ok(worst.exit_code())
    }
}
