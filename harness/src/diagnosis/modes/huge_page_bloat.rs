//! Huge pages are filled for a few bytes each.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Measured, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "huge-page-bloat",
    says: "Anonymous memory is in huge pages that are only partly used, so the program takes more than it touches.",
    chapter: "scenarios/thp-bloat/chapter",
    is_harmless: false,
    covers: &[],
    rules: &[
        Rule {
            what: "anonymous memory in huge pages",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(64 * MIB),
            measure: |view| view.peak_of("cgroup_huge_pages"),
        },
        Rule {
            what: "part of the peak that is in huge pages",
            unit: Unit::Percent,
            bound: Bound::AtLeast(80),
            measure: |view| view.share(view.peak_of("cgroup_huge_pages")),
        },
        Rule {
            what: "the limit was reached, or something was killed for it, or the program asked for huge pages (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtLeast(1),
            measure: harm,
        },
        Rule {
            what: "how much of the huge pages is used",
            unit: Unit::Percent,
            bound: Bound::AtMost(50),
            measure: |_| Measured::Unknown("only a run without huge pages tells".to_owned()),
        },
    ],
    experiment: "run it without huge pages, by prctl PR_SET_THP_DISABLE: the peak falls, or it doesn't",
    trial: Some(Trial { change: Change::NoHugePages, finds: trial::peak_falls }),
    story,
    explains: |view| view.record.peak("cgroup_huge_pages"),
    holder: |view| view.largest_name(),
    next,
};

/// If the kernel gives huge pages to all, they are in most large programs, and no sign of anything.
fn harm(view: &View<'_>) -> Measured {
    match view.record.header.machine.get("thp").map(String::as_str) {
        Some("madvise") => Measured::known(1),
        _ => view.harm(),
    }
}

fn story(view: &View<'_>) -> String {
    format!("{} is in huge pages.", bytes(view.record.peak("cgroup_huge_pages").unwrap_or(0)))
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        "cat /sys/kernel/mm/transparent_hugepage/enabled".to_owned(),
        view.record_under("GLIBC_TUNABLES=glibc.malloc.hugetlb=0"),
    ]
}
