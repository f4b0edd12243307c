//! How the runs ended that did not exit with 0, and the evidence.

use lab::model::outcome::{Evidence, Finding};
use lab::model::record::Record;

use super::{Table, plain, run};
use crate::workbook::Lesson;

/// A row for each such run.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Run", "How it ended", "Evidence"]);
    for lesson in lessons {
        for record in lesson.records.iter().filter(|record| !record.outcome().is_success()) {
            let name = run(&lesson.scenario, &record.header.variant);
            table.row([name, plain(record.outcome().to_string()), signs(record)]);
        }
    }
    table
}

/// The evidence. Threads that wait for the same thing are named once.
fn signs(record: &Record) -> String {
    let mut signs: Vec<(String, usize)> = Vec::new();
    for evidence in record.trailer.iter().flat_map(|trailer| &trailer.evidence) {
        let Some(what) = happened(evidence) else { continue };
        match signs.iter_mut().find(|(known, _)| *known == what) {
            Some((_, times)) => *times += 1,
            None => signs.push((what, 1)),
        }
    }
    let signs = signs.into_iter().map(|(what, times)| match times {
        1 => plain(what),
        _ => format!("{} ({times} times)", plain(what)),
    });
    signs.collect::<Vec<_>>().join("; ")
}

/// The number of a thread says nothing to others, so it is left out.
fn happened(evidence: &Evidence) -> Option<String> {
    let Finding::Fired(detail) = &evidence.finding else { return None };
    let source = if evidence.source.starts_with("thread ") { "a thread" } else { &evidence.source };
    Some(format!("{source}: {detail}"))
}
