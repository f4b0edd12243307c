//! Anonymous memory grows with the work.

use super::shared;
use crate::chart::seconds;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::{TASKS, View};
use crate::name::program;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "anon-growth",
    says: "Anonymous memory grows with the work: each task leaves something behind that's never freed, or work piles up faster than it's done.",
    chapter: "scenarios/rc-cycle/chapter",
    is_harmless: false,
    covers: &["limit-too-small", "huge-page-bloat"],
    rules: &[
        shared::GROWS[0],
        shared::GROWS[1],
        shared::GROWS[2],
        Rule {
            what: "tasks that the program announced meanwhile",
            unit: Unit::Count,
            bound: Bound::AtLeast(TASKS as u64),
            measure: |view| view.tasks_or_end(),
        },
    ],
    experiment: "run it with twice the work: the peak doubles, or it doesn't",
    trial: Some(Trial {
        change: Change::TwiceTheMemory,
        finds: |before, after| trial::ends_well(before, after).reversed(),
    }),
    story,
    explains: |view| view.of_anon(|growth| growth.rise).value(),
    holder: |view| view.largest_name(),
    next,
};

fn story(view: &View<'_>) -> String {
    let Ok(growth) = &view.anon else { return String::new() };
    let [first, second, third, last] = growth.floors.map(bytes);
    let rise = format!(
        "The floor of anonymous memory rises through the work, from {} to {}: {first}, {second}, {third}, {last} in \
         its quarters.",
        seconds(growth.work.0),
        seconds(growth.work.1)
    );
    match view.is_queue() {
        true => format!("{rise} Then it falls as the tasks are done: it was waiting for them."),
        false => rise,
    }
}

fn next(view: &View<'_>) -> Vec<String> {
    if view.is_queue() {
        return vec![
            "give the queue in front of the tasks a bound: see the chapter unbounded-queue".to_owned(),
        ];
    }
    vec![
        format!("for Python: python -m memray run --follow-fork; else: heaptrack {}", view.command()),
        format!("with twice the work: {}; then {} compare -1 -2", view.recorded(), program()),
    ]
}
