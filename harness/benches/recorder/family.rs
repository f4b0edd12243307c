//! Pages that processes share.

use anyhow::Result;

use crate::recorder::{Bench, Group, Recorder};
use crate::seen::{MIB, Seen};
use crate::spread::Spread;
use crate::table::{Goal, Table};
use crate::watched::Shared;

const FORKS: usize = 4;
const SIZE: usize = 200;

const LAB: Recorder = Recorder::Lab { millis: 10, group: Group::Own };

const OTHERS: [Recorder; 2] = [
    Recorder::Mprof { millis: 100, words: &["--include-children"] },
    Recorder::Psrecord { millis: 100, words: &["--include-children"] },
];

/// What `lab` records of it: a metric, another one that is taken off, and whether it must agree.
const METRICS: [(&str, Option<&str>, bool); 4] = [
    ("cgroup", None, true),
    ("cgroup", Some("cgroup_kernel"), true),
    ("pss", None, true),
    ("rss", None, false),
];

/// By how much, in MiB, what must agree may differ.
const OFF: f64 = 1.0;

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!(
            "{FORKS} forks of a parent with {SIZE} MiB, against the sum of PSS as the parent itself reads it"
        ),
        &["what", "recorded", "sum of PSS", "times the sum of PSS", "off by"],
    );
    let role = ["family", &FORKS.to_string(), &SIZE.to_string()];
    let mut recorded: Vec<Vec<(f64, Shared)>> = vec![Vec::new(); METRICS.len()];
    for _ in 0..rounds {
        let (seen, shared) = bench.run::<Shared>(LAB, &role)?;
        for ((metric, less, _), recorded) in METRICS.iter().zip(&mut recorded) {
            let less = less.map_or(Some(0.0), |less| at_the_mark(&seen, less));
            let bytes = at_the_mark(&seen, metric).zip(less).map(|(bytes, less)| bytes - less);
            recorded.extend(bytes.map(|bytes| (bytes, shared)));
        }
    }
    for ((metric, less, agrees), recorded) in METRICS.iter().zip(&recorded) {
        let less = less.map(|less| format!(" less {less}")).unwrap_or_default();
        row(&mut table, format!("{LAB}: {metric}{less}"), recorded, agrees.then_some(OFF));
    }
    for recorder in bench.present(&OTHERS) {
        let mut recorded = Vec::new();
        for _ in 0..rounds {
            let (seen, shared) = bench.run::<Shared>(recorder, &role)?;
            recorded.push((highest(&seen), shared));
        }
        row(&mut table, recorder.to_string(), &recorded, None);
    }
    Ok(table)
}

fn row(table: &mut Table, what: String, recorded: &[(f64, Shared)], most: Option<f64>) {
    let spread = |number: &dyn Fn(&(f64, Shared)) -> f64| Spread::of(recorded.iter().map(number));
    let pss = |shared: &Shared| shared.pss as f64;
    let off = spread(&|(bytes, shared)| (bytes - pss(shared)) / MIB);
    let met = |most: f64| !recorded.is_empty() && off.low >= -most && off.high <= most;
    table.row(
        [
            what,
            spread(&|(bytes, _)| bytes / MIB).shown(1, "MiB"),
            spread(&|(_, shared)| pss(shared) / MIB).shown(1, "MiB"),
            spread(&|(bytes, shared)| bytes / pss(shared)).shown(2, ""),
            off.shown(2, "MiB"),
        ],
        most.map(|most| Goal { says: "within 1 MiB", met: met(most) }),
    );
}

/// What was recorded when the program had made its mark.
fn at_the_mark(seen: &Seen, metric: &str) -> Option<f64> {
    let record = seen.record.as_ref()?;
    let series = record.series(metric)?;
    series.at(record.marks.first()?.t).map(|bytes| bytes as f64)
}

fn highest(seen: &Seen) -> f64 {
    seen.samples.iter().map(|sample| sample.value).fold(0.0, f64::max)
}
