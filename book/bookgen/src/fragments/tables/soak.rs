//! How often the claims held when the scenarios were run again and again.

use super::{Table, link, plain};
use crate::workbook::Lesson;

/// A row for each scenario.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let heads = ["Scenario", "Claims on variants", "Each of them held", "Where"];
    let mut table = Table::new(&heads);
    for Lesson { scenario, soak, .. } in lessons {
        let held = match soak.worst() {
            Some(rate) if rate.is_whole() => format!("{rate} times"),
            Some(rate) => format!("at least {rate} times"),
            None => "unknown".into(),
        };
        table.row([link(scenario), soak.rates.len().to_string(), held, plain(&soak.place)]);
    }
    table
}
