//! Each worker is right, but there are too many of them.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "too-many-workers",
    says: "Equal workers, none of which grows, need more together than the limit allows.",
    chapter: "scenarios/host-sized-pool/chapter",
    is_harmless: false,
    covers: &["limit-too-small"],
    rules: &[
        shared::KILLED,
        Rule {
            what: "processes with the same program and nearly the same anonymous memory",
            unit: Unit::Count,
            bound: Bound::AtLeast(3),
            measure: |view| view.alike(),
        },
        Rule {
            what: "part of the peak that they have together",
            unit: Unit::Percent,
            bound: Bound::AtLeast(60),
            measure: |view| view.share_of_alike(),
        },
        Rule {
            what: "tasks that the program announced while memory grew",
            unit: Unit::Count,
            bound: Bound::AtMost(0),
            measure: |view| view.grown_with_tasks(),
        },
        Rule {
            what: "processes at one time",
            unit: Unit::Count,
            bound: Bound::AtLeast(3),
            measure: |view| view.peak_of("processes"),
        },
    ],
    experiment: "run it with half the workers: it ends well, or it doesn't",
    trial: Some(Trial { change: Change::HalfTheProcessors, finds: trial::has_fewer_workers }),
    story,
    explains: |view| view.of_alike().value(),
    holder: |view| view.largest_name(),
    next,
};

fn story(view: &View<'_>) -> String {
    let (count, sum) = (view.alike().value().unwrap_or(0), view.of_alike().value().unwrap_or(0));
    format!("{count} equal processes have {} together.", bytes(sum))
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![format!("fewer workers: OMP_NUM_THREADS, -j, n_jobs or --workers; then {}", view.recorded())]
}
