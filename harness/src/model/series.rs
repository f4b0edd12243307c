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
    /// For each sample, the highest value since the sample before it, if the kernel keeps one.
    pub peaks: Option<Vec<u64>>,
    /// If some of the samples stand for several that were merged: what those had.
    pub merged: Option<Merged>,
}

/// The lowest and the highest of the samples that one stands for. Of one that stands for itself alone, both are
/// its value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// The lowest of each.
    pub lows: Vec<u64>,
    /// The highest of each, without high-water marks.
    pub highs: Vec<u64>,
}

/// One metric over time.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// When each sample was taken, in microseconds.
    pub t: &'a [u64],
    /// The values, as many as the times.
    pub v: &'a [u64],
    /// For each sample, its high-water mark: the highest value since the sample before it. `None` if
    /// nothing but the samples is known.
    pub peaks: Option<&'a [u64]>,
    /// The lowest of the samples that each stands for; `None` if no samples were merged.
    pub(crate) lows: Option<&'a [u64]>,
    /// The highest of them, without high-water marks.
    pub(crate) highs: Option<&'a [u64]>,
}

impl<'a> Series<'a> {
    /// No samples at all.
    pub(crate) const EMPTY: Series<'static> = Series::of(&[], &[]);

    /// Samples, of which nothing but their values is known.
    pub const fn of(t: &'a [u64], v: &'a [u64]) -> Self {
        Series { t, v, peaks: None, lows: None, highs: None }
    }

    /// The last value at or before `t`; `None` before the first sample.
    pub fn at(&self, t: u64) -> Option<u64> {
        let after = self.t.partition_point(|&time| time <= t);
        after.checked_sub(1).map(|index| self.v[index])
    }

    /// The samples from `begin` to `end`, both included.
    pub fn between(&self, begin: u64, end: u64) -> Self {
        let first = self.t.partition_point(|&time| time < begin);
        let last = self.t.partition_point(|&time| time <= end).max(first);
        let cut = |values: Option<&'a [u64]>| values.map(|values| &values[first..last]);
        Series {
            t: &self.t[first..last],
            v: &self.v[first..last],
            peaks: cut(self.peaks),
            lows: cut(self.lows),
            highs: cut(self.highs),
        }
    }

    /// The lowest value of each sample, or of those that it stands for.
    pub(crate) fn lows(&self) -> impl Iterator<Item = u64> + 'a {
        with(self.v.iter().copied(), self.lows, u64::min)
    }

    /// The highest value of each sample, or of those that it stands for, without high-water marks.
    pub(crate) fn sampled_highs(&self) -> impl Iterator<Item = u64> + 'a {
        with(self.v.iter().copied(), self.highs, u64::max)
    }

    /// The highest value that is known of each sample, high-water marks included.
    pub(crate) fn highs(&self) -> impl Iterator<Item = u64> + 'a {
        with(self.sampled_highs(), self.peaks, u64::max)
    }

    /// The highest value, high-water marks included, and the time of the first sample that has it.
    pub fn peak(&self) -> Option<(u64, u64)> {
        let peak = self.highs().max()?;
        let index = self.highs().position(|high| high == peak)?;
        Some((self.t[index], peak))
    }
}

/// Values, each with what else is known of its sample taken into account.
fn with<'a>(
    values: impl Iterator<Item = u64> + 'a,
    known: Option<&'a [u64]>,
    choose: fn(u64, u64) -> u64,
) -> impl Iterator<Item = u64> + 'a {
    let known = move |index: usize| known?.get(index).copied();
    values.enumerate().map(move |(index, value)| known(index).map_or(value, |other| choose(value, other)))
}

impl Column {
    /// Nothing yet of a metric with high-water marks or without.
    pub(crate) fn empty(has_peaks: bool) -> Self {
        Column { values: Vec::new(), peaks: has_peaks.then(Vec::new), merged: None }
    }

    /// The samples with their times.
    pub(crate) fn series<'a>(&'a self, t: &'a [u64]) -> Series<'a> {
        let merged = self.merged.as_ref();
        Series {
            t,
            v: &self.values,
            peaks: self.peaks.as_deref(),
            lows: merged.map(|merged| &merged.lows[..]),
            highs: merged.map(|merged| &merged.highs[..]),
        }
    }

    /// Everything that there must be one of for each sample.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        let merged = self.merged.iter().flat_map(|merged| [&merged.lows, &merged.highs]);
        std::iter::once(&self.values).chain(&self.peaks).chain(merged).map(Vec::len)
    }

    fn append(&mut self, later: Column) {
        if self.merged.is_some() || later.merged.is_some() {
            let alone = |values: &[u64]| Merged { lows: values.to_vec(), highs: values.to_vec() };
            let theirs = later.merged.unwrap_or_else(|| alone(&later.values));
            let mine = self.merged.get_or_insert_with(|| alone(&self.values));
            mine.lows.extend(theirs.lows);
            mine.highs.extend(theirs.highs);
        }
        self.values.extend(later.values);
        if let (Some(mine), Some(theirs)) = (&mut self.peaks, later.peaks) {
            mine.extend(theirs);
        }
    }

    /// The same with one sample for each of these runs of samples, given by their ends.
    fn merge(&mut self, ends: &[usize]) {
        let runs = || std::iter::once(0).chain(ends.iter().copied()).zip(ends.iter().copied());
        let extreme = |values: &[u64], choose: fn(u64, u64) -> u64| -> Vec<u64> {
            runs()
                .map(|(begin, end)| values[begin..end].iter().copied().reduce(choose).unwrap_or_default())
                .collect()
        };
        let merged = self.merged.as_ref();
        let lows = extreme(merged.map_or(&self.values, |merged| &merged.lows), u64::min);
        let highs = extreme(merged.map_or(&self.values, |merged| &merged.highs), u64::max);
        self.merged = Some(Merged { lows, highs });
        self.peaks = self.peaks.as_ref().map(|peaks| extreme(peaks, u64::max));
        self.values = ends.iter().map(|&end| self.values[end - 1]).collect();
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
            if let Some(length) = column.lengths().find(|&length| length != later.t.len()) {
                return Err(format!("{length} samples of {name} for {} times", later.t.len()));
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
            mine.append(theirs);
        }
        Ok(())
    }

    /// Merges the samples before a time, so that some `most` of them are left: each stands for all in a stretch of
    /// time, with their last value, the lowest, the highest, and the highest of their high-water marks. So no peak
    /// is lost, and no valley; what is lost is when in the stretch it was.
    pub(super) fn merge(&mut self, before: u64, most: usize) {
        let old = self.t.partition_point(|&t| t < before);
        if old <= most {
            return;
        }
        let reach = self.t[old - 1] - self.t[0];
        // A power of two, so samples merged before fall into the same stretches or into their doubles.
        let stretch = (reach / (most as u64).max(1) + 1).checked_next_power_of_two().unwrap_or(u64::MAX);
        let ends = |index: &usize| *index >= old || self.t[index - 1] / stretch != self.t[*index] / stretch;
        let ends: Vec<usize> = (1..self.t.len()).filter(ends).chain([self.t.len()]).collect();
        self.columns.values_mut().for_each(|column| column.merge(&ends));
        self.t = ends.iter().map(|&end| self.t[end - 1]).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_series_is_read_at_a_time_and_between_two() {
        let series = Series::of(&[10, 20, 30], &[1, 2, 3]);
        assert_eq!(
            (series.at(9), series.at(10), series.at(29), series.at(99)),
            (None, Some(1), Some(2), Some(3))
        );
        assert_eq!(series.between(11, 30).v, [2, 3]);
        assert!(series.between(31, 9).v.is_empty());
    }

    #[test]
    fn a_peak_counts_the_high_water_marks_between_the_samples() {
        let series = Series { peaks: Some(&[1, 90, 3]), ..Series::of(&[10, 20, 30], &[1, 2, 3]) };
        assert_eq!(series.peak(), Some((20, 90)));
        assert_eq!(series.between(21, 30).peak(), Some((30, 3)));
        assert_eq!(Series { peaks: None, ..series }.peak(), Some((30, 3)));
        assert_eq!(Series::EMPTY.peak(), None);
    }

    #[test]
    fn merging_keeps_the_last_value_the_extremes_and_the_marks_and_leaves_what_is_later() {
        let column =
            Column { values: vec![1, 5, 2, 3, 7], peaks: Some(vec![1, 5, 60, 3, 7]), ..Column::default() };
        let mut track =
            Track { t: vec![0, 1, 2, 3, 4], columns: BTreeMap::from([("cgroup".into(), column)]) };
        track.merge(4, 2);
        assert_eq!(track.t, [1, 3, 4]);
        let series = track.columns["cgroup"].series(&track.t);
        assert_eq!((series.v, series.peaks), (&[5, 3, 7][..], Some(&[5, 60, 7][..])));
        assert_eq!(series.lows().collect::<Vec<_>>(), [1, 2, 7]);
        assert_eq!(series.sampled_highs().collect::<Vec<_>>(), [5, 3, 7]);
        assert_eq!(series.peak(), Some((3, 60)));
    }

    proptest! {
        #[test]
        fn however_often_samples_are_merged_no_extreme_is_lost(
            steps in proptest::collection::vec((0u64..1000, any::<u64>(), any::<u64>()), 2..300),
            (most, cut, before) in (1usize..40, 1usize..300, any::<u64>()),
        ) {
            let times = steps.iter().scan(0, |t, step| { *t += step.0; Some(*t) });
            let samples: Vec<(u64, u64, u64)> =
                times.zip(&steps).map(|(t, step)| (t, step.1, step.1.max(step.2))).collect();
            let track = |samples: &[(u64, u64, u64)]| {
                let values = samples.iter().map(|sample| sample.1).collect();
                let peaks = Some(samples.iter().map(|sample| sample.2).collect());
                let column = Column { values, peaks, merged: None };
                let t = samples.iter().map(|sample| sample.0).collect();
                Track { t, columns: BTreeMap::from([("cgroup".into(), column)]) }
            };
            let (early, late) = samples.split_at(cut.min(samples.len()));
            let mut merged = track(early);
            merged.merge(before, most);
            merged.append(track(late)).unwrap();
            merged.merge(before, most);
            let (whole, parts) = (track(&samples), &merged.columns["cgroup"]);
            let (whole, parts) = (whole.columns["cgroup"].series(&whole.t), parts.series(&merged.t));
            prop_assert_eq!(parts.lows().min(), whole.lows().min());
            prop_assert_eq!(parts.sampled_highs().max(), whole.sampled_highs().max());
            prop_assert_eq!(parts.highs().max(), whole.highs().max());
            prop_assert_eq!(parts.v.last(), whole.v.last());
            let old = |series: &Series<'_>| series.t.iter().filter(|&&t| t < before).count();
            prop_assert!(old(&parts) <= (most + 2).max(old(&whole).min(most)));
            prop_assert_eq!(parts.t.len() - old(&parts), whole.t.len() - old(&whole));
        }
    }
}
