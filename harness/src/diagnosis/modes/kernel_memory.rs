//! The memory is in the kernel: pipes, sockets, names of files, page tables.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Measured, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "kernel-memory",
    says: "Most of the group's memory belongs to the kernel, on behalf of the program: sockets, pipes, page tables, inodes.",
    chapter: "reading-a-curve",
    is_harmless: false,
    covers: &["limit-too-small"],
    rules: &[
        Rule {
            what: "memory of the kernel",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(32 * MIB),
            measure: |view| view.peak_of("cgroup_kernel"),
        },
        Rule {
            what: "part of the peak that it is",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.share(view.peak_of("cgroup_kernel")),
        },
        Rule {
            what: "part of the peak that the kernel can't drop",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.share(view.unreclaimable_kernel()),
        },
    ],
    experiment: "look at slabtop, ss -m and /proc/PID/fd while it runs",
    trial: None,
    story,
    explains: |view| view.unreclaimable_kernel().value().or(view.record.peak("cgroup_kernel")),
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let all = bytes(view.record.peak("cgroup_kernel").unwrap_or(0));
    match view.unreclaimable_kernel() {
        Measured::Known(fixed, _) => {
            format!("{all} of the group's memory is the kernel's, of which it can't drop {}.", bytes(fixed))
        }
        Measured::Unknown(_) => format!("{all} of the group's memory is the kernel's."),
    }
}

fn next(_: &View<'_>) -> Vec<String> {
    vec![
        "slabtop -o".to_owned(),
        "ss -m  # buffers of sockets".to_owned(),
        "ls /proc/PID/fd | wc -l".to_owned(),
    ]
}
