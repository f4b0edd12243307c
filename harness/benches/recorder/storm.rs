//! Children that live for a moment.

use anyhow::{Context, Result};

use crate::recorder::{Bench, Group, Recorder};
use crate::seen::MIB;
use crate::spread::Spread;
use crate::table::{Goal, Table};

const COUNT: usize = 500;

const RECORDERS: [Recorder; 2] = [
    Recorder::Lab { millis: 10, group: Group::Own },
    Recorder::Mprof { millis: 10, words: &["--include-children", "--multiprocess"] },
];

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let (_, bytes) = bench.run::<u64>(Recorder::None, &["brief"])?;
    let truth = bytes as f64;
    let mut table = Table::new(
        format!(
            "{COUNT} children that live for some 10 ms, four at a time, each with {:.1} MiB at most",
            truth / MIB
        ),
        &["recorder", "counted", "with a peak within 1 MiB"],
    );
    for recorder in bench.present(&RECORDERS) {
        let mut seen = Vec::new();
        let mut lack = None;
        for _ in 0..rounds {
            let (said, ()) = bench.run(recorder, &["storm", &COUNT.to_string()])?;
            let near = said.children.values().filter(|peak| (*peak - truth).abs() <= MIB).count();
            let counted = match said.record {
                None => said.children.len() as u64,
                Some(record) => {
                    let processes =
                        record.trailer.context("the record has no end")?.processes.unwrap_or_default();
                    lack = processes.lack;
                    // The first process is none of the children.
                    processes.totals.map_or(0, |totals| totals.exits.saturating_sub(1))
                }
            };
            seen.push((counted as f64, near as f64));
        }
        let counted = Spread::of(seen.iter().map(|(counted, _)| *counted));
        let near = Spread::of(seen.iter().map(|(_, near)| *near));
        let all = |spread: Spread| spread.low == COUNT as f64 && spread.high == COUNT as f64;
        let is_lab = matches!(recorder, Recorder::Lab { .. });
        let why = lack.map(|lack| format!(" ({lack})")).unwrap_or_default();
        table.row(
            [recorder.to_string(), format!("{} of {COUNT}{why}", counted.shown(0, "")), near.shown(0, "")],
            is_lab.then(|| Goal {
                says: "500, with exact peaks, where the rights exist",
                met: all(counted) && all(near),
            }),
        );
    }
    Ok(table)
}
