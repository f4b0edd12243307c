//! The control groups around a run, which others have made and whose limits hold for it. They are read, and
//! never written to.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::model::outcome::{Evidence, OomKills};
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::{Group, that_bound};

pub(super) const METRICS: &[&Metric] = &[&ENCLOSING];

static ENCLOSING: Metric = Metric::bytes(
    "enclosing_cgroup",
    "all memory charged to the control group around the run that has the lowest limit, others included",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Enclosing {
    /// The one with the lowest limit.
    tightest: Option<Tightest>,
    /// The group that the program is in, where it has none of its own; and how many processes were killed in
    /// it before the run.
    shared: Option<(Group, u64)>,
}

struct Tightest {
    group: Group,
    limit: u64,
    usage: ProcFile,
    hits_before: Option<u64>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Enclosing>> {
    let own = target.running.cgroup.as_ref();
    let mut groups = that_bound(own, target.attached);
    groups.retain(|group| own.is_none_or(|own| own.path != group.path));
    let shared = groups.first().filter(|_| own.is_none()).cloned();
    let shared = shared.and_then(|group| {
        let before = group.oom_kills_here().1.ok()?;
        Some((group, before))
    });
    let limited = groups.into_iter().filter_map(|group| Some((group.limit()?, group)));
    let tightest = limited.min_by_key(|&(limit, _)| limit).and_then(|(limit, group)| {
        let usage = ProcFile::open(group.usage_file())?;
        Some(Tightest { limit, usage, hits_before: group.limit_hits(), group })
    });
    Ok((tightest.is_some() || shared.is_some()).then_some(Enclosing { tightest, shared }))
}

impl Source for Enclosing {
    fn columns(&self) -> Vec<Column> {
        let column = |tightest: &Tightest| {
            let file = tightest.group.usage_file();
            // The name of the file alone: the folders above it are the machine's own business.
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Column::new(&ENCLOSING, format!("{name}, with a limit of {} MiB", tightest.limit >> 20))
        };
        self.tightest.iter().map(column).collect()
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        if let Some(usage) = self.tightest.as_ref().and_then(|tightest| tightest.usage.number()) {
            row.set(&ENCLOSING, usage);
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
        conclusion.evidence.extend(self.tightest.as_ref().and_then(Tightest::reached));
    }
}

impl Tightest {
    /// That its limit was in the way of somebody.
    fn reached(&self) -> Option<Evidence> {
        let hits = self.group.limit_hits()?.saturating_sub(self.hits_before?);
        let (limit, group) = (self.limit >> 20, self.group.path.display());
        (hits > 0).then(|| {
            let detail = format!("{limit} MiB in {group}, reached {hits} times");
            Evidence::fired("the limit of the control group around it", detail)
        })
    }
}
