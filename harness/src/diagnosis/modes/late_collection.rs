//! Garbage is collected late: memory rises, falls sharply, and the floor is flat.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit, bytes};
use crate::diagnosis::view::{View, percent};

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "late-collection",
    says: "Dead objects are freed late, in big steps; the live ones don't grow, but the peaks reach the limit.",
    chapter: "scenarios/rc-cycle/chapter",
    is_harmless: false,
    covers: &["anon-growth", "limit-too-small"],
    rules: &[
        Rule {
            what: "falls of anonymous memory by a third or more",
            unit: Unit::Count,
            bound: Bound::AtLeast(3),
            measure: |view| view.of_anon(|growth| growth.falls),
        },
        Rule {
            what: "rise of the floor, of the highest value",
            unit: Unit::Percent,
            bound: Bound::AtMost(25),
            measure: |view| view.of_anon(|growth| percent(growth.rise, growth.top.1)),
        },
        Rule {
            what: "the limit was reached, or something was killed for it (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.harm(),
        },
    ],
    experiment: "run it with half the memory for the collector's heap: it slows down, or it fails",
    trial: None,
    story,
    explains: |view| view.anon.as_ref().ok().map(|growth| growth.top.1.saturating_sub(growth.floors[0])),
    holder: |view| view.largest_name(),
    next,
};

fn story(view: &View<'_>) -> String {
    let Ok(growth) = &view.anon else { return String::new() };
    format!(
        "Anonymous memory rose to {} and fell sharply {} times; its floor went from {} to {}.",
        bytes(growth.top.1),
        growth.falls,
        bytes(growth.floors[0]),
        bytes(growth.floors[3])
    )
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        format!("for Python: gc.collect() after each task, or gc.set_threshold(); then {}", view.recorded()),
        "for Java: -Xmx below the limit; for Node: --max-old-space-size".to_owned(),
    ]
}
