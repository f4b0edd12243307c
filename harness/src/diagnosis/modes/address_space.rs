//! Memory was refused although little of it was used: the address space is limited.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Measured, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "address-space",
    says: "A limit on address space (ulimit -v, RLIMIT_AS) was reached, so allocations fail while much memory is free.",
    chapter: "recording",
    is_harmless: false,
    covers: &["anon-growth", "limit-too-small"],
    rules: &[
        Rule {
            what: "limits on address space or data",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.address_limits(),
        },
        Rule {
            what: "part that was used of such a limit",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.address_space(),
        },
        Rule {
            what: "it ended with an error, and nothing killed it (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.refusal(),
        },
        shared::NOT_KILLED,
    ],
    experiment: "run it without the limit: ulimit -v unlimited",
    trial: None,
    story,
    explains: |view| view.record.peak("address_space"),
    holder: |view| view.bound_process(),
    next,
};

fn story(view: &View<'_>) -> String {
    let peak = view
        .peak
        .map_or_else(String::new, |peak| format!(", while {} of memory was in use at most", bytes(peak)));
    let used = match view.address_space() {
        Measured::Known(used, _) => format!("{used} % of a limit on address space was used"),
        Measured::Unknown(_) => "Little of a limit on address space was used".to_owned(),
    };
    format!("{used}{peak}; then it ended: {}.", view.record.outcome())
}

fn next(view: &View<'_>) -> Vec<String> {
    vec!["ulimit -a".to_owned(), format!("(ulimit -v unlimited; {})", view.recorded())]
}
