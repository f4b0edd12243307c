//! Shared memory that nobody will give back, since its makers are gone.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "shm-leftover",
    says: "Files in /dev/shm outlive the processes that made them, so their memory stays until somebody removes them.",
    chapter: "scenarios/shm-orphan/chapter",
    is_harmless: false,
    covers: &["shm-per-task", "memfd-held", "limit-too-small"],
    rules: &[
        Rule {
            what: "bytes on the tmpfs throughout the last tenth of the run",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(8 * MIB),
            measure: |view| view.left_in_tmpfs(),
        },
        Rule {
            what: "bytes in files on the tmpfs whose makers were gone, and that nobody had open",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(8 * MIB),
            measure: |view| view.orphaned(),
        },
        Rule {
            what: "processes that a signal ended before they could tidy up",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.children_cut_short(),
        },
    ],
    experiment: "look whether the files are still there after the run",
    trial: None,
    story,
    explains: |view| view.orphaned().value(),
    holder: |view| view.files_holder(),
    next,
};

fn story(view: &View<'_>) -> String {
    let orphaned = view.orphaned().value().map_or_else(|| "an unknown part".to_owned(), bytes);
    format!("{orphaned} on the tmpfs was in files whose makers were gone{}.", view.files_text())
}

fn next(_: &View<'_>) -> Vec<String> {
    vec![
        "ls -l /dev/shm".to_owned(),
        "fuser -v /dev/shm/*  # a file that nobody has open can be removed".to_owned(),
    ]
}
