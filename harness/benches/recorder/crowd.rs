//! Many processes in one tree.

use anyhow::{Context, Result};
use lab::model::record::Record;

use crate::recorder::{Bench, Group, Recorder};
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::Stood;

const COUNTS: [usize; 3] = [10, 100, 1000];

/// For how long they stand still, in milliseconds.
const MILLIS: u64 = 10_000;

const LAB: Recorder = Recorder::Lab { millis: 10, group: Group::Own };

/// The tracks whose cost grows with the processes.
const TRACKS: [&str; 3] = ["resident", "processes", "page_tables"];

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!("{LAB}, with so many processes in the tree that stand still for {} s", MILLIS / 1000),
        &[
            "processes",
            "samples kept",
            "sums of statm a second",
            "status and stat a second",
            "smaps a second",
            "of a processor",
            "for each process",
        ],
    );
    let mut runs: Vec<Vec<Stand>> = vec![Vec::new(); COUNTS.len()];
    for _ in 0..rounds {
        for (count, runs) in COUNTS.iter().zip(&mut runs) {
            let role = ["crowd", &count.to_string(), &MILLIS.to_string()];
            let (seen, stood) = bench.run::<Stood>(LAB, &role)?;
            runs.push(stand(&seen.record.context("lab writes a record")?, stood)?);
        }
    }
    let mut fewer = f64::INFINITY;
    for (count, runs) in COUNTS.iter().zip(&runs) {
        let spread = |number: &dyn Fn(&Stand) -> f64| Spread::of(runs.iter().map(number));
        let kept = spread(&|stand| 100.0 * stand.kept);
        let each = spread(&|stand| 100.0 * stand.share / *count as f64);
        let mut cells = vec![count.to_string(), kept.shown(1, "%")];
        cells.extend((0..TRACKS.len()).map(|at| spread(&|stand| stand.rates[at]).shown(1, "")));
        cells.push(spread(&|stand| 100.0 * stand.share).shown(1, "%"));
        cells.push(each.shown(3, "%"));
        let met = kept.median >= 90.0 && each.median <= fewer;
        fewer = each.median;
        table.row(cells, Some(Goal { says: "90 % of the samples, cost at most linear", met }));
    }
    Ok(table)
}

/// What was kept while all stood still, and what it took.
#[derive(Debug, Clone, Copy)]
struct Stand {
    /// Samples, of those that there should be.
    kept: f64,
    /// Samples a second of [`TRACKS`].
    rates: [f64; 3],
    /// Of a processor.
    share: f64,
}

fn stand(record: &Record, stood: Stood) -> Result<Stand> {
    let (begin, end) = record.phase("all there").context("there is no such phase")?;
    let seconds = (end - begin) as f64 / 1e6;
    let samples = |track: &str| {
        let times = record.tracks.get(track).into_iter().flat_map(|track| &track.t);
        // The last one is that of the mark that ends the phase.
        times.filter(|t| (begin..end).contains(t)).count().saturating_sub(1) as f64
    };
    Ok(Stand {
        kept: samples("shared_memory") * record.header.interval as f64 / 1e6 / seconds,
        rates: TRACKS.map(|track| samples(track) / seconds),
        share: stood.recorder / stood.wall,
    })
}
