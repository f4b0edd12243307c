//! What a program loses while it is recorded, and what its recorder takes.

use anyhow::Result;
use lab::model::record::Cost;

use crate::recorder::{Bench, Group, Recorder};
use crate::seen::Seen;
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::Work;

/// What the program has at most, in MiB.
const SIZE: usize = 512;

/// For how long it works, in milliseconds.
const MILLIS: u64 = 5000;

const PSS: &[&str] = &["--backend", "psutil_pss"];

const RECORDERS: [Recorder; 9] = [
    Recorder::None,
    Recorder::Lab { millis: 10, group: Group::Own },
    Recorder::Lab { millis: 1, group: Group::Own },
    Recorder::Bare { millis: 10 },
    Recorder::Bare { millis: 1 },
    Recorder::Mprof { millis: 10, words: &[] },
    Recorder::Mprof { millis: 10, words: &["--include-children"] },
    Recorder::Mprof { millis: 10, words: PSS },
    Recorder::Psrecord { millis: 10, words: &["--include-children"] },
];

/// What came of one run, and what the program alone did in the same round.
#[derive(Clone)]
struct Run {
    work: Work,
    alone: Work,
    samples: f64,
    cost: Option<Cost>,
}

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!(
            "A program that touches, maps and unmaps {SIZE} MiB. Waits: how much more of its time it sleeps, \
             which it does when its map is locked; time without a processor is left out. Does less: of its work, \
             in a second of processor time. Both against the same program alone, in the same round"
        ),
        &[
            "recorder",
            "threads",
            "asked for",
            "samples a second",
            "of a processor",
            "waits",
            "does less",
            "samples kept",
        ],
    );
    let recorders = bench.present(&RECORDERS);
    for threads in [1, 2] {
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); recorders.len()];
        for round in 0..rounds {
            let mut done = Vec::new();
            for turn in 0..recorders.len() {
                let at = (turn + round) % recorders.len();
                let role = ["burden", &threads.to_string(), &SIZE.to_string(), &MILLIS.to_string()];
                done.push((at, bench.run::<Work>(recorders[at], &role)?));
            }
            let alone =
                done.iter().find(|(at, _)| recorders[*at] == Recorder::None).expect("it is one of them");
            let alone = alone.1.1;
            for (at, (seen, work)) in done {
                let samples = rate(&seen);
                let cost = seen.record.and_then(|record| record.trailer).map(|trailer| trailer.cost);
                runs[at].push(Run { work, alone, samples, cost });
            }
        }
        for (recorder, runs) in recorders.iter().zip(&runs) {
            row(&mut table, *recorder, threads, runs);
        }
    }
    Ok(table)
}

fn row(table: &mut Table, recorder: Recorder, threads: usize, runs: &[Run]) {
    let spread = |number: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(number));
    let working = |work: &Work| work.pages as f64 / work.cpu;
    let share = spread(&|run| 100.0 * run.work.recorder / run.work.wall);
    let waits = spread(&|run| 100.0 * (run.work.asleep(threads) - run.alone.asleep(threads)));
    let works = spread(&|run| 100.0 * (1.0 - working(&run.work) / working(&run.alone)));
    let kept = runs.iter().filter_map(|run| run.cost.as_ref());
    let kept = Spread::of(kept.map(|cost| 100.0 * cost.kept as f64 / (cost.kept + cost.missed) as f64));
    let goal = |most: f64| share.median <= most && waits.median < 1.0 && kept.median >= 99.0;
    let goal = match recorder {
        Recorder::Lab { millis: 10, .. } => Some(Goal {
            says: "at most 1.5 % of a processor, waits under 1 %, 99 % of samples",
            met: goal(1.5),
        }),
        Recorder::Lab { .. } => Some(Goal {
            says: "at most 5 % of a processor, waits under 1 %, 99 % of samples",
            met: goal(5.0),
        }),
        _ => None,
    };
    let nothing = || "–".to_owned();
    table.row(
        [
            recorder.to_string(),
            threads.to_string(),
            recorder.rate().map_or_else(nothing, |rate| format!("{rate} Hz")),
            if recorder == Recorder::None { nothing() } else { spread(&|run| run.samples).shown(0, "") },
            share.shown(1, "%"),
            waits.shown(1, "%"),
            works.shown(1, "%"),
            if kept.median.is_nan() { nothing() } else { kept.shown(1, "%") },
        ],
        goal,
    );
}

/// How many samples a second there were.
fn rate(seen: &Seen) -> f64 {
    match seen.samples[..] {
        [first, .., last] => (seen.samples.len() - 1) as f64 / (last.t - first.t),
        _ => f64::NAN,
    }
}
