//! The huge pages that the administrator set aside and the run's control group uses: no other number of the group
//! includes them.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&HUGETLB];

static HUGETLB: Metric = Metric::bytes(
    "cgroup_hugetlb",
    "huge pages of the machine's pool (hugetlb) that the run's control group uses",
);

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

/// A file for each size of pages.
pub(super) struct HugePages(Vec<ProcFile>);

pub(super) fn open(target: &Target<'_>) -> Result<Option<HugePages>> {
    let Some(group) = &target.running.cgroup else { return Ok(None) };
    let files = files(&group.path);
    Ok((!files.is_empty()).then_some(HugePages(files)))
}

/// The files with what a group uses now; none if its hierarchy hasn't this controller, as in version 1.
fn files(group: &Path) -> Vec<ProcFile> {
    let is_usage = |name: &str| {
        let mut words = name.split('.');
        words.next() == Some("hugetlb") && words.next().is_some() && words.eq(["current"])
    };
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    let usage = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_usage));
    usage.filter_map(|entry| ProcFile::open(entry.path())).collect()
}

impl Source for HugePages {
    fn columns(&self) -> Vec<Column> {
        vec![Column::new(&HUGETLB, "sum of hugetlb.SIZE.current")]
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        row.set(&HUGETLB, self.0.iter().filter_map(ProcFile::number).sum());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_summed_over_the_sizes_and_what_is_reserved_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("hugetlb.2MB.current", "4194304\n");
        write("hugetlb.1GB.current", "1073741824\n");
        write("hugetlb.2MB.rsvd.current", "8\n");
        write("hugetlb.2MB.max", "16\n");
        write("memory.current", "32\n");
        let sizes = files(folder.path());
        assert_eq!(sizes.iter().filter_map(ProcFile::number).sum::<u64>(), (1 << 30) + (4 << 20));
    }
}
