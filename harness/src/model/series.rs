//! Metrics over time: the samples, and the high-water marks between them.

use std::collections::BTreeMap;

/// Metrics that were read together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Track {
    /// When each sample was taken, in microseconds.
    pub t: Vec<u64>,
    /// The samples of each metric, as many as there are times.
    pub columns: BTreeMap<String, Column>,
}

/// The samples of one metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    /// The value at each sample.
    pub values: Vec<u64>,
    /// For each sample, the highest value since the sample before it, where the kernel keeps one.
    pub peaks: Option<Vec<u64>>,
}

/// One metric over time.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// When each sample was taken, in microseconds.
    pub t: &'a [u64],
    /// The values, as many as the times.
    pub v: &'a [u64],
    /// For each sample, its high-water mark: the highest value since the sample before it. `None` where
    /// nothing but the samples is known.
    pub peaks: Option<&'a [u64]>,
}

impl<'a> Series<'a> {
    /// No samples at all.
    pub(crate) const EMPTY: Series<'static> = Series { t: &[], v: &[], peaks: None };

    /// The last value at or before `t`; `None` before the first sample.
    pub fn at(&self, t: u64) -> Option<u64> {
        let after = self.t.partition_point(|&time| time <= t);
        after.checked_sub(1).map(|index| self.v[index])
    }

    /// The samples from `begin` to `end`, both included.
    pub fn between(&self, begin: u64, end: u64) -> Self {
        let first = self.t.partition_point(|&time| time < begin);
        let last = self.t.partition_point(|&time| time <= end).max(first);
        let peaks = self.peaks.map(|peaks| &peaks[first..last]);
        Series { t: &self.t[first..last], v: &self.v[first..last], peaks }
    }

    /// The highest value that is known of each sample: its high-water mark, or its value.
    pub(crate) fn highs(&self) -> impl Iterator<Item = u64> + 'a {
        let (values, peaks) = (self.v, self.peaks);
        values.iter().enumerate().map(move |(index, &value)| {
            peaks.and_then(|peaks| peaks.get(index)).map_or(value, |&peak| peak.max(value))
        })
    }

    /// The highest value, high-water marks included, and the time of the first sample that has it.
    pub fn peak(&self) -> Option<(u64, u64)> {
        let peak = self.highs().max()?;
        let index = self.highs().position(|high| high == peak)?;
        Some((self.t[index], peak))
    }
}

impl Column {
    /// The samples with their times.
    pub(crate) fn series<'a>(&'a self, t: &'a [u64]) -> Series<'a> {
        Series { t, v: &self.values, peaks: self.peaks.as_deref() }
    }
}

impl Track {
    /// Adds the samples of a later block.
    ///
    /// # Errors
    ///
    /// Says which column doesn't fit the times, or the block before.
    pub(super) fn append(&mut self, later: Track) -> Result<(), String> {
        for (name, column) in &later.columns {
            let lengths = [Some(&column.values), column.peaks.as_ref()];
            let uneven = lengths.into_iter().flatten().find(|values| values.len() != later.t.len());
            if let Some(values) = uneven {
                return Err(format!("{} samples of {name} for {} times", values.len(), later.t.len()));
            }
        }
        if self.columns.is_empty() {
            *self = later;
            return Ok(());
        }
        let shape = |track: &Track| -> Vec<(String, bool)> {
            track.columns.iter().map(|(name, column)| (name.clone(), column.peaks.is_some())).collect()
        };
        if shape(self) != shape(&later) {
            return Err("a block with other metrics than the one before".into());
        }
        self.t.extend(later.t);
        for (mine, theirs) in self.columns.values_mut().zip(later.columns.into_values()) {
            mine.values.extend(theirs.values);
            if let (Some(mine), Some(theirs)) = (&mut mine.peaks, theirs.peaks) {
                mine.extend(theirs);
            }
        }
        Ok(())
    }

    /// Makes two samples of every four: the lowest and the highest value of each metric. So no peak is
    /// lost, and no valley; which came first among four neighbours is.
    pub(super) fn halve(&mut self) {
        let ends = |four: &[u64]| [four[0], four[3]];
        let extremes = |four: &[u64]| {
            let (low, high) = four.iter().fold((u64::MAX, 0), |(low, high), &v| (v.min(low), v.max(high)));
            [low, high]
        };
        halve(&mut self.t, ends);
        for column in self.columns.values_mut() {
            halve(&mut column.values, extremes);
            column.peaks.iter_mut().for_each(|peaks| halve(peaks, extremes));
        }
    }
}

/// Puts two values in the place of every four, and leaves the rest as it is.
fn halve(values: &mut Vec<u64>, two_of: impl Fn(&[u64]) -> [u64; 2]) {
    let whole = values.len() / 4;
    for index in 0..whole {
        let two = two_of(&values[4 * index..4 * index + 4]);
        values[2 * index..2 * index + 2].copy_from_slice(&two);
    }
    values.drain(2 * whole..4 * whole);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_read_at_a_time_and_between_two() {
        let series = Series { t: &[10, 20, 30], v: &[1, 2, 3], peaks: None };
        assert_eq!(
            (series.at(9), series.at(10), series.at(29), series.at(99)),
            (None, Some(1), Some(2), Some(3))
        );
        assert_eq!(series.between(11, 30).v, [2, 3]);
        assert!(series.between(31, 9).v.is_empty());
    }

    #[test]
    fn a_peak_counts_the_high_water_marks_between_the_samples() {
        let series = Series { t: &[10, 20, 30], v: &[1, 2, 3], peaks: Some(&[1, 90, 3]) };
        assert_eq!(series.peak(), Some((20, 90)));
        assert_eq!(series.between(21, 30).peak(), Some((30, 3)));
        assert_eq!(Series { peaks: None, ..series }.peak(), Some((30, 3)));
        assert_eq!(Series::EMPTY.peak(), None);
    }

    #[test]
    fn thinning_keeps_the_peaks_of_samples_and_of_marks() {
        let column = Column { values: vec![1, 5, 2, 3, 7], peaks: Some(vec![1, 5, 60, 3, 7]) };
        let mut track =
            Track { t: vec![0, 1, 2, 3, 4], columns: BTreeMap::from([("cgroup".into(), column)]) };
        track.halve();
        assert_eq!(track.t, [0, 3, 4]);
        let column = &track.columns["cgroup"];
        assert_eq!((&column.values[..], column.peaks.as_deref()), (&[1, 5, 7][..], Some(&[1, 60, 7][..])));
    }
}
