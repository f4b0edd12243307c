//! Pages of files that are mapped count as resident, though they cost nothing.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "mapped-file",
    says: "Most of the resident memory is pages of mapped files, which the kernel drops as soon as something else needs the room.",
    chapter: "scenarios/page-cache-drop/chapter",
    is_harmless: true,
    covers: &[],
    rules: &[
        Rule {
            what: "resident pages of files",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(64 * MIB),
            measure: |view| view.peak_of("file"),
        },
        Rule {
            what: "part of the peak that these are",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.share(view.peak_of("file")),
        },
        shared::AT_THE_LIMIT,
        shared::NOT_KILLED,
    ],
    experiment: "run it with half the memory: the peak follows, and the time stays",
    trial: Some(Trial { change: Change::HalfTheMemory, finds: trial::needs_no_more }),
    story,
    explains: |view| view.record.peak("file"),
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let file = view.record.peak("file").unwrap_or(0);
    format!("{} of the resident memory is pages of files.", bytes(file))
}

fn next(view: &View<'_>) -> Vec<String> {
    let mut next = vec!["there's nothing to do".to_owned()];
    next.extend(view.need().map(|mib| format!("enough for everything but files, plus a margin: {mib} MiB")));
    next
}
