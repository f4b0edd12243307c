//! Files and segments in memory.

use super::{Growth, View, percent};
use crate::diagnosis::rule::{MIB, Measured, bytes};
use crate::model::outcome::Finding;
use crate::model::record::{OpenMemoryFile, SharedFolder, What};

impl View<'_> {
    /// The growth of a metric of files, from where it first has any.
    pub(in crate::diagnosis) fn growth(&self, metric: &str) -> Result<Growth, String> {
        let series = self.series(metric).ok_or_else(|| format!("the record has no {metric}"))?;
        self.growth_of(series)
    }

    /// The metric of memory in files without a name: if the run's own shared memory has no names in it, those there
    /// count as well.
    fn nameless_metric(&self) -> &'static str {
        match self.record.peak("shm_files") {
            Some(0) if self.series("open_memory_files").is_some() => "open_memory_files",
            _ => "memory_files_elsewhere",
        }
    }

    /// The most memory in files without a name.
    pub(in crate::diagnosis) fn nameless(&self) -> Measured {
        self.peak_of(self.nameless_metric())
    }

    /// In what time it went from a tenth of that to nine tenths, at least: by the sample before the latter.
    pub(in crate::diagnosis) fn nameless_growth(&self) -> Measured {
        let metric = self.nameless_metric();
        let Some(series) = self.series(metric) else { return Measured::not_recorded(metric) };
        let most = series.sampled_highs().max().unwrap_or(0);
        let first = |least: u64| series.sampled_highs().position(|high| high >= least.max(1));
        let time = |index: usize| series.t.get(index).copied().unwrap_or(0);
        match (first(most / 10), first(most / 10 * 9)) {
            (Some(begin), Some(end)) => {
                let before = time(end.saturating_sub(1));
                Measured::Known(before.saturating_sub(time(begin)), Some(before))
            }
            _ => Measured::known(0),
        }
    }

    /// How many hundredths of the most are there late in the run, before they are closed because it is over.
    pub(in crate::diagnosis) fn nameless_left(&self) -> Measured {
        let metric = self.nameless_metric();
        let end = self.record.duration();
        let late = end - end / 10;
        match (self.series(metric).and_then(|series| series.at(late)), self.nameless()) {
            (Some(left), Measured::Known(most, _)) => Measured::Known(percent(left, most), Some(late)),
            _ => Measured::not_recorded(metric),
        }
    }

    /// When the run's tmpfs had no free room, if it did.
    pub(in crate::diagnosis) fn tmpfs_full(&self) -> Measured {
        let full = self.record.events.iter().find(|event| matches!(event.what, What::Full(_)));
        if let Some(event) = full {
            return Measured::Known(1, Some(event.t));
        }
        let looked = self.record.trailer.iter().flat_map(|trailer| &trailer.evidence);
        let finding =
            looked.filter(|seen| seen.source.contains("tmpfs is full")).map(|seen| &seen.finding).next();
        if matches!(finding, Some(Finding::Fired(_))) {
            return Measured::known(1);
        }
        match (self.record.header.limits.tmpfs, self.series("tmpfs").and_then(|series| series.peak())) {
            // A write that fails gives back what it could have had.
            (Some(size), Some((at, used))) => Measured::Known(u64::from(used + size / 50 >= size), Some(at)),
            (Some(_), None) => Measured::not_recorded("tmpfs"),
            (None, _) if self.series("tmpfs").is_none() => Measured::not_recorded("tmpfs"),
            (None, _) => Measured::known(0),
        }
    }

    /// Whether it was inodes that the run's tmpfs lacked, and not pages.
    pub(in crate::diagnosis) fn lacked_inodes(&self) -> bool {
        let mut full = self.record.events.iter().filter_map(|event| match &event.what {
            What::Full(what) => Some(what.starts_with("inodes of")),
            _ => None,
        });
        full.clone().next().is_some() && full.all(|of_inodes| of_inodes)
    }

    /// How alike the files are, in hundredths: the smallest amount by which the tmpfs grew for each new file, of the
    /// largest amount. Or the median file, of the largest.
    pub(in crate::diagnosis) fn evenness(&self) -> Measured {
        if let Some(folder) = self.fullest_folder() {
            return Measured::known(percent(folder.typical, folder.largest));
        }
        let (Some(files), Some(tmpfs)) = (self.series("shm_files"), self.series("tmpfs")) else {
            return Measured::not_recorded("files in shared memory");
        };
        let mut rates = Vec::new();
        for (times, counts) in files.t.windows(2).zip(files.v.windows(2)) {
            let new = counts[1].saturating_sub(counts[0]);
            if let (Some(before), Some(after)) = (tmpfs.at(times[0]), tmpfs.at(times[1]))
                && new >= SOME_FILES
                && counts[0] > 0
            {
                rates.push(after.saturating_sub(before) / new);
            }
        }
        match (rates.iter().min(), rates.iter().max()) {
            (Some(&least), Some(&most)) => Measured::known(percent(least, most)),
            _ => Measured::not_recorded("sizes of the files in shared memory"),
        }
    }

    /// The folder of shared memory in which most was.
    pub(in crate::diagnosis) fn fullest_folder(&self) -> Option<&SharedFolder> {
        self.record.trailer.as_ref()?.shared_folders.first()
    }

    /// The bytes in files on the tmpfs whose makers were gone, and that nobody had open.
    pub(in crate::diagnosis) fn orphaned(&self) -> Measured {
        let Some(trailer) = &self.record.trailer else { return Measured::not_recorded("end") };
        if self.record.header.schema < 3 {
            return Measured::not_recorded("makers of files");
        }
        let gone = |folder: &SharedFolder| {
            let files: u64 =
                folder.makers.iter().filter(|maker| !maker.is_alive).map(|maker| maker.files).sum();
            (u128::from(folder.bytes) * u128::from(files) / u128::from(folder.files.max(1))) as u64
        };
        let orphaned: u64 = trailer.shared_folders.iter().map(gone).sum();
        // What only those have open who have ended since is nobody's.
        let is_held = |file: &&OpenMemoryFile| {
            let mut holders = file.holders.iter().chain(&file.mapped_by);
            !file.name.contains("memfd:") && holders.any(|&holder| !self.is_over(holder))
        };
        let open = trailer.open_memory_files.iter().filter(is_held);
        let orphaned = orphaned.saturating_sub(open.map(|file| file.bytes).sum());
        match trailer.shared_folders.iter().any(|folder| folder.of_unknown_makers > 0) {
            // There may be more of them.
            true if orphaned < 8 * MIB => Measured::not_recorded("makers of all files"),
            _ => Measured::known(orphaned),
        }
    }

    /// The least that was in the tmpfs in the last tenth of the run, in bytes.
    pub(in crate::diagnosis) fn left_in_tmpfs(&self) -> Measured {
        let Some(series) = self.series("tmpfs") else { return Measured::not_recorded("tmpfs") };
        let end = self.record.duration();
        // The last sample is taken when the program is over.
        let last = series.between(end - end / 10, u64::MAX);
        let last = if last.t.is_empty() { series.v.last().copied() } else { last.lows().min() };
        last.map_or_else(|| Measured::not_recorded("tmpfs"), Measured::known)
    }

    /// Whether shared memory, and not anonymous memory, is most of the peak.
    pub(in crate::diagnosis) fn is_mostly_shared(&self) -> bool {
        let shared = self.record.peak("tmpfs").max(self.record.peak("memory_files_elsewhere")).unwrap_or(0);
        self.peak.is_some_and(|peak| shared >= peak / 2 && shared >= 8 * MIB)
    }

    /// The holder of the files in memory: the folder, and the process that has the largest of them open.
    pub(in crate::diagnosis) fn files_holder(&self) -> Option<String> {
        if let Some(folder) = self.fullest_folder() {
            let makers: Vec<String> =
                folder.makers.iter().take(3).map(|maker| maker.pid.to_string()).collect();
            let by =
                if makers.is_empty() { String::new() } else { format!(", made by {}", makers.join(", ")) };
            return Some(format!("/dev/shm/{}{by}", folder.folder));
        }
        let file = self.record.trailer.as_ref()?.open_memory_files.first()?;
        let holders: Vec<String> = file.holders.iter().take(3).map(i32::to_string).collect();
        Some(format!("{}, open in {}", file.name, holders.join(", ")))
    }

    /// The files of the fullest folder, as an addition to a sentence.
    pub(in crate::diagnosis) fn files_text(&self) -> String {
        self.fullest_folder().map_or_else(String::new, |folder| {
            format!(
                " ({} files in /dev/shm/{}, half of them up to {})",
                folder.files,
                folder.folder,
                bytes(folder.typical)
            )
        })
    }
}

/// So many new files between two samples give a mean size.
const SOME_FILES: u64 = 4;
