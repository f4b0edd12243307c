//! An hour at 1 kHz. Its values are made up: nobody waits an hour for a bench. All else is as it would be.

use anyhow::Result;

use crate::recorder::{Bench, Recorder};
use crate::seen::MIB;
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::hour::{Drawn, SAMPLES, SPIKE, Written};

/// How the values come: all the same, or each memory another one at each sample.
const KINDS: [&str; 2] = ["quiet", "busy"];

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!(
            "An hour at 1 kHz: a record of {SAMPLES} samples, as the recorder writes it, with made-up values"
        ),
        &[
            "hour",
            "file",
            "memory while it is written",
            "loads in",
            "memory to load it",
            "terminal",
            "SVG",
            "page",
            "its spike of one sample",
        ],
    );
    for kind in KINDS {
        let path = bench.file("hour.jsonl");
        let role = path.display().to_string();
        let (_, Written { memory }) = bench.run(Recorder::None, &["write", &role, kind])?;
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
        let is_kept = drawn.iter().all(|drawn| drawn.peak == SPIKE.1);
        let most = drawn.iter().map(|drawn| drawn.memory).max().unwrap_or(memory).max(memory);
        let met =
            most < 64 << 20 && load.median < 1.0 && draws.iter().all(|draw| draw.median < 0.5) && is_kept;
        let mut cells = vec![kind.to_owned(), format!("{:.0} MiB", size as f64 / MIB)];
        cells.push(format!("{:.1} MiB", memory as f64 / MIB));
        cells.push(load.shown(2, "s"));
        cells.push(spread(&|drawn| drawn.memory as f64 / MIB).shown(1, "MiB"));
        cells.extend(draws.map(|draw| draw.shown(3, "s")));
        cells.push(if is_kept { "kept" } else { "lost" }.to_owned());
        table.row(cells, Some(Goal { says: "64 MiB, loads in 1 s, draws in 0.5 s, no peak is lost", met }));
    }
    Ok(table)
}
