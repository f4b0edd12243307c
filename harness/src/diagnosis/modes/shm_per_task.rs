//! A file in shared memory for each task, and none is removed while the work goes on.

use crate::diagnosis::mode::Mode;
use crate::diagnosis::rule::{Bound, Measured, Rule, Unit, bytes};
use crate::diagnosis::view::View;

pub(in crate::diagnosis) const MODE: Mode = Mode {
    id: "shm-per-task",
    says: "Each task leaves a separate file in /dev/shm, so shared memory grows with the tasks rather than the data.",
    chapter: "scenarios/slice-dup/chapter",
    is_harmless: false,
    covers: &["memfd-held", "limit-too-small"],
    rules: &[
        Rule {
            what: "files in shared memory at one time",
            unit: Unit::Count,
            bound: Bound::AtLeast(24),
            measure: |view| view.peak_of("shm_files"),
        },
        Rule {
            what: "part of the peak that is in the tmpfs",
            unit: Unit::Percent,
            bound: Bound::AtLeast(40),
            measure: |view| view.share_or_more(view.peak_of("tmpfs"), 40),
        },
        Rule {
            what: "smallest rise of the tmpfs from one quarter of the work to the next, of the mean rise",
            unit: Unit::Percent,
            bound: Bound::AtLeast(30),
            measure: steadiness,
        },
        Rule {
            what: "size of the median file, of the largest; or of the mean file over time",
            unit: Unit::Percent,
            bound: Bound::AtLeast(40),
            measure: |view| view.evenness(),
        },
        Rule {
            what: "the tmpfs was full, and it ended well all the same (1 if so)",
            unit: Unit::Count,
            bound: Bound::AtMost(0),
            measure: |view| view.copes_with_full_tmpfs(),
        },
    ],
    experiment: "run it with twice the tasks on the same data: the files double, or they don't",
    trial: None,
    story,
    explains: |view| view.record.peak("tmpfs"),
    holder: |view| view.files_holder(),
    next,
};

fn steadiness(view: &View<'_>) -> Measured {
    match view.growth("tmpfs") {
        Ok(growth) => Measured::known(growth.steadiness),
        Err(why) => Measured::Unknown(why),
    }
}

fn story(view: &View<'_>) -> String {
    let files = view.record.peak("shm_files").unwrap_or(0);
    let used = view.record.peak("tmpfs").unwrap_or(0);
    let work = view.growth("tmpfs").map(|growth| growth.work);
    let rate = work.map_or_else(
        |_| String::new(),
        |(begin, end)| format!(", one every {:.1} ms", (end - begin) as f64 / 1e3 / files.max(1) as f64),
    );
    let flat = match &view.anon {
        Ok(growth) => format!("; the floor of anonymous memory rises by {} meanwhile", bytes(growth.rise)),
        Err(_) => String::new(),
    };
    format!("{files} files of {} each in shared memory{rate}{flat}.", bytes(used / files.max(1)))
}

fn next(view: &View<'_>) -> Vec<String> {
    vec![
        "ls -lt /dev/shm  # while it runs: names and times of the files".to_owned(),
        view.record_with("--shm 1G"),
    ]
}
