//! A program that changes nothing: it doesn't have to be asked a hundred times a second.

use anyhow::{Context, Result};
use lab::model::record::Cost;

use crate::recorder::{Bench, Group, Recorder};
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::Stood;

/// What the program has, in MiB.
const SIZE: usize = 512;

/// For how long it goes on after it has been so long as it is, in milliseconds.
const MILLIS: u64 = 6000;

const RECORDERS: [Recorder; 2] = [Recorder::Lab { millis: 10, group: Group::Own }, Recorder::LabAlone];

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!("A program that has {SIZE} MiB and changes nothing, from its fifth second on"),
        &["recorder", "the program", "samples a second, of all", "of a processor"],
    );
    for (kind, says) in [("sleeps", "sleeps"), ("works", "works on what it has")] {
        for recorder in RECORDERS {
            let mut runs = Vec::new();
            for _ in 0..rounds {
                let (seen, stood) = bench
                    .run::<Stood>(recorder, &["steady", kind, &SIZE.to_string(), &MILLIS.to_string()])?;
                let record = seen.record.context("lab writes a record")?;
                let cost = record.trailer.as_ref().context("it was written to its end")?.cost.clone();
                runs.push((stood, cost, record.duration() as f64 / 1e6));
            }
            let spread = |number: &dyn Fn(&(Stood, Cost, f64)) -> f64| Spread::of(runs.iter().map(number));
            let share = spread(&|(stood, ..)| 100.0 * stood.recorder / stood.wall);
            let rate = spread(&|(_, cost, seconds)| cost.kept as f64 / seconds);
            let goal = (recorder == Recorder::LabAlone)
                .then_some(Goal { says: "at most 0.3 % of a processor", met: share.median <= 0.3 });
            let cells = [recorder.to_string(), says.to_owned(), rate.shown(0, ""), share.shown(2, "%")];
            table.row(cells, goal);
        }
    }
    Ok(table)
}
