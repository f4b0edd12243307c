//! How often the limits of the run's control group were hit, and the consequences.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::model::record::What;
use crate::recorder::counts::Counts;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::version::Version;

pub(super) const METRICS: &[&Metric] = &[&LOW, &HIGH, &MAX, &OOM, &OOM_KILLS];

static LOW: Metric = Metric::count(
    "cgroup_low",
    "times that memory was reclaimed from the run's control group although it was below its low bound",
);
static HIGH: Metric = Metric::count(
    "cgroup_high",
    "times that processes were slowed down because the run's control group was above its high bound",
);
static MAX: Metric = Metric::count("cgroup_max", "times that the run's control group reached its limit");
static OOM: Metric = Metric::count(
    "cgroup_oom",
    "times that nothing could be reclaimed at the limit of the run's control group",
);
static OOM_KILLS: Metric =
    Metric::count("cgroup_oom_kills", "processes of the run's control group that the OOM killer ended");

/// Free, so it's read again at the end. The exit log knows when exactly a process ended.
pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Free };

pub(super) struct Events(Vec<Counts>);

pub(super) fn open(target: &Target<'_>) -> Result<Option<Events>> {
    let Some(group) = &target.running.cgroup else { return Ok(None) };
    let counts = |name, words: &[(&'static Metric, &'static str)]| Counts::open(&group.path, name, words);
    let files = match group.version {
        Version::V1 => [
            counts("memory.failcnt", &[(&MAX, "")]),
            counts("memory.oom_control", &[(&OOM_KILLS, "oom_kill ")]),
        ],
        // Documentation/admin-guide/cgroup-v2.rst.
        Version::V2 => [
            counts(
                "memory.events",
                &[
                    (&LOW, "low "),
                    (&HIGH, "high "),
                    (&MAX, "max "),
                    (&OOM, "oom "),
                    (&OOM_KILLS, "oom_kill "),
                ],
            ),
            None,
        ],
    };
    let files: Vec<Counts> = files.into_iter().flatten().collect();
    Ok((!files.is_empty()).then_some(Events(files)))
}

impl Source for Events {
    fn columns(&self) -> Vec<Column> {
        self.0.iter().flat_map(Counts::columns).collect()
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        self.0.iter().for_each(|counts| counts.sample(row));
        if let Some(count) = row.growth(&OOM_KILLS, view.latest) {
            row.happened(What::OomKills { count, group: String::new() });
        }
    }
}
