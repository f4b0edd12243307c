//! Spikes between two samples.

use anyhow::Result;

use crate::recorder::{Bench, Group, Recorder};
use crate::seen::{MIB, Seen};
use crate::spread::Spread;
use crate::table::{Goal, Table};

const COUNT: usize = 20;
const HEIGHT: f64 = 200.0;

/// By how much the height may be wrong, as a part of it.
const WRONG: f64 = 0.05;

const RECORDERS: [Recorder; 5] = [
    Recorder::Lab { millis: 100, group: Group::Own },
    Recorder::Lab { millis: 100, group: Group::Hidden },
    Recorder::Mprof { millis: 100, words: &[] },
    Recorder::Mprof { millis: 10, words: &[] },
    Recorder::Psrecord { millis: 10, words: &[] },
];

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!(
            "{COUNT} spikes of {HEIGHT} MiB, 100 ms apart, held for no time: how many are seen within {} % of \
             their height",
            100.0 * WRONG
        ),
        &["recorder", "asked for", "spikes seen", "highest seen"],
    );
    let recorders = bench.present(&RECORDERS);
    let mut seen: Vec<Vec<(usize, f64)>> = vec![Vec::new(); recorders.len()];
    for round in 0..rounds {
        for turn in 0..recorders.len() {
            let at = (turn + round) % recorders.len();
            let role = ["spikes", &COUNT.to_string(), &HEIGHT.to_string()];
            let (said, ()) = bench.run(recorders[at], &role)?;
            seen[at].push((spikes(&said), highest(&said)));
        }
    }
    for (recorder, seen) in recorders.iter().zip(seen) {
        let counts = Spread::of(seen.iter().map(|(count, _)| *count as f64));
        let goal = matches!(recorder, Recorder::Lab { .. }).then(|| Goal {
            says: "20 of 20",
            met: counts.low == COUNT as f64 && counts.high == COUNT as f64,
        });
        table.row(
            [
                recorder.to_string(),
                format!("{} Hz", recorder.rate().unwrap_or_default()),
                format!("{} of {COUNT}", counts.shown(0, "")),
                Spread::of(seen.iter().map(|(_, highest)| highest / MIB)).shown(1, "MiB"),
            ],
            goal,
        );
    }
    Ok(table)
}

/// How many spikes are in the samples with the right height. If there are samples alone, each that is
/// high enough counts, which is rather too many.
fn spikes(seen: &Seen) -> usize {
    let is_near = |value: f64| (value / (HEIGHT * MIB) - 1.0).abs() <= WRONG;
    let mut before = 0.0;
    let mut count = 0;
    for sample in &seen.samples {
        // A peak that begins as high as the sample before is the rest of the spike that was counted there.
        let is_new = sample.peak.is_none() || !is_near(before);
        count += usize::from(is_near(sample.peak.unwrap_or(sample.value)) && is_new);
        before = sample.value;
    }
    count.min(COUNT)
}

fn highest(seen: &Seen) -> f64 {
    seen.samples.iter().map(|sample| sample.peak.unwrap_or(sample.value)).fold(0.0, f64::max)
}
