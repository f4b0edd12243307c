//! How the runs ended that did not end well, and what tells so.

use lab::model::outcome::{Evidence, Finding};
use lab::model::record::Record;

use super::{Table, plain, run};
use crate::workbook::Lesson;

/// A row for each such run.
pub(super) fn table(lessons: &[Lesson]) -> Table {
    let mut table = Table::new(&["Run", "How it ended", "What tells so"]);
    for lesson in lessons {
        for record in lesson.records.iter().filter(|record| !record.outcome().is_success()) {
            let name = run(&lesson.scenario, &record.header.variant);
            table.row([name, plain(record.outcome().to_string()), told(record)]);
        }
    }
    table
}

/// What was looked at and had happened. Threads that wait in the same are told once.
fn told(record: &Record) -> String {
    let mut told: Vec<(String, usize)> = Vec::new();
    for evidence in record.trailer.iter().flat_map(|trailer| &trailer.evidence) {
        let Some(what) = happened(evidence) else { continue };
        match told.iter_mut().find(|(known, _)| *known == what) {
            Some((_, times)) => *times += 1,
            None => told.push((what, 1)),
        }
    }
    let told = told.into_iter().map(|(what, times)| match times {
        1 => plain(what),
        _ => format!("{} ({times} times)", plain(what)),
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The number of a thread says nothing to others, so it is left out.
fn happened(evidence: &Evidence) -> Option<String> {
    let Finding::Fired(detail) = &evidence.finding else { return None };
    let source = if evidence.source.starts_with("thread ") { "a thread" } else { &evidence.source };
    Some(format!("{source}: {detail}"))
}
