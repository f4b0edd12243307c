//! How often the limits of the run's control group were in the way of somebody, and what came of it.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::version::Version;

pub(super) const METRICS: &[&Metric] = &[&LOW, &HIGH, &MAX, &OOM, &OOM_KILLS];

static LOW: Metric = Metric::count(
    "cgroup_low",
    "times that memory was taken from the run's control group although it's below its low bound",
);
static HIGH: Metric = Metric::count(
    "cgroup_high",
    "times that processes were slowed down because the run's control group was above its high bound",
);
static MAX: Metric =
    Metric::count("cgroup_max", "times that the run's control group came up against its limit");
static OOM: Metric = Metric::count(
    "cgroup_oom",
    "times that nothing could be taken back at the limit of the run's control group",
);
static OOM_KILLS: Metric = Metric::count(
    "cgroup_oom_kills",
    "processes of the run's control group that the kernel's OOM killer has ended",
);

/// So often that the order of a kill and of whatever else is seen is known.
pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Interval, budget: Budget::Free };

pub(super) struct Events(Vec<Counts>);

/// A file with counts.
struct Counts {
    name: &'static str,
    file: ProcFile,
    words: Words,
}

/// A metric, and the beginning of its line. With no word it's the number that is all of the file.
type Words = Vec<(&'static Metric, &'static str)>;

pub(super) fn open(target: &Target<'_>) -> Result<Option<Events>> {
    let Some(group) = &target.running.cgroup else { return Ok(None) };
    let file = |name: &'static str, words: Words| {
        let file = ProcFile::open(group.path.join(name))?;
        // An older kernel has fewer lines.
        let text = file.read(|text| Some(text.to_owned()))?;
        let is_there = |word: &str| text.lines().any(|line| line.starts_with(word));
        let words = words.into_iter().filter(|(_, word)| is_there(word)).collect();
        Some(Counts { name, file, words })
    };
    let files = match group.version {
        Version::V1 => vec![
            file("memory.failcnt", vec![(&MAX, "")]),
            file("memory.oom_control", vec![(&OOM_KILLS, "oom_kill ")]),
        ],
        // Documentation/admin-guide/cgroup-v2.rst.
        Version::V2 => vec![file(
            "memory.events",
            vec![(&LOW, "low "), (&HIGH, "high "), (&MAX, "max "), (&OOM, "oom "), (&OOM_KILLS, "oom_kill ")],
        )],
    };
    let files: Vec<Counts> = files.into_iter().flatten().collect();
    Ok((!files.is_empty()).then_some(Events(files)))
}

impl Source for Events {
    fn columns(&self) -> Vec<Column> {
        let column = |name: &str, (metric, word): &(&'static Metric, &str)| {
            Column::new(metric, format!("{name} {word}").trim())
        };
        let columns = |counts: &Counts| -> Vec<Column> {
            counts.words.iter().map(|word| column(counts.name, word)).collect()
        };
        self.0.iter().flat_map(columns).collect()
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        for Counts { file, words, .. } in &self.0 {
            let set = |text: &str| {
                for &(metric, word) in words {
                    row.set(metric, procfile::lines(text, [word])[0]);
                }
                Some(())
            };
            file.read(set);
        }
    }
}
