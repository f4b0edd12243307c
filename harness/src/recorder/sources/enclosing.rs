//! The control groups around a run, which others have made and whose limits apply to it. We read them, and never
//! write to them.

use std::path::PathBuf;

use anyhow::Result;

use crate::model::metric::Metric;
use crate::model::outcome::{Evidence, OomKills};
use crate::model::record::{EnclosingGroup, Header, What};
use crate::recorder::counts::Counts;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::Group;
use crate::sandbox::cgroup::version::Version;

pub(super) const METRICS: &[&Metric] = &[
    &TIGHTEST.usage,
    &TIGHTEST.high,
    &TIGHTEST.max,
    &TIGHTEST.oom_kills,
    &SHARED.usage,
    &SHARED.high,
    &SHARED.max,
    &SHARED.oom_kills,
];

/// The metrics of a group.
struct Metrics {
    usage: Metric,
    high: Metric,
    max: Metric,
    oom_kills: Metric,
}

static TIGHTEST: Metrics = Metrics {
    usage: Metric::bytes(
        "enclosing_cgroup",
        "all memory charged to the control group around the run with the lowest limit, other programs included",
    ),
    high: Metric::count(
        "enclosing_high",
        "times during the run that processes of this group were slowed down because it was above its high bound",
    ),
    max: Metric::count("enclosing_max", "times during the run that this group reached its limit"),
    oom_kills: Metric::count(
        "enclosing_oom_kills",
        "processes of this group, part of the run or not, that the OOM killer ended during the run",
    ),
};

static SHARED: Metrics = Metrics {
    usage: Metric::bytes(
        "shared_cgroup",
        "all memory charged to the control group that the program is in, other programs included",
    ),
    high: Metric::count(
        "shared_cgroup_high",
        "times during the run that processes of this group were slowed down because it was above its high bound",
    ),
    max: Metric::count("shared_cgroup_max", "times during the run that this group reached its limit"),
    oom_kills: Metric::count(
        "shared_cgroup_oom_kills",
        "processes of this group, part of the run or not, that the OOM killer ended during the run",
    ),
};

/// Free, so it's read again at the end.
pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Free };

pub(super) struct Enclosing {
    /// The one with the lowest limit, and the one that the program shares with others, if that is another.
    groups: Vec<Watched>,
    tightest: Option<Tightest>,
    /// The group that the program is in, if it has no separate one; and how many processes were killed in it before
    /// the run.
    shared: Option<(Group, u64)>,
}

/// A group that is read again and again.
struct Watched {
    metrics: &'static Metrics,
    path: PathBuf,
    file: PathBuf,
    usage: ProcFile,
    counts: Vec<Counts>,
}

struct Tightest {
    group: Group,
    limit: u64,
    current: u64,
    hits_before: Option<u64>,
    peak_before: Option<u64>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Enclosing>> {
    let own = target.running.cgroup.as_ref();
    let is_around = |group: &&Group| own.is_none_or(|own| own.path != group.path);
    let groups: Vec<Group> = target.groups.iter().filter(is_around).cloned().collect();
    let shared = groups.first().filter(|_| own.is_none()).cloned();
    let limited = groups.into_iter().filter_map(|group| Some((group.limit()?, group)));
    let tightest = limited.min_by_key(|&(limit, _)| limit);
    let tightest = tightest.and_then(|(limit, group)| Tightest::open(group, limit));
    let bounding = tightest.as_ref().map(|tightest| &tightest.group);
    let other = shared.as_ref().filter(|shared| bounding.is_none_or(|group| group.path != shared.path));
    let watched = [bounding.map(|group| (group, &TIGHTEST)), other.map(|group| (group, &SHARED))];
    let groups: Vec<Watched> =
        watched.into_iter().flatten().filter_map(|(group, metrics)| Watched::open(group, metrics)).collect();
    let shared = shared.and_then(|group| {
        let before = group.oom_kills_here().1.ok()?;
        Some((group, before))
    });
    let is_any = !groups.is_empty() || shared.is_some();
    Ok(is_any.then_some(Enclosing { groups, tightest, shared }))
}

impl Source for Enclosing {
    fn columns(&self) -> Vec<Column> {
        let columns = |group: &Watched| -> Vec<Column> {
            // The name of the file alone: the folders above it are the machine's own business.
            let name = group.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let usage = Column::new(&group.metrics.usage, name);
            group.counts.iter().flat_map(Counts::columns).chain([usage]).collect()
        };
        self.groups.iter().flat_map(columns).collect()
    }

    fn describe(&self, header: &mut Header) {
        header.enclosing = self.tightest.as_ref().map(|tightest| EnclosingGroup {
            path: tightest.group.path.display().to_string(),
            limit: tightest.limit,
            current: tightest.current,
        });
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        for group in &self.groups {
            if let Some(usage) = group.usage.number() {
                row.set(&group.metrics.usage, usage);
            }
            group.counts.iter().for_each(|counts| counts.sample(row));
            // If the run has a separate group, its kills are counted there.
            let kills = row.growth(&group.metrics.oom_kills, view.latest).filter(|_| self.shared.is_some());
            if let Some(count) = kills {
                row.happened(What::OomKills { count, group: group.path.display().to_string() });
            }
        }
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        if let Some((group, before)) = &self.shared {
            let (name, count) = group.oom_kills_here();
            let source = format!("{name} in {}", group.path.display());
            conclusion.oom = match count {
                Ok(count) => OomKills::CountedForOthersToo { source, count: count.saturating_sub(*before) },
                Err(error) => OomKills::Unknown(format!("{source}: {error}")),
            };
        }
        if let Some(tightest) = &self.tightest {
            conclusion.evidence.extend(tightest.reached());
            conclusion.peaks.extend(tightest.peak().map(|peak| (TIGHTEST.usage.name.to_owned(), peak)));
        }
    }
}

impl Watched {
    fn open(group: &Group, metrics: &'static Metrics) -> Option<Self> {
        let Metrics { high, max, oom_kills, .. } = metrics;
        let counts = |name, words: &[(&'static Metric, &'static str)]| {
            Some(Counts::open(&group.path, name, words)?.since_now())
        };
        let counts = match group.version {
            Version::V1 => [
                counts("memory.failcnt", &[(max, "")]),
                counts("memory.oom_control", &[(oom_kills, "oom_kill ")]),
            ],
            // Its own bounds, and the kills below it as well.
            Version::V2 => [
                counts("memory.events.local", &[(high, "high "), (max, "max ")]),
                counts("memory.events", &[(oom_kills, "oom_kill ")]),
            ],
        };
        let (file, counts) = (group.usage_file(), counts.into_iter().flatten().collect());
        Some(Watched { metrics, path: group.path.clone(), usage: ProcFile::open(&file)?, file, counts })
    }
}

impl Tightest {
    fn open(group: Group, limit: u64) -> Option<Self> {
        let current = ProcFile::open(group.usage_file())?.number()?;
        let (hits_before, peak_before) = (group.limit_hits(), peak(&group));
        Some(Tightest { limit, current, hits_before, peak_before, group })
    }

    /// That its limit was in the way of somebody.
    fn reached(&self) -> Option<Evidence> {
        let hits = self.group.limit_hits()?.saturating_sub(self.hits_before?);
        let (limit, group) = (self.limit >> 20, self.group.path.display());
        (hits > 0).then(|| {
            let detail = format!("{limit} MiB in {group}, reached {hits} times");
            Evidence::fired("the limit of the control group around it", detail)
        })
    }

    /// Its peak over the run, if it never had more before.
    fn peak(&self) -> Option<u64> {
        let peak = peak(&self.group)?;
        (peak > self.peak_before?).then_some(peak)
    }
}

/// The highest usage that the kernel has seen of a group.
fn peak(group: &Group) -> Option<u64> {
    ProcFile::open(group.peak_file())?.number()
}
