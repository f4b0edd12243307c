//! The memory is in the kernel: pipes, sockets, names of files, page tables.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "kernel-memory",
    says: "Most of the group's memory belongs to the kernel, on behalf of the program: sockets, pipes, page tables, inodes.",
    chapter: "reading-a-curve",
    is_harmless: false,
    covers: &["limit-too-small"],
    rules: &[
        Rule {
            what: "memory of the kernel that it can't drop",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(32 * MIB),
            measure: |view| view.unreclaimable_kernel(),
        },
        Rule {
            what: "part of the peak that is the kernel's",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.share(view.unreclaimable_kernel()),
        },
    ],
    experiment: "look at slabtop, ss -m and /proc/PID/fd while it runs",
    story,
    explains: |view| view.unreclaimable_kernel().value(),
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let kernel = view.unreclaimable_kernel().value().or(view.record.peak("cgroup_kernel")).unwrap_or(0);
    format!("{} of the group's memory is the kernel's, and it can't drop it.", bytes(kernel))
}

fn next(_: &View<'_>) -> Vec<String> {
    vec![
        "slabtop -o".to_owned(),
        "ss -m  # buffers of sockets".to_owned(),
        "ls /proc/PID/fd | wc -l".to_owned(),
    ]
}
