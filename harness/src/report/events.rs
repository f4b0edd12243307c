//! The time line of a run, as text, as JSON and on a page.

use std::fmt::Write;

use serde_json::{Value, json};

use super::html::{escaped, heads, row};
use crate::chart::{clean, seconds};
use crate::model::record::{Moment, Record, Status, What};
use crate::name::program;

const STRING: &str = "a string takes all text";

/// So many moments are on a page and in a summary; the record has all.
const SHOWN: usize = 200;

/// Everything that happened, a line each: when, to which process, and what.
pub(crate) fn text(record: &Record) -> String {
    let moments = record.time_line();
    if moments.is_empty() {
        return "This record has no time line: it was made by an older recorder.\n".to_owned();
    }
    let mut text = String::new();
    for moment in moments {
        let pid = moment.pid().map_or_else(String::new, |pid| pid.to_string());
        writeln!(text, "{:>10}  {pid:>8}  {}", seconds(moment.t()), clean(&moment.to_string()))
            .expect(STRING);
    }
    text
}

/// Everything that happened, or only the events other than the coming and going of processes and files.
pub(crate) fn json(record: &Record, everything: bool) -> Value {
    let moments = record.time_line();
    let chosen = moments.iter().filter(|moment| everything || is_notable(moment));
    let most = if everything { usize::MAX } else { SHOWN };
    chosen
        .take(most)
        .map(|moment| match moment {
            Moment::Event(event) => json!({ "event": event }),
            Moment::Ended(ended) => json!({ "ended": ended }),
            Moment::Mark(mark) => json!({ "mark": mark }),
        })
        .collect()
}

/// A table for a page; nothing if nothing is known.
pub(crate) fn table(record: &Record) -> String {
    let moments = record.time_line();
    if moments.is_empty() {
        return String::new();
    }
    let mut text = "<h2>What happened</h2>\n<div class=\"wide\"><table>\n".to_owned();
    text.push_str(&heads(["When", "Process", "What"].into_iter()));
    // If there's too much, the rare events are shown.
    let shown = |moment: &&Moment<'_>| moments.len() <= SHOWN || is_notable(moment);
    for moment in moments.iter().filter(shown).take(SHOWN) {
        let pid = moment.pid().map_or_else(String::new, |pid| pid.to_string());
        text.push_str(&row(&seconds(moment.t()), [pid, moment.to_string()].into_iter()));
    }
    text.push_str("</table></div>\n");
    if moments.len() > SHOWN {
        let note = format!("Of {} moments; {} show --events prints all.", moments.len(), program());
        writeln!(text, "<p>{}</p>", escaped(&note)).expect(STRING);
    }
    text
}

/// The first standstill, as a sentence.
pub(crate) fn standstill(record: &Record) -> Option<String> {
    let mut events = record.events.iter();
    let (at, what) = events.find_map(|event| match &event.what {
        What::Standstill { since, .. } => Some((event.t.saturating_sub(*since), &event.what)),
        _ => None,
    })?;
    let end = match events.find(|event| event.what == What::Moves) {
        Some(event) => format!("until {}", seconds(event.t)),
        None => "to the end".to_owned(),
    };
    Some(format!("from {} {end}: {what}", seconds(at)))
}

/// Whether a moment is more than the coming and going of processes and files.
fn is_notable(moment: &Moment<'_>) -> bool {
    match moment {
        Moment::Event(event) => !event.what.is_frequent(),
        Moment::Ended(ended) => matches!(ended.status, Some(Status::Killed(_))),
        Moment::Mark(_) => true,
    }
}
