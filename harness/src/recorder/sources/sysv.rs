//! Segments of System V shared memory (sysvipc(7)): no process owns them, and they stay until somebody removes them.

use std::collections::BTreeSet;

use anyhow::{Context, Result};

use crate::model::metric::Metric;
use crate::model::record::SysvSegment;
use crate::recorder::procfile::ProcFile;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&SYSV_SHM, &SYSV_SEGMENTS];

pub(in crate::recorder) static SYSV_SHM: Metric =
    Metric::bytes("sysv_shm", "memory in the run's System V shared memory segments, attached or not");
static SYSV_SEGMENTS: Metric = Metric::count("sysv_segments", "the run's System V shared memory segments");

// It looks at no process, so it's read at the end too: what nobody removes is there then.
pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Second, budget: Budget::Free };

/// The source: it also remembers the moment when the segments took most.
pub(super) struct Segments {
    table: ProcFile,
    /// Whether the table is of the run alone.
    is_own: bool,
    /// If it isn't, all processes of the run that were seen.
    seen: BTreeSet<i32>,
    most: u64,
    largest: Vec<SysvSegment>,
}

/// So many of the largest segments are described.
const DESCRIBED: usize = 10;

pub(super) fn open(target: &Target<'_>) -> Result<Option<Segments>> {
    // The table shows the namespace of whoever has opened it. The supervisor has, in that of the run.
    let own = target.running.sysv.as_ref().map(|table| table.try_clone().context("the table of segments"));
    let (is_own, own) = (own.is_some(), own.transpose()?.map(ProcFile::from));
    let table = own.or_else(|| ProcFile::open("/proc/sysvipc/shm"));
    Ok(table.map(|table| Segments { table, is_own, seen: BTreeSet::new(), most: 0, largest: Vec::new() }))
}

impl Source for Segments {
    fn columns(&self) -> Vec<Column> {
        let from = if self.is_own {
            "/proc/sysvipc/shm of the run's namespace"
        } else {
            "/proc/sysvipc/shm, what processes of the run have made"
        };
        vec![Column::new(&SYSV_SHM, from), Column::new(&SYSV_SEGMENTS, from)]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        if !self.is_own {
            self.seen.extend(view.members.pids());
        }
        let Some(mut segments) = self.table.table(segments) else { return };
        segments.retain(|segment| self.is_own || self.seen.contains(&segment.creator));
        let bytes = segments.iter().map(|segment| segment.resident).sum();
        row.set(&SYSV_SHM, bytes);
        row.set(&SYSV_SEGMENTS, segments.len() as u64);
        // Of moments with as much, the last one says which of the creators are gone by then.
        if bytes >= self.most && !segments.is_empty() {
            self.most = bytes;
            segments.sort_by_key(|segment| std::cmp::Reverse(segment.resident));
            segments.truncate(DESCRIBED);
            for segment in &mut segments {
                segment.creator_is_alive = view.members.pids().any(|pid| pid == segment.creator);
            }
            self.largest = segments;
        }
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        conclusion.sysv_segments = std::mem::take(&mut self.largest);
    }
}

/// The segments of a table (proc_sysvipc(5)).
fn segments(table: &str) -> Option<Vec<SysvSegment>> {
    let mut lines = table.lines();
    let heads: Vec<&str> = lines.next()?.split_whitespace().collect();
    let place = |name: &str| heads.iter().position(|head| *head == name);
    let places = [place("shmid")?, place("size")?, place("rss")?, place("nattch")?, place("cpid")?];
    let segment = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [id, bytes, resident, attached, creator] =
            places.map(|place| fields.get(place)?.parse::<u64>().ok());
        Some(SysvSegment {
            id: id?,
            bytes: bytes?,
            resident: resident?,
            attached: attached?,
            creator: i32::try_from(creator?).ok()?,
            creator_is_alive: false,
        })
    };
    Some(lines.filter_map(segment).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_the_names_of_its_columns() {
        let heads = "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap";
        let table = format!("{heads}\n 0 32769 1600 8388608 71 72 2 0 0 0 0 1 0 1 4194304 0\n");
        let segment = SysvSegment {
            id: 32769,
            bytes: 8 << 20,
            resident: 4 << 20,
            attached: 2,
            creator: 71,
            creator_is_alive: false,
        };
        assert_eq!(segments(&table), Some(vec![segment]));
        assert_eq!(segments(heads), Some(Vec::new()));
        assert_eq!((segments(""), segments("key shmid\n 0 1\n")), (None, None));
    }
}
