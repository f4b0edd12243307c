//! What each variant of each scenario costs.

use lab::chart::{amount, seconds};
use lab::model::metric::Unit;
use lab::model::record::Record;
use lab::scenario::Kind;

use super::{Table, nothing, plain, run};
use crate::workbook::Lesson;

/// A row for each recorded run.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&[
        "Run",
        "How it ends",
        "Peak memory",
        "Relative to `broken`",
        "Shared memory",
        "Processor time",
    ]);
    for lesson in lessons {
        for record in &lesson.records {
            table.row(row(lesson, record));
        }
    }
    table
}

fn row(lesson: &Lesson, record: &Record) -> [String; 6] {
    let peak = |metric: &str| record.peak(metric);
    let memory = |metric: &str| peak(metric).map_or_else(nothing, |peak| amount(Unit::Bytes, peak));
    [
        format!("{}: {}", run(&lesson.scenario, &record.header.variant), plain(&record.header.title)),
        plain(record.outcome().to_string()),
        memory("cgroup"),
        relative(lesson, record).unwrap_or_else(nothing),
        memory("tmpfs"),
        peak("cpu").map_or_else(nothing, seconds),
    ]
}

/// The peak as a part of that of the first variant that is broken, if this one was not cut short.
fn relative(lesson: &Lesson, record: &Record) -> Option<String> {
    let first = lesson.scenario.variants.iter().find(|variant| variant.kind == Kind::Broken)?;
    let base = lesson.record(&first.name)?;
    let whole = base.outcome().is_success() && record.outcome().is_success();
    let times = record.peak("cgroup")? as f64 / base.peak("cgroup")? as f64;
    whole.then(|| format!("{times:.2}"))
}
