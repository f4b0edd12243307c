//! Shared memory is full, and the next page of it is refused.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "shm-full",
    says: "The tmpfs on /dev/shm is full, so the next write fails with ENOSPC, or a store into a map ends the program with SIGBUS.",
    chapter: "scenarios/shm-exhaustion/chapter",
    is_harmless: false,
    covers: &[
        "shm-per-task",
        "shm-leftover",
        "memfd-held",
        "anon-growth",
        "limit-too-small",
        "dead-worker",
        "address-space",
    ],
    rules: &[
        Rule {
            what: "the run's tmpfs was full (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.tmpfs_full(),
        },
        Rule {
            what: "a write or a store was refused: ENOSPC, SIGBUS, or an end with an error (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: |view| view.is_refused_by_tmpfs(),
        },
    ],
    experiment: "run it again with twice the shared memory: the error moves or goes",
    trial: None,
    story,
    explains: |view| view.record.peak("tmpfs"),
    holder: |view| view.files_holder(),
    next,
};

fn story(view: &View<'_>) -> String {
    let used = view.record.peak("tmpfs").map_or_else(|| "all of it".to_owned(), bytes);
    let size =
        view.record.header.limits.tmpfs.map_or_else(String::new, |size| format!(" of {}", bytes(size)));
    let (files, end) = (view.files_text(), view.record.outcome());
    if view.lacked_inodes() {
        return format!(
            "The tmpfs had no inode left, with {used}{size} in use, and then it ended: {end}{files}."
        );
    }
    format!("The tmpfs was full, with {used}{size} in use, and then it ended: {end}{files}.")
}

fn next(view: &View<'_>) -> Vec<String> {
    if view.lacked_inodes() {
        let commands = ["df -i /dev/shm; df -h /dev/shm", "find /dev/shm -xdev | wc -l"];
        return commands.map(str::to_owned).into();
    }
    let size = view.record.header.limits.tmpfs.map_or(1024, |size| size / (1 << 20) * 2).max(2);
    vec![
        "df -h /dev/shm; df -i /dev/shm".to_owned(),
        view.record_with(&format!("--shm {size}M")),
        "in a container: docker run --shm-size=1g".to_owned(),
    ]
}
