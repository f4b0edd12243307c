//! Every metric, and where the recorded runs have read it.

use lab::model::metric::Metric;
use lab::recorder::metrics;

use super::{Table, code, plain};
use crate::workbook::Lesson;

/// A row for each metric.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Metric", "What it is", "Where it was read"]);
    for metric in metrics::all() {
        let source = source(metric, lessons).unwrap_or("not in those records");
        table.row([code(metric.name), plain(metric.meaning), plain(source)]);
    }
    table
}

/// Where the first run that has this metric has read it.
fn source<'a>(metric: &Metric, lessons: &'a [Lesson]) -> Option<&'a str> {
    let mut records = lessons.iter().flat_map(|lesson| &lesson.records);
    records.find_map(|record| record.header.metrics.get(metric.name)).map(String::as_str)
}
