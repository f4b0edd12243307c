//! A worker was killed, and the others wait for it.

use super::shared;
use crate::chart::seconds;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "dead-worker",
    says: "A child was killed, and the rest of the program waits for an answer that will never come.",
    chapter: "scenarios/dead-worker/chapter",
    is_harmless: false,
    covers: &["fork-lock", "limit-too-small", "too-many-workers", "anon-growth"],
    rules: &[
        Rule {
            what: "children that SIGKILL, SIGSEGV, SIGBUS or SIGABRT ended before the standstill",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.children_killed(),
        },
        shared::STOOD_STILL,
    ],
    experiment: "run it with a hang detector, and look at the order of events with {lab} show --events",
    trial: None,
    story,
    explains: |_| None,
    holder: |view| view.first_killed().map(|ended| format!("process {}", ended.pid)),
    next,
};

fn story(view: &View<'_>) -> String {
    let killed = view.first_killed().map_or_else(
        || "A child was killed".to_owned(),
        |ended| format!("Process {} was killed at {}", ended.pid, seconds(ended.t)),
    );
    let still = view.standstill.as_ref().map_or_else(String::new, |still| {
        format!("; from {} to {} nothing was done", seconds(still.begin), seconds(still.end))
    });
    format!("{killed}{still}.")
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        view.record_with("--no-progress 5s"),
        "py-spy dump --pid PID  # for Python: who waits for whom".to_owned(),
    ]
}
