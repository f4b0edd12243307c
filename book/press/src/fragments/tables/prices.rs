//! What each variant of each scenario costs, side by side.

use lab::catalog::Kind;
use lab::chart::{amount, seconds};
use lab::metric::Unit;
use lab::record::Record;

use super::{Table, code, link, nothing, plain};
use crate::workbook::Lesson;

/// A row for each recorded run.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&[
        "Scenario",
        "Variant",
        "What it does",
        "How it ends",
        "Peak memory",
        "Shared memory",
        "Processor time",
        "Beside `broken`",
    ]);
    for lesson in lessons {
        for record in &lesson.records {
            table.row(row(lesson, record));
        }
    }
    table
}

fn row(lesson: &Lesson, record: &Record) -> [String; 8] {
    let peak = |metric: &str| record.peak(metric);
    let memory = |metric: &str| peak(metric).map_or_else(nothing, |peak| amount(Unit::Bytes, peak));
    [
        link(&lesson.scenario),
        code(&record.header.variant),
        plain(&record.header.title),
        plain(record.outcome().to_string()),
        memory("cgroup"),
        memory("tmpfs"),
        peak("cpu").map_or_else(nothing, seconds),
        beside(lesson, record).unwrap_or_else(nothing),
    ]
}

/// The peak as a part of that of the first variant that is broken, if this one was not cut short.
fn beside(lesson: &Lesson, record: &Record) -> Option<String> {
    let first = lesson.scenario.variants.iter().find(|variant| variant.kind == Kind::Broken)?;
    let base = lesson.record(&first.name)?;
    let whole = base.outcome().is_success() && record.outcome().is_success();
    let times = record.peak("cgroup")? as f64 / base.peak("cgroup")? as f64;
    whole.then(|| format!("{times:.2}"))
}
