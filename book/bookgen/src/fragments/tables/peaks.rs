//! The runs whose peak fell between two samples.

use lab::chart::amount;
use lab::model::metric::Unit;
use lab::model::record::Record;

use super::{Table, run};
use crate::workbook::Lesson;

/// So many runs are shown.
const SHOWN: usize = 5;

/// The runs in which the samples missed the most, the worst first.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let heads = ["Run", "Highest sample", "Peak by the kernel", "Missed"];
    let mut table = Table::new(&heads);
    let mut runs: Vec<(&Lesson, &Record, [u64; 2])> = Vec::new();
    for lesson in lessons {
        let both = |record| Some((lesson, record, peaks(record)?));
        runs.extend(lesson.records.iter().filter_map(both));
    }
    // The sort keeps the order of the scenarios where as much was missed.
    runs.sort_by_key(|(.., [sampled, kernel])| std::cmp::Reverse(kernel.saturating_sub(*sampled)));
    for (lesson, record, [sampled, kernel]) in runs.into_iter().take(SHOWN) {
        let amounts =
            [sampled, kernel, kernel.saturating_sub(sampled)].map(|bytes| amount(Unit::Bytes, bytes));
        let name = run(&lesson.scenario, &record.header.variant);
        table.row(std::iter::once(name).chain(amounts));
    }
    table
}

/// The highest sample of the group's total, and the peak that the kernel kept.
fn peaks(record: &Record) -> Option<[u64; 2]> {
    let sampled = record.series("cgroup")?.v.iter().max().copied()?;
    let kernel = record.trailer.as_ref()?.peaks.get("cgroup").copied()?;
    Some([sampled, kernel])
}
