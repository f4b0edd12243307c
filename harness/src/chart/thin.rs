//! Many samples under few columns of a picture.

use super::Curve;
use crate::model::series::Series;

/// What a metric did while the time of one column went by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its lowest value.
    pub(super) low: u64,
    /// Its highest value, peaks between samples included.
    pub(super) high: u64,
    /// Its value at the end of the column.
    pub(super) last: u64,
}

/// What the curve did in each of `columns` equal parts of the time from 0 to `span` microseconds.
///
/// `None` stands before the first sample and after the end of the run. A value is kept until the
/// next sample, so the extent of a column reaches to the last value of the column before it.
pub(super) fn thin(curve: &Curve, span: u64, columns: usize) -> Vec<Option<Extent>> {
    let mut extents: Vec<Option<Extent>> = vec![None; columns];
    if columns == 0 {
        return extents;
    }
    let mut end = column(curve.end, span, columns);
    let Series { t, v, .. } = curve.series;
    for ((&t, &last), (low, high)) in t.iter().zip(v).zip(curve.series.lows().zip(curve.series.highs())) {
        let at = column(t, span, columns);
        let extent = extents[at].get_or_insert(Extent { low, high, last });
        *extent = Extent { low: extent.low.min(low), high: extent.high.max(high), last };
        end = end.max(at);
    }
    let mut kept: Option<u64> = None;
    for extent in &mut extents[..=end] {
        if let Some(value) = kept {
            let extent = extent.get_or_insert(Extent { low: value, high: value, last: value });
            extent.low = extent.low.min(value);
            extent.high = extent.high.max(value);
        }
        kept = extent.map(|extent| extent.last);
    }
    extents
}

/// The column in which a time falls; the very end belongs to the last one.
pub(super) fn column(t: u64, span: u64, columns: usize) -> usize {
    let at = t as f64 * (columns as f64 / span.max(1) as f64);
    (at as usize).min(columns.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve<'a>(t: &'a [u64], v: &'a [u64], peaks: Option<&'a [u64]>, end: u64) -> Curve<'a> {
        Curve {
            label: String::new(),
            series: Series { peaks, ..Series::of(t, v) },
            peak: None,
            end,
            marks: &[],
        }
    }

    fn flat(value: u64) -> Option<Extent> {
        Some(Extent { low: value, high: value, last: value })
    }

    #[test]
    fn a_value_is_kept_from_its_sample_to_the_next_and_the_last_one_to_the_end() {
        let extents = thin(&curve(&[20, 50], &[7, 9], None, 70), 100, 10);
        let step = Some(Extent { low: 7, high: 9, last: 9 });
        let expected = [None, None, flat(7), flat(7), flat(7), step, flat(9), flat(9), None, None];
        assert_eq!(extents, expected);
    }

    #[test]
    fn a_peak_between_two_samples_is_in_the_column_of_the_later_one() {
        let extents = thin(&curve(&[0, 50], &[1, 1], Some(&[1, 640]), 100), 100, 4);
        assert_eq!(extents[1], flat(1));
        assert_eq!(extents[2], Some(Extent { low: 1, high: 640, last: 1 }));
    }

    proptest! {
        #[test]
        fn thinning_keeps_the_highest_and_the_lowest_value(
            samples in proptest::collection::vec((0u64..1_000_000, any::<u64>()), 1..500),
            columns in 1usize..300,
            end in any::<u64>(),
        ) {
            let mut times: Vec<u64> = samples.iter().map(|sample| sample.0).collect();
            times.sort_unstable();
            let values: Vec<u64> = samples.iter().map(|sample| sample.1).collect();
            let span = end.max(*times.last().unwrap());
            let extents = thin(&curve(&times, &values, None, end), span, columns);
            let seen = || extents.iter().flatten();
            prop_assert_eq!(seen().map(|extent| extent.high).max(), values.iter().max().copied());
            prop_assert_eq!(seen().map(|extent| extent.low).min(), values.iter().min().copied());
        }

        #[test]
        fn no_samples_make_thinning_panic(
            t in proptest::collection::vec(any::<u64>(), 0..20),
            v in proptest::collection::vec(any::<u64>(), 0..20),
            peaks in proptest::collection::vec(any::<u64>(), 0..20),
            (end, span) in (any::<u64>(), any::<u64>()),
            columns in 0usize..50,
        ) {
            prop_assert_eq!(thin(&curve(&t, &v, Some(&peaks), end), span, columns).len(), columns);
        }
    }
}
