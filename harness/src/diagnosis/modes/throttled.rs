//! The group is above its high bound, and the kernel slows it down.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "throttled",
    says: "The control group is above memory.high, so the kernel makes its processes wait while it takes memory back; nothing is killed.",
    chapter: "short-of-memory",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule {
            what: "times that processes were slowed down above a high bound",
            unit: Unit::Count,
            bound: Bound::AtLeast(100),
            measure: |view| view.slowed(),
        },
        Rule {
            what: "part of the run in which a program waited for memory",
            unit: Unit::Percent,
            bound: Bound::AtLeast(10),
            measure: |view| view.pressure(),
        },
        shared::NOT_KILLED,
    ],
    experiment: "run it with a higher memory.high",
    trial: None,
    story,
    explains: |_| None,
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let times = view.slowed().value().unwrap_or(0);
    let waited = view
        .pressure()
        .value()
        .map_or_else(String::new, |part| format!(", and it waited for memory in {part} % of the time"));
    format!("Its processes were slowed down {times} times above a high bound{waited}; nothing was killed.")
}

fn next(_: &View<'_>) -> Vec<String> {
    vec![
        "cat /sys/fs/cgroup/GROUP/memory.high /sys/fs/cgroup/GROUP/memory.events".to_owned(),
        "systemctl set-property UNIT MemoryHigh=infinity".to_owned(),
    ]
}
