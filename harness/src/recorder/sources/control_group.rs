//! All memory that is charged to the run's control group, and the kernel's own high-water mark of it.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::model::metric::Metric;
use crate::model::outcome::{Evidence, OomKills};
use crate::recorder::procfile::{self, ProcFile};
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};
use crate::sandbox::cgroup::Group;
use crate::sandbox::{Mode, Running};

pub(super) const METRICS: &[&Metric] = &[&CGROUP];

pub(in crate::recorder) static CGROUP: Metric =
    Metric::bytes("cgroup", "all memory charged to the run's control group");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Interval, budget: Budget::Free };

pub(super) struct ControlGroup {
    group: Group,
    usage: ProcFile,
    peak: Option<Peak>,
    mode: Mode,
}

/// The kernel's high-water mark, which is reset at each sample if the kernel allows it.
struct Peak {
    file: File,
    resets: bool,
    highest: u64,
}

pub(super) fn open(target: &Target<'_>) -> Result<Option<ControlGroup>> {
    let Running { cgroup, mode, .. } = target.running;
    let Some(group) = cgroup else { return Ok(None) };
    let path = group.usage_file();
    let usage = ProcFile::open(&path).with_context(|| path.display().to_string())?;
    let peak = Peak::open(&group.peak_file());
    Ok(Some(ControlGroup { group: group.clone(), usage, peak, mode: *mode }))
}

/// Whether the kernel keeps a peak of the whole run that can be reset at each sample.
pub(in crate::recorder) fn keeps_peaks(running: &Running) -> bool {
    let peak = running.cgroup.as_ref().and_then(|group| Peak::open(&group.peak_file()));
    peak.is_some_and(|peak| peak.resets)
}

impl Source for ControlGroup {
    fn columns(&self) -> Vec<Column> {
        // The names of the files alone: the folders above them are the machine's own business.
        let name = |path: PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let resets = self.peak.as_ref().is_some_and(|peak| peak.resets);
        let peaks = resets.then(|| format!("{}, reset at each sample", name(self.group.peak_file())));
        vec![Column::new(&CGROUP, name(self.group.usage_file())).with_peaks(peaks)]
    }

    fn sample(&mut self, _: &mut View<'_>, row: &mut Row) {
        let Some(usage) = self.usage.number() else { return };
        let peak = self.peak.as_mut().and_then(|peak| peak.take(usage));
        row.set_with_peak(&CGROUP, usage, peak);
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        conclusion.oom = match self.group.oom_kills() {
            (source, Ok(count)) => OomKills::Counted { source, count },
            (source, Err(error)) => OomKills::Unknown(format!("{source}: {error}")),
        };
        if let Some(peak) = &self.peak {
            conclusion.peaks.insert(CGROUP.name.to_owned(), peak.highest);
        }
        conclusion.evidence.extend(self.leftovers());
    }
}

impl ControlGroup {
    /// How many processes are left in the group of a run that is only watched; they go on.
    fn leftovers(&self) -> Option<Evidence> {
        let procs = ProcFile::open(self.group.procs_file()).filter(|_| self.mode == Mode::Watched)?;
        let count = procs.read(|text| Some(procfile::pids(text).len()))?;
        (count > 0).then(|| Evidence::fired("processes that go on", count.to_string()))
    }
}

impl Peak {
    /// `None` if the kernel keeps no peak: version 2 before Linux 5.19.
    fn open(path: &Path) -> Option<Self> {
        let writable = OpenOptions::new().read(true).write(true).open(path);
        let (file, resets) = match writable {
            // Version 1 since 2.6; version 2 since Linux 6.12, for this descriptor alone.
            Ok(file) => {
                let resets = (&file).write_all(b"0").is_ok();
                (file, resets)
            }
            Err(_) => (File::open(path).ok()?, false),
        };
        Some(Peak { file, resets, highest: 0 })
    }

    /// The peak since the last sample; `None` if it can't be reset.
    fn take(&mut self, usage: u64) -> Option<u64> {
        let peak = self.number().unwrap_or(0).max(usage);
        self.highest = self.highest.max(peak);
        // A peak equal to the current use is the value that a reset would give.
        if self.resets && peak > usage {
            let _ = self.file.write_at(b"0", 0);
        }
        self.resets.then_some(peak)
    }

    fn number(&self) -> Option<u64> {
        let mut text = [0; 32];
        let length = self.file.read_at(&mut text, 0).ok()?;
        std::str::from_utf8(&text[..length]).ok()?.trim().parse().ok()
    }
}
