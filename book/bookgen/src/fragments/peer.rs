//! What both languages have measured, side by side.

use anyhow::Result;
use lab::peer::{Agreement, Row, libraries};

use super::claims::{Claim, drawn, rows};
use super::template::{html, markdown};
use crate::workbook::{Theirs, day};

/// How much of it agrees, and, folded away, a table of every claim with why the numbers differ where
/// scenario.toml says so.
pub(super) fn tables(theirs: &Theirs) -> Result<String> {
    let claims =
        theirs.rows.chunk_by(|one, other| one.theirs.claim == other.theirs.claim).map(|of_claim| Claim {
            says: html(&of_claim[0].theirs.says),
            rows: rows(of_claim.iter().map(|row| (row.theirs.variant.clone(), cells(row)))),
            why: of_claim[0].why.as_deref().map(html),
        });
    let heads = ["The post", "Python", "Rust", "Compared"];
    let table = drawn(&heads, &claims.collect::<Vec<_>>())?;
    Ok(format!(
        "{}\n<details class=\"lab-data\"><summary>Every number of both languages</summary>\n{table}</details>\n",
        summary(theirs)
    ))
}

/// What the post says, what both languages have measured, and what that means.
fn cells(row: &Row) -> Vec<String> {
    let ours = row.ours.as_ref().map_or("–", |(_, measured)| measured);
    let post = row.theirs.post.as_deref().unwrap_or_default();
    let agreement = match row.agreement {
        Agreement::Agrees if row.theirs.measured_text == ours => "the same",
        Agreement::Agrees => "within 5 %",
        Agreement::BothHold => "both hold",
        Agreement::Differs(_) => "differs",
        Agreement::Alone => "",
    };
    [post, &row.theirs.measured_text, ours, agreement].map(html).to_vec()
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
