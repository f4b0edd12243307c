//! Pages shared since a fork are copied when somebody writes to them.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "fork-copy",
    says: "Forked children write to pages that they share with their parent, if only to count references, and each gets a copy.",
    chapter: "scenarios/fork-cow/chapter",
    is_harmless: false,
    covers: &["anon-growth", "limit-too-small", "too-many-workers"],
    rules: &[
        Rule {
            what: "memory that rose while the sum of what the processes have did not",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(12 * MIB),
            measure: |view| view.copied(),
        },
        Rule {
            what: "part of the peak that this is",
            unit: Unit::Percent,
            bound: Bound::AtLeast(20),
            measure: |view| view.share(view.copied()),
        },
        shared::FORKED,
    ],
    experiment: "run it with twice the workers: the copies double, or they don't",
    trial: None,
    story,
    explains: |view| view.copied().value(),
    holder: |view| view.forked().value().map(|count| format!("{count} forked processes")),
    next,
};

fn story(view: &View<'_>) -> String {
    let copied = view.copied().value().unwrap_or(0);
    format!(
        "{} of memory appeared while no process grew and none started: pages shared since a fork were copied.",
        bytes(copied)
    )
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        "grep -E 'Shared_Dirty|Private_Dirty' /proc/PID/smaps_rollup  # of a child, twice".to_owned(),
        format!("gc.freeze() before the fork, or a start method other than fork; then {}", view.recorded()),
    ]
}
