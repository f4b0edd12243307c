//! The fate of a command doesn't depend on whether it's recorded.
//!
//! Each row of the table is a small program that runs bare and under `lab record`: watched and confined, as
//! root and as an ordinary user. It must print the same, end the same, leave the same files and see the same
//! signals. To add a case, put its script into `cases/` and one row into `table.rs`.

#[path = "../common/mod.rs"]
mod common;
mod container;
mod kills;
mod look;
mod open;
mod program;
mod rates;
mod stage;
mod table;
mod trial;
mod way;

use std::process::ExitCode;

use libtest_mimic::Trial;

use table::KINDS;
use way::Way;

fn main() -> ExitCode {
    let arguments = common::arguments();
    let before = look::Before::look();
    let rows = KINDS.iter().flat_map(|(kind, rows)| rows.iter().map(move |row| (*kind, row)));
    let rows = rows.flat_map(|(kind, row)| {
        let ways = Way::ALL.into_iter().filter(|way| row.modes.contains(&way.mode));
        ways.map(move |way| {
            let name = format!("{}::{way}", row.name);
            let missing = open::missing(&name);
            Trial::ignorable_test(name, move || {
                rates::counted(kind, &way.to_string(), missing, trial::run(row, way))
            })
        })
    });
    let trials = rows.chain(container::trials()).chain(kills::trials()).chain(look::trials()).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    rates::print();
    let left = before.left();
    left.iter().for_each(|left| println!("left behind: {left}"));
    if left.is_empty() { conclusion.exit_code() } else { ExitCode::FAILURE }
}
