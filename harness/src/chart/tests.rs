//! Records made by hand, for the tests of both drawings.

mod anything;
mod promises;
mod stacks;

use std::collections::BTreeMap;

use super::*;
use crate::model::record::tests::example::header;
use crate::model::series::{Column, Track};

const MIB: u64 = 1 << 20;

/// Six variants of the first lesson, as the harness records them: one climbs to 640 MiB in 0.9 s,
/// four stay at 32 MiB for a twentieth of that time, and one never uses the tmpfs.
fn lesson() -> Vec<Record> {
    let broken = record("broken", 900_000, |t| (t.saturating_sub(40_000) / 43_000 + 1).min(20) * 32 * MIB);
    let fixed =
        [("fixed", 52_000), ("fixed_whole", 47_000), ("fixed_memmap", 61_000), ("initializer", 55_000)];
    let fixed = fixed.map(|(name, end)| record(name, end, |t| if t < 9_000 { 0 } else { 32 * MIB }));
    let threads = record("threads", 38_000, |_| 0);
    [broken].into_iter().chain(fixed).chain([threads]).collect()
}

/// A run of so many microseconds whose tmpfs is sampled each millisecond.
fn record(variant: &str, end: u64, tmpfs: impl Fn(u64) -> u64) -> Record {
    let mut record = Record::new(header(variant));
    let t: Vec<u64> = (0..end).step_by(1000).collect();
    let column = Column { values: t.iter().map(|&t| tmpfs(t)).collect(), ..Column::default() };
    record.tracks.insert("sample".into(), Track { t, columns: BTreeMap::from([("tmpfs".into(), column)]) });
    let phases = [
        (2_000, "array made"),
        (end / 20 + 8_000, "tasks begin"),
        (end * 9 / 10, "tasks done"),
        (end - 1, "pool closed"),
    ];
    record.marks = phases.map(|(t, name)| Mark { t, name: name.into() }).into();
    record
}

fn figure(records: &[Record]) -> Figure<'_> {
    let mut figure = Figure::of(&records.iter().collect::<Vec<_>>(), "tmpfs", Unit::Bytes);
    figure.title = "Every slice is a new file: shared memory in use".into();
    figure.levels.push(Level { label: "tmpfs limit".into(), value: 704 * MIB });
    figure
}
