//! The allocator keeps freed memory.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Measured, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;
use crate::name::filled;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "allocator-retention",
    says: "The program has freed memory that its allocator doesn't give back, so it counts as used until the end.",
    chapter: "scenarios/heap-ratchet/chapter",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule { measure: threads_left, ..shared::THREADS_ARE_OVER },
        shared::IS_LARGE,
        shared::IS_KEPT,
        Rule {
            what: "how much of it is free inside",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |_| Measured::Unknown("only a run that trims tells".to_owned()),
        },
    ],
    experiment: "run it again with trimming, such as MALLOC_TRIM_THRESHOLD_=65536: the plateau falls, or the data is alive",
    trial: Some(Trial {
        change: Change::Variable("MALLOC_TRIM_THRESHOLD_", "65536"),
        finds: trial::kept_falls_if_heeded,
    }),
    story,
    explains: |view| view.of_anon(|growth| growth.top.1).value(),
    holder: |view| view.largest_name(),
    next,
};

/// So many threads at least must end before what stays says anything.
const THREADS: u64 = 4;

/// How many hundredths of its threads the program has at the end. What stays while they live may be in use, and
/// nothing that is seen from outside tells.
fn threads_left(view: &View<'_>) -> Measured {
    let left = view.threads_left();
    match (view.threads().value(), left.value()) {
        (Some(THREADS..), Some(0..=50)) => left,
        (Some(_), Some(_)) => Measured::Unknown(
            "the threads that may use it are still there; malloc_trim(0), called in it, shows what is free"
                .to_owned(),
        ),
        _ => left,
    }
}

fn story(view: &View<'_>) -> String {
    let kept = view.kept().value().unwrap_or(0);
    let anon = view.of_anon(|growth| growth.top.1).value().unwrap_or(0);
    format!("{kept} % of {} stays although most threads are over.", bytes(anon))
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![view.record_under("MALLOC_TRIM_THRESHOLD_=65536"), filled("{lab} compare -1 -2")]
}
