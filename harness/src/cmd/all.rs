//! `lab all`: every scenario, one after the other, and one table.

use anyhow::Result;

use super::{Done, Lab, interrupted};
use crate::judge::judge;
use crate::model::verdict::{Status, overall};
use crate::report::live::View;
use crate::report::run::table;
use crate::screen::{Screen, print};
use crate::workbench::plan::Request;

/// Runs every scenario with its own variants; the exit code is the worst of all.
pub(crate) fn all(request: &Request) -> Result<u8> {
    let lab = Lab::open()?;
    let screen = Screen::detect();
    let mut worst = Status::Holds;
    for scenario in lab.catalog.scenarios() {
        let heading = format!("{}. {}: {}", scenario.number, scenario.slug, scenario.title);
        print(&format!("{}\n", screen.bold(&heading)));
        let status = match lab.run(scenario, request, screen, View::Nothing)? {
            Done::Ran(records, _) => {
                let verdicts = judge(scenario, &records);
                print(&table(scenario.curve, &records, &screen));
                let holds = verdicts.iter().filter(|verdict| verdict.status == Status::Holds).count();
                print(&format!("{holds} of {} verdicts hold\n\n", verdicts.len()));
                overall(&verdicts)
            }
            Done::NotHere(why) => {
                print(&screen.wrapped("", &format!("UNKNOWN: {why}.")));
                Status::Unknown(why)
            }
            Done::Interrupted(folder) => return Ok(interrupted(folder)),
        };
        worst = worst.max(status);
    }
    if worst != Status::Holds {
        print("`lab show NAME` tells which claim does not hold, and why.\n");
    }
    Ok(worst.exit_code())
}
