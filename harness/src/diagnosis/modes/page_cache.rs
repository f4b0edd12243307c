//! The limit is reached by page cache, which the kernel drops when somebody needs the room.

use super::shared;
use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Rule, Unit, bytes};
use crate::diagnosis::trial::{self, Change, Trial};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "page-cache",
    says: "Most of the memory is page cache: copies of files, which the kernel drops as soon as something else needs the room.",
    chapter: "page-cache",
    is_harmless: true,
    covers: &["mapped-file"],
    rules: &[
        Rule {
            what: "page cache of the group",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(32 * MIB),
            measure: |view| view.peak_of("cgroup_file"),
        },
        Rule {
            what: "part of the peak that is page cache",
            unit: Unit::Percent,
            bound: Bound::AtLeast(50),
            measure: |view| view.share(view.peak_of("cgroup_file")),
        },
        shared::AT_THE_LIMIT,
        shared::NOT_KILLED,
    ],
    experiment: "run it with half the memory: the peak follows, and the time stays",
    trial: Some(Trial { change: Change::HalfTheMemory, finds: trial::needs_no_more }),
    story,
    explains: |view| view.record.peak("cgroup_file"),
    holder: |_| None,
    next,
};

fn story(view: &View<'_>) -> String {
    let cache = view.record.peak("cgroup_file").unwrap_or(0);
    format!("{} is page cache, and nothing was killed at the limit.", bytes(cache))
}

fn next(view: &View<'_>) -> Vec<String> {
    let mut next = vec!["there's nothing to do".to_owned()];
    next.extend(
        view.need().map(|mib| format!("enough for everything but the page cache, plus a margin: {mib} MiB")),
    );
    next
}
