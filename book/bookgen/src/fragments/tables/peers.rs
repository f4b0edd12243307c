//! How many numbers of the real libraries are those of our programs.

use lab::peer::{Agreement, libraries};

use super::{Table, link, plain};
use crate::workbook::Lesson;

/// A row for each scenario whose peer is recorded.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let heads = ["Scenario", "Run with", "In both", "The same to 5 %", "On the same side", "Different"];
    let mut table = Table::new(&heads);
    for lesson in lessons {
        let Some(theirs) = &lesson.peer else { continue };
        let count = |wanted: fn(&Agreement) -> bool| {
            theirs.rows.iter().filter(|row| wanted(&row.agreement)).count().to_string()
        };
        table.row([
            link(&lesson.scenario),
            plain(libraries(&theirs.lesson.records)),
            count(|agreement| *agreement != Agreement::Alone),
            count(|agreement| *agreement == Agreement::Agrees),
            count(|agreement| *agreement == Agreement::BothHold),
            count(|agreement| matches!(agreement, Agreement::Differs(_))),
        ]);
    }
    table
}
