//! Pages are swapped out, and soon needed again.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "swap-thrash",
    says: "The program needs more memory than there is, so pages travel to swap and back, and the disk sets the speed.",
    chapter: "short-of-memory",
    is_harmless: false,
    covers: &["limit-too-small", "throttled"],
    rules: &[
        Rule {
            what: "memory that was swapped out",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(16 * MIB),
            measure: |view| view.swapped(),
        },
        Rule {
            what: "page faults that waited for a disk, each second",
            unit: Unit::Count,
            bound: Bound::AtLeast(100),
            measure: |view| view.major_faults(),
        },
        Rule {
            what: "time of the run",
            unit: Unit::Microseconds,
            bound: Bound::AtLeast(2_000_000),
            measure: |view| view.length(),
        },
    ],
    experiment: "run it with less data, or without swap",
    trial: None,
    story,
    explains: |view| view.swapped().value(),
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let swapped = view.swapped().value().unwrap_or(0);
    let faults = view.major_faults().value().unwrap_or(0);
    format!("{} was swapped out, with {faults} faults a second that waited for a disk.", bytes(swapped))
}

fn next(_: &View<'_>) -> Vec<String> {
    vec!["vmstat 1  # si and so: what travels".to_owned(), "swapon --show".to_owned()]
}
