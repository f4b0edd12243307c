//! The program needs more than its limit, and nothing grows without end.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "limit-too-small",
    says: "The program needs more memory than its limit allows, and nothing else seems wrong.",
    chapter: "recording",
    is_harmless: false,
    covers: &[],
    rules: &[
        shared::KILLED,
        Rule {
            what: "part of the lowest limit that was used",
            unit: Unit::Percent,
            bound: Bound::AtLeast(80),
            measure: |view| view.nearness(),
        },
        Rule {
            what: "smallest rise of the floor from one quarter of the work to the next, of the mean rise",
            unit: Unit::Percent,
            bound: Bound::AtMost(29),
            measure: |view| view.growth_without_tasks(),
        },
    ],
    experiment: "run it with twice the memory: it ends well, or it grows to that limit too",
    trial: Some(Trial { change: Change::TwiceTheMemory, finds: trial::ends_well }),
    story,
    explains: |view| view.peak,
    holder: |view| view.limit().map(|limit| limit.whose),
    next,
};

fn story(view: &View<'_>) -> String {
    let limit = view
        .limit()
        .map_or_else(|| "a limit".to_owned(), |limit| format!("{} of {}", limit.whose, bytes(limit.bytes)));
    let used = view.peak.map_or_else(|| "what it used".to_owned(), bytes);
    let kind = if view.is_mostly_shared() { ", most of it in files in memory" } else { "" };
    format!("It was killed at {limit}, with {used} in use{kind}.")
}

fn next(view: &View<'_>) -> Vec<String> {
    let twice = view.limit().map(|limit| limit.bytes / (1 << 20) * 2);
    // A killed program has shown only the beginning of its need.
    twice.max(view.need()).map_or_else(Vec::new, |mib| view.sizing(mib))
}
