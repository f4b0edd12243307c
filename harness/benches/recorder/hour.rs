//! An hour at 1 kHz, and a day at the defaults. Their values are made up: nobody waits a day for a bench. All else is
//! as it would be.

use anyhow::Result;

use crate::recorder::{Bench, Recorder};
use crate::seen::MIB;
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::hour::{Drawn, KINDS, SPIKE, Written};

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        "Long records, as the recorder writes them, with made-up values. In the day, eight processes are followed, \
         and every source changes with each sample",
        &[
            "record",
            "file",
            "memory while it is written",
            "loads in",
            "memory to load it",
            "terminal",
            "SVG",
            "page",
            "diagnosis",
            "its spike of one sample",
            "its last five minutes",
        ],
    );
    for kind in &KINDS {
        let path = bench.file("hour.jsonl");
        let role = path.display().to_string();
        let (_, Written { memory }) = bench.run(Recorder::None, &["write", &role, kind.name])?;
        let size = std::fs::metadata(&path)?.len();
        let mut drawn = Vec::new();
        for _ in 0..rounds {
            drawn.push(bench.run::<Drawn>(Recorder::None, &["read", &role])?.1);
        }
        std::fs::remove_file(&path)?;
        let spread = |number: &dyn Fn(&Drawn) -> f64| Spread::of(drawn.iter().map(number));
        let load = spread(&|drawn| drawn.load);
        let draws =
            [spread(&|drawn| drawn.terminal), spread(&|drawn| drawn.svg), spread(&|drawn| drawn.page)];
        let diagnosis = spread(&|drawn| drawn.load + drawn.diagnosis);
        let is_kept = drawn.iter().all(|drawn| drawn.peak == SPIKE);
        let whole = drawn.iter().all(|drawn| drawn.recent >= kind.recent());
        let most = drawn.iter().map(|drawn| drawn.memory).max().unwrap_or(memory).max(memory);
        let met = size < 50 << 20
            && most < 64 << 20
            && load.median < 1.0
            && draws.iter().all(|draw| draw.median < 0.5)
            && diagnosis.median < 0.5
            && is_kept
            && whole;
        let mut cells = vec![kind.says.to_owned(), format!("{:.0} MiB", size as f64 / MIB)];
        cells.push(format!("{:.1} MiB", memory as f64 / MIB));
        cells.push(load.shown(2, "s"));
        cells.push(spread(&|drawn| drawn.memory as f64 / MIB).shown(1, "MiB"));
        cells.extend(draws.map(|draw| draw.shown(3, "s")));
        cells.push(diagnosis.shown(2, "s"));
        cells.push(if is_kept { "kept" } else { "lost" }.to_owned());
        cells.push(if whole { "whole" } else { "thinned" }.to_owned());
        let says = "a file under 50 MiB, 64 MiB of memory, loads in 1 s, draws in 0.5 s, is loaded and diagnosed in 0.5 s, nothing is lost";
        table.row(cells, Some(Goal { says, met }));
    }
    Ok(table)
}
