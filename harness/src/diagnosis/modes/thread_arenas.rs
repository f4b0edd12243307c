//! Each thread has an arena of the allocator, and free memory in one is useless to another.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Answer, Bound, MIB, Measured, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;
use crate::name::filled;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "thread-arenas",
    says: "The allocator keeps an arena for each thread, and memory freed in one isn't given to others or back.",
    chapter: "scenarios/heap-ratchet/chapter",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule {
            what: "most threads are over before the end, or memory rises steadily through the work (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: outlives_threads,
        },
        shared::IS_LARGE,
        Rule {
            what: "threads of the largest process at one time",
            unit: Unit::Count,
            bound: Bound::AtLeast(8),
            measure: |view| view.threads(),
        },
        Rule {
            what: "address space for each thread",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(48 * MIB),
            measure: |view| view.address_space_per_thread(),
        },
        shared::IS_KEPT,
        Rule {
            what: "how much of it is free inside",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |_| Measured::Unknown("only a run with fewer arenas tells".to_owned()),
        },
    ],
    experiment: "run it again with MALLOC_ARENA_MAX=1: the peak falls, or it doesn't",
    trial: Some(Trial {
        change: Change::Variable("MALLOC_ARENA_MAX", "1"),
        finds: trial::peak_falls_if_heeded,
    }),
    story,
    explains: |view| view.of_anon(|growth| growth.top.1).value(),
    holder: |view| view.largest_name(),
    next,
};

/// Memory that stays is an arena's if it outlives its threads; while they go on, it may be one that grows.
fn outlives_threads(view: &View<'_>) -> Measured {
    let grows = || shared::GROWS.iter().all(|rule| matches!(rule.answer(view), Answer::Seen(_)));
    match shared::THREADS_ARE_OVER.answer(view) {
        Answer::Seen(quantity) => Measured::Known(1, quantity.at),
        Answer::NotSeen(_) => Measured::truth(grows()),
        Answer::CouldNotLook(why) => Measured::Unknown(why),
    }
}

fn story(view: &View<'_>) -> String {
    let threads = view.threads().value().unwrap_or(0);
    let kept = view.kept().value().unwrap_or(0);
    let anon = view.of_anon(|growth| growth.top.1).value().unwrap_or(0);
    let is_over = matches!(shared::THREADS_ARE_OVER.answer(view), Answer::Seen(_));
    let how = if is_over { "stays after most of them are over" } else { "is there near the end" };
    format!("There were {threads} threads; {kept} % of {} {how}.", bytes(anon))
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![view.record_under("MALLOC_ARENA_MAX=1"), filled("{lab} compare -1 -2")]
}
