//! How much memory each scenario may take, at each of its sizes.

use lab::chart::amount;
use lab::model::metric::Unit;
use lab::scenario::{Kind, Scenario};

use super::{Table, link, nothing};
use crate::workbook::Lesson;

/// The tables of sizes, from the smallest on.
const SIZES: [&str; 3] = ["smoke", "lab", "post"];

/// A row for each scenario.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Scenario", "`smoke`", "`lab`", "`post`"]);
    for scenario in lessons.iter().map(|lesson| &lesson.scenario) {
        let wanted = SIZES.map(|size| wanted(scenario, size).unwrap_or_else(nothing));
        table.row(std::iter::once(link(scenario)).chain(wanted));
    }
    table
}

/// The most that one of its runs may use; they come one after the other.
fn wanted(scenario: &Scenario, size: &str) -> Option<String> {
    let sizes = scenario.sizes.get(size)?;
    let shown = scenario.variants.iter().filter(|variant| matches!(variant.kind, Kind::Broken | Kind::Fixed));
    let most = shown.map(|variant| variant.limits.memory.mib(sizes)).max_by(f64::total_cmp)?;
    Some(amount(Unit::Bytes, (most.ceil() as u64) << 20))
}
