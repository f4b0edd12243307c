//! The fate of a command doesn't depend on whether it's recorded.
//!
//! Each row of the table is a small program that runs bare and under `lab record`: watched and confined, as
//! root and as an ordinary user. It must print the same, end the same, leave the same files and see the same
//! signals. To add a case, put its script into `cases/` and one row into `table.rs`.

#[path = "../common/mod.rs"]
mod common;
mod container;
mod kills;
mod open;
mod program;
mod rates;
mod stage;
mod table;
mod trial;
mod way;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

use table::ROWS;
use way::Way;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let all = arguments.ignored || arguments.include_ignored;
    let rows = ROWS.iter().flat_map(|row| {
        let ways = Way::ALL.into_iter().filter(|way| row.modes.contains(&way.mode));
        ways.map(move |way| {
            let name = format!("{}::{way}", row.name);
            let missing = open::missing(&name).filter(|_| !all);
            Trial::ignorable_test(name, move || match missing {
                Some(missing) => rates::open(way.to_string(), missing),
                None => rates::counted(way.to_string(), trial::run(row, way)),
            })
        })
    });
    let trials = rows.chain(container::trials()).chain(kills::trials()).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    rates::print();
    conclusion.exit_code()
}
