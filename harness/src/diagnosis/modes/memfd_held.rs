//! Memory files without a name, which live as long as somebody holds them open.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "memfd-held",
    says: "Memory files without a name (memfd_create, unlinked files) pile up in a process that keeps them open.",
    chapter: "page-cache",
    is_harmless: false,
    covers: &["limit-too-small"],
    rules: &[
        Rule {
            what: "memory in open files without a name",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(16 * MIB),
            measure: |view| view.nameless(),
        },
        Rule {
            what: "part of the peak that is in them",
            unit: Unit::Percent,
            bound: Bound::AtLeast(40),
            measure: |view| view.share_or_more(view.nameless(), 40),
        },
        Rule {
            what: "time in which they went from a tenth of that to nine tenths",
            unit: Unit::Microseconds,
            bound: Bound::AtLeast(500_000),
            measure: |view| view.nameless_growth(),
        },
        Rule {
            what: "part of it that is there after nine tenths of the run",
            unit: Unit::Percent,
            bound: Bound::AtLeast(75),
            measure: |view| view.nameless_left(),
        },
    ],
    experiment: "run it for twice as long: the number of open descriptors doubles, or it doesn't",
    trial: None,
    story,
    explains: |view| view.nameless().value(),
    holder: |view| view.files_holder(),
    next,
};

fn story(view: &View<'_>) -> String {
    let most = bytes(view.nameless().value().unwrap_or(0));
    match view.record.peak("descriptors") {
        Some(open) => format!("{most} in files without a name; one process has {open} descriptors open."),
        None => format!("{most} in files without a name."),
    }
}

fn next(_: &View<'_>) -> Vec<String> {
    vec!["ls -l /proc/PID/fd | grep -e memfd -e deleted  # who holds them".to_owned()]
}
