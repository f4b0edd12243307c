//! How the machine is: the memory that is left, and how long programs wait for some.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&AVAILABLE, &PRESSURE];

pub(in crate::recorder) static AVAILABLE: Metric =
    Metric::bytes("host_available", "memory of the machine that is available to new programs");
static PRESSURE: Metric = Metric::time("pressure", "time in which at least one program waited for memory");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Host {
    meminfo: Option<ProcFile>,
    pressure: Option<ProcFile>,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Host>> {
    let group = target.running.cgroup.as_ref();
    let pressure = group.and_then(|group| ProcFile::open(group.path.join("memory.pressure")));
    Ok(Some(Host {
        meminfo: ProcFile::open("/proc/meminfo"),
        pressure: pressure.or_else(|| ProcFile::open("/proc/pressure/memory")),
    }))
}

impl Source for Host {
    fn columns(&self) -> Vec<Column> {
        let pressure = "the total of some in memory.pressure or /proc/pressure/memory";
        let available =
            self.meminfo.as_ref().map(|_| Column::new(&AVAILABLE, "MemAvailable in /proc/meminfo"));
        let pressure = self.pressure.as_ref().map(|_| Column::new(&PRESSURE, pressure));
        available.into_iter().chain(pressure).collect()
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        let available = |text: &str| Some(procfile::lines(text, ["MemAvailable:"])[0] * 1024);
        if let Some(bytes) = self.meminfo.as_ref().and_then(|file| file.read(available)) {
            row.set(&AVAILABLE, bytes);
        }
        if let Some(micros) = self.pressure.as_ref().and_then(|file| file.read(procfile::pressure)) {
            row.set(&PRESSURE, micros);
        }
    }
}
