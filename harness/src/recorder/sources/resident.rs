//! The resident memory of the run's processes, summed, with their high-water marks.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::members::Resident;
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&PROCESSES, &RSS, &ANON, &ROOT_ANON];

pub(in crate::recorder) static PROCESSES: Metric = Metric::count("processes", "processes of the run");
static RSS: Metric =
    Metric::bytes("rss", "resident memory, summed over the processes; a shared page counts once for each");
pub(in crate::recorder) static ANON: Metric =
    Metric::bytes("anon", "anonymous memory, summed over the processes");
static ROOT_ANON: Metric = Metric::bytes("root_anon", "anonymous memory of the first process");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Interval, budget: Budget::Cheap };

pub(super) struct Sums {
    members: &'static str,
    resets_marks: bool,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Sums>> {
    Ok(Some(Sums { members: target.members, resets_marks: target.resets_marks }))
}

impl Source for Sums {
    fn columns(&self) -> Vec<Column> {
        let sum = |what: &str| format!("sum of {what}, over {}", self.members);
        let peaks = sum("VmHWM in /proc/PID/status, reset through clear_refs");
        let first = "resident memory less shared of the first process, from its statm";
        vec![
            Column::new(&RSS, sum("resident memory in /proc/PID/statm"))
                .with_peaks(self.resets_marks.then_some(peaks)),
            Column::new(&ANON, sum("resident memory less shared in /proc/PID/statm")),
            Column::new(&ROOT_ANON, first),
            Column::new(&PROCESSES, self.members),
        ]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let Resident { rss, rss_peak, anon, root_anon, processes } = view.members.resident();
        row.set_with_peak(&RSS, rss, self.resets_marks.then_some(rss_peak));
        row.set(&ANON, anon);
        row.set(&ROOT_ANON, root_anon);
        row.set(&PROCESSES, processes);
    }
}
