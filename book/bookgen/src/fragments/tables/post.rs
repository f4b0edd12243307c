//! What the post reports, next to what was measured here.

use super::{Table, plain, run};
use crate::workbook::Lesson;
use lab::model::verdict::Verdict;

/// A row for each claim on a variant for which the post has a figure or a word.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Run", "Claim", "Measured here", "The post"]);
    for lesson in lessons {
        for Verdict { says, variant, measured_text, post, .. } in &lesson.verdicts {
            let Some(post) = post else { continue };
            table.row([run(&lesson.scenario, variant), plain(says), plain(measured_text), plain(post)]);
        }
    }
    table
}
