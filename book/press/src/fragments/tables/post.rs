//! What the post reports, beside what was measured here.

use lab::claim::Verdict;

use super::{Table, code, link, plain};
use crate::workbook::Lesson;

/// A row for each claim on a variant for which the post has a figure or a word.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Scenario", "Claim", "Variant", "Measured here", "The post"]);
    for lesson in lessons {
        for Verdict { says, variant, measured_text, post, .. } in &lesson.verdicts {
            let Some(post) = post else { continue };
            table.row([link(&lesson.scenario), plain(says), code(variant), plain(measured_text), plain(post)]);
        }
    }
    table
}
