//! What it took to record the results, scenario by scenario.

use lab::chart::seconds;
use lab::model::record::{Cost, Record};

use super::{Table, link};
use crate::workbook::Lesson;

/// A row for each scenario: the sums of its runs.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&[
        "Scenario",
        "Recorded",
        "Recorder",
        "Share",
        "Expensive sources",
        "Samples",
        "Late, missed",
    ]);
    for lesson in lessons {
        let duration: u64 = lesson.records.iter().map(Record::duration).sum();
        let cost = sum(&lesson.records);
        table.row([
            link(&lesson.scenario),
            seconds(duration),
            seconds(cost.cpu),
            format!("{:.0} %", 100.0 * cost.cpu as f64 / duration as f64),
            seconds(cost.expensive),
            cost.kept.to_string(),
            format!("{}, {}", cost.late, cost.missed),
        ]);
    }
    table
}

fn sum(records: &[Record]) -> Cost {
    let costs = records.iter().filter_map(|record| record.trailer.as_ref()).map(|trailer| &trailer.cost);
    costs.fold(Cost::default(), |sum, cost| Cost {
        cpu: sum.cpu + cost.cpu,
        kept: sum.kept + cost.kept,
        late: sum.late + cost.late,
        missed: sum.missed + cost.missed,
        expensive: sum.expensive + cost.expensive,
        ..sum
    })
}
