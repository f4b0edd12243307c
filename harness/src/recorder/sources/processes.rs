//! What the kernel counts for each process of the run, summed: mapped files, page faults, processor time,
//! bytes from and to disks.

use anyhow::Result;

use crate::model::metric::Metric;
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::source::{Budget, Column, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] =
    &[&FILE, &SHMEM, &MINOR_FAULTS, &MAJOR_FAULTS, &CHILDREN_MINOR_FAULTS, &CPU, &DISK_READ, &DISK_WRITTEN];

static FILE: Metric = Metric::bytes("file", "resident pages of files, summed over the processes");
pub(in crate::recorder) static SHMEM: Metric =
    Metric::bytes("shmem", "resident pages of shared memory, summed over the processes");
static MINOR_FAULTS: Metric =
    Metric::count("minor_faults", "page faults that needed no disk, of all processes");
static MAJOR_FAULTS: Metric =
    Metric::count("major_faults", "page faults that waited for the disk, of all processes");
static CHILDREN_MINOR_FAULTS: Metric =
    Metric::count("children_minor_faults", "page faults that needed no disk, of all processes but the first");
static CPU: Metric =
    Metric::time("cpu", "processor time of the processes that live, summed: other programs do not add to it");
static DISK_READ: Metric = Metric::bytes("disk_read", "bytes read from disks, summed over the processes");
static DISK_WRITTEN: Metric =
    Metric::bytes("disk_written", "bytes written to disks, summed over the processes");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Cheap };

pub(super) struct Counts {
    members: &'static str,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<Counts>> {
    Ok(Some(Counts { members: target.members }))
}

impl Source for Counts {
    fn columns(&self) -> Vec<Column> {
        let sum = |what: &str| format!("sum of {what}, over {}", self.members);
        vec![
            Column::new(&FILE, sum("RssFile in /proc/PID/status")),
            Column::new(&SHMEM, sum("RssShmem in /proc/PID/status")),
            Column::new(&MINOR_FAULTS, sum("minflt and cminflt in /proc/PID/stat")),
            Column::new(&MAJOR_FAULTS, sum("majflt and cmajflt in /proc/PID/stat")),
            Column::new(&CHILDREN_MINOR_FAULTS, "the same of minor faults, but for the first process"),
            Column::new(&CPU, "clock_getcpuclockid of the processes"),
            Column::new(&DISK_READ, sum("read_bytes in /proc/PID/io")),
            Column::new(&DISK_WRITTEN, sum("write_bytes in /proc/PID/io")),
        ]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let (mut mapped, mut faults, mut disk) = ([0; 2], [0; 3], [0; 2]);
        for pid in view.members.pids() {
            let read = |file: &str| ProcFile::open(format!("/proc/{pid}/{file}"));
            let fields = |text: &str| Some(procfile::lines(text, ["RssFile:", "RssShmem:"]));
            if let Some(kib) = read("status").and_then(|status| status.read(fields)) {
                add(&mut mapped, kib.map(|kib| kib * 1024));
            }
            if let Some([minor, of_dead, major, major_of_dead]) =
                read("stat").and_then(|stat| stat.read(procfile::faults))
            {
                let childrens = of_dead + if Some(pid) == view.members.root() { 0 } else { minor };
                add(&mut faults, [minor + of_dead, major + major_of_dead, childrens]);
            }
            let fields = |text: &str| Some(procfile::lines(text, ["read_bytes:", "write_bytes:"]));
            if let Some(bytes) = read("io").and_then(|io| io.read(fields)) {
                add(&mut disk, bytes);
            }
        }
        row.set(&FILE, mapped[0]);
        row.set(&SHMEM, mapped[1]);
        row.set(&MINOR_FAULTS, faults[0]);
        row.set(&MAJOR_FAULTS, faults[1]);
        row.set(&CHILDREN_MINOR_FAULTS, faults[2]);
        row.set(&CPU, view.members.cpu());
        row.set(&DISK_READ, disk[0]);
        row.set(&DISK_WRITTEN, disk[1]);
    }
}

fn add<const N: usize>(sums: &mut [u64; N], values: [u64; N]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}
