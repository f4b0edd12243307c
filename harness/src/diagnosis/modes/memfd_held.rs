//! Memory files without a name, which live as long as somebody holds them open.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, MIB, Measured, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "memfd-held",
    says: "Memory files without a name (memfd_create, unlinked files) pile up in a process that keeps them open.",
    chapter: "page-cache",
    is_harmless: false,
    covers: &["limit-too-small"],
    rules: &[
        Rule {
            what: "memory in open files that are not in the run's /dev/shm",
            unit: Unit::Bytes,
            bound: Bound::AtLeast(16 * MIB),
            measure: |view| view.peak_of("memory_files_elsewhere"),
        },
        Rule {
            what: "part of the peak that is in them",
            unit: Unit::Percent,
            bound: Bound::AtLeast(40),
            measure: |view| view.share(view.peak_of("memory_files_elsewhere")),
        },
        Rule {
            what: "smallest rise of them from one quarter of the work to the next, of the mean rise",
            unit: Unit::Percent,
            bound: Bound::AtLeast(30),
            measure: steadiness,
        },
        Rule {
            what: "open descriptors of the process that has most",
            unit: Unit::Count,
            bound: Bound::AtLeast(24),
            measure: |view| view.peak_of("descriptors"),
        },
    ],
    experiment: "run it for twice as long: the number of open descriptors doubles, or it doesn't",
    trial: None,
    story,
    explains: |view| view.record.peak("memory_files_elsewhere"),
    holder: |view| view.files_holder(),
    next,
};

fn steadiness(view: &View<'_>) -> Measured {
    match view.growth("memory_files_elsewhere") {
        Ok(growth) => Measured::known(growth.steadiness),
        Err(why) => Measured::Unknown(why),
    }
}

fn story(view: &View<'_>) -> String {
    let most = view.record.peak("memory_files_elsewhere").unwrap_or(0);
    let open = view.record.peak("descriptors").unwrap_or(0);
    format!("{} in memory files outside /dev/shm; one process has {open} descriptors open.", bytes(most))
}

fn next(_: &View<'_>) -> Vec<String> {
    vec!["ls -l /proc/PID/fd | grep -e memfd -e deleted  # who holds them".to_owned()]
}
