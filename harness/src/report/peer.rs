//! The report on a peer's runs: the curves of both languages, the table, the claims, and the differences.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::run;
use crate::model::record::Record;
use crate::peer::{self, Agreement, Beside, Row};
use crate::scenario::Peer;
use crate::screen::Screen;

const STRING: &str = "a string takes all text";

/// The whole report.
pub(crate) fn text(
    peer: &Peer,
    theirs: &[Record],
    both: &[Record],
    beside: &Beside,
    folder: &Path,
    screen: &Screen,
) -> String {
    let mut text = run::picture(&peer.scenario, both, screen);
    text.push('\n');
    text.push_str(&run::table(peer.scenario.curve, theirs, screen));
    text.push('\n');
    text.push_str(&run::claims(&beside.verdicts, screen));
    text.push('\n');
    text.push_str(&side_by_side(&beside.rows, screen));
    writeln!(text, "\nRun with: {}", peer::libraries(theirs)).expect(STRING);
    text.push_str(&run::places(run::PICTURE, folder));
    text
}

/// How many numbers of both languages are the same; then those that aren't, and why.
fn side_by_side(rows: &[Row], screen: &Screen) -> String {
    let count = |wanted: fn(&Agreement) -> bool| rows.iter().filter(|row| wanted(&row.agreement)).count();
    let agree = count(|agreement| *agreement == Agreement::Agrees);
    let hold = count(|agreement| *agreement == Agreement::BothHold);
    let differ = count(|agreement| matches!(agreement, Agreement::Differs(_)));
    let summary = format!(
        "Python next to Rust: {agree} numbers are the same to 5 %, {hold} are on the same side of a bound, {differ} \
         differ."
    );
    let mut text = screen.wrapped("", &summary);
    for rows in rows.chunk_by(|one, next| one.theirs.claim == next.theirs.claim) {
        let differing: Vec<&Row> =
            rows.iter().filter(|row| matches!(row.agreement, Agreement::Differs(_))).collect();
        for row in &differing {
            text.push_str(&screen.wrapped("  ", &in_both(row)));
        }
        if let (Some(why), false) = (&rows[0].why, differing.is_empty()) {
            text.push_str(&screen.wrapped("  ", why));
        }
    }
    text
}

/// What both have measured, and by how much it differs.
fn in_both(row: &Row) -> String {
    let theirs =
        format!("{} {}: {} in Python", row.theirs.says, row.theirs.variant, row.theirs.measured_text);
    let ours = match &row.ours {
        Some((like, ours)) if *like == row.theirs.variant => format!(", {ours} in Rust"),
        Some((like, ours)) => format!(", {ours} in Rust ({like})"),
        None => String::new(),
    };
    match row.agreement {
        Agreement::Differs(Some(share)) => format!("{theirs}{ours} ({:.0} %).", 100.0 * share),
        _ => format!("{theirs}{ours}."),
    }
}

/// A run of a peer for programs, next to ours.
pub(crate) fn json(peer: &Peer, theirs: &[Record], beside: &Beside, folder: &Path) -> Value {
    let mut value = run::json(&peer.scenario, theirs, &beside.verdicts, folder);
    let rows = beside.rows.iter().map(|row| {
        let (like, ours) = row.ours.clone().unzip();
        let agrees = match row.agreement {
            Agreement::Agrees | Agreement::BothHold => Some(true),
            Agreement::Differs(_) => Some(false),
            Agreement::Alone => None,
        };
        json!({ "claim": row.theirs.claim, "variant": row.theirs.variant, "like": like, "ours": ours,
                "theirs": row.theirs.measured_text, "agrees": agrees, "why": row.why })
    });
    value["beside"] = rows.collect();
    value["peer"] = json!(theirs.first().and_then(|record| record.header.peer.clone()));
    value
}
