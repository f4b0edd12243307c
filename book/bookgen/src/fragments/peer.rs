//! What both languages have measured, side by side, in Markdown.

use std::fmt::Write;

use lab::peer::{Agreement, Row, libraries};

use super::template::{markdown, prose};
use crate::workbook::{Theirs, day};

/// Writing to a string can't fail.
const STRING: &str = "a string takes all text";

/// Every claim as a sentence, a table, and why the numbers differ, where scenario.toml says so.
pub(super) fn tables(theirs: &Theirs) -> String {
    let mut text = String::new();
    for rows in theirs.rows.chunk_by(|one, other| one.theirs.claim == other.theirs.claim) {
        write!(text, "**{}**\n\n", markdown(&rows[0].theirs.says)).expect(STRING);
        writeln!(text, "| Variant | The post | Python | Rust | Compared |\n|---|---|---|---|---|")
            .expect(STRING);
        for (variants, cells) in lines(rows) {
            writeln!(text, "| {} | {} |", variants.join(", "), cells.join(" | ")).expect(STRING);
        }
        text.push('\n');
        if let Some(why) = &rows[0].why {
            write!(text, "{}\n\n", prose(why)).expect(STRING);
        }
    }
    text + &summary(theirs)
}

/// What was measured in both languages, with all variants of which it is true.
fn lines(rows: &[Row]) -> Vec<(Vec<String>, [String; 4])> {
    let mut lines: Vec<(Vec<String>, [String; 4])> = Vec::new();
    for row in rows {
        let variant = format!("`{}`", row.theirs.variant);
        let ours = row.ours.as_ref().map_or("–", |(_, measured)| measured);
        let post = row.theirs.post.as_deref().unwrap_or_default();
        let agreement = match row.agreement {
            Agreement::Agrees if row.theirs.measured_text == ours => "the same",
            Agreement::Agrees => "within 5 %",
            Agreement::BothHold => "both hold",
            Agreement::Differs(_) => "differs",
            Agreement::Alone => "",
        };
        let cells = [post, &row.theirs.measured_text, ours, agreement].map(markdown);
        match lines.iter_mut().find(|(_, other)| *other == cells) {
            Some((variants, _)) => variants.push(variant),
            None => lines.push((vec![variant], cells)),
        }
    }
    lines
}

/// How many numbers agree, and what was run when.
fn summary(theirs: &Theirs) -> String {
    let count =
        |wanted: fn(&Agreement) -> bool| theirs.rows.iter().filter(|row| wanted(&row.agreement)).count();
    let compared = count(|agreement| *agreement != Agreement::Alone);
    let agree = count(|agreement| *agreement == Agreement::Agrees);
    let hold = count(|agreement| *agreement == Agreement::BothHold);
    let records = &theirs.lesson.records;
    let libraries = markdown(libraries(records));
    format!(
        "Of {compared} numbers that both languages have, {agree} are the same to 5 %, and {hold} more are on the \
         same side of what is claimed.\nRecorded on {} with {libraries}.\n",
        day(&records[0])
    )
}
