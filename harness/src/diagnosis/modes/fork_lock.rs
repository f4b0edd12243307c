//! A lock was held while the process was forked, and in the child nobody will release it.

use super::shared;
use crate::chart::seconds;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "fork-lock",
    says: "A child was forked while another thread held a lock; in the child that thread doesn't exist, so the lock is never released.",
    chapter: "scenarios/fork-lock/chapter",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule {
            what: "threads of children that wait in a futex in the standstill",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.waits(true),
        },
        shared::STOOD_STILL,
        Rule {
            what: "threads of children that wait for something else",
            unit: Unit::Count,
            bound: Bound::AtMost(0),
            measure: |view| view.waits(false),
        },
        shared::FORKED,
        Rule {
            what: "children that were killed before it",
            unit: Unit::Count,
            bound: Bound::AtMost(0),
            measure: |view| view.children_killed(),
        },
    ],
    experiment: "start the workers before any thread, or with spawn, and run it again",
    trial: None,
    story,
    explains: |_| None,
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let Some(still) = &view.standstill else { return String::new() };
    let threads = view.waits(true).value().unwrap_or(0);
    format!(
        "From {} to {} nothing moved: {threads} threads of forked children wait in a futex, and no child was killed \
         before.",
        seconds(still.begin),
        seconds(still.end)
    )
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        view.record_with("--no-progress 5s"),
        "py-spy dump --pid PID  # for Python: which lock it is".to_owned(),
        "gdb -p PID -batch -ex 'thread apply all bt'  # for the rest".to_owned(),
    ]
}
