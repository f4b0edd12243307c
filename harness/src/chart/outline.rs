//! A curve in few points, for programs that draw it themselves.

use super::{Curve, thin};

/// A change that's smaller than the curve's peak by this factor makes no separate step.
const FINENESS: u64 = 110;

/// The course of a curve as points in the order of time, each with a value that is kept until the next.
///
/// At no moment they are farther from the samples than a 110th of the curve's peak. Of what happens within one of
/// `columns` equal parts of the time from 0 to `span` microseconds, the lowest, the highest and the last are left.
/// A high-water mark is a separate point, at the time of its sample and before it. What is there when a phase
/// begins is exact, unless more than that happens in its column.
pub fn outline(curve: &Curve<'_>, span: u64, columns: usize) -> Vec<(u64, u64)> {
    let steps = steps(curve);
    let column = |point: &(u64, u64)| thin::column(point.0, span, columns);
    steps.chunk_by(|one, next| column(one) == column(next)).flat_map(extremes).collect()
}

/// The points without those that are as good as the one before.
fn steps(curve: &Curve<'_>) -> Vec<(u64, u64)> {
    let series = curve.series;
    let peak = series.highs().max().unwrap_or(0);
    let is_last = |index: usize| index + 1 == series.t.len();
    let exact = |index: usize| {
        let next = series.t.get(index + 1).copied().unwrap_or(u64::MAX);
        curve.marks.iter().any(|mark| (series.t[index]..next).contains(&mark.t))
    };
    let mut steps: Vec<(u64, u64)> = Vec::new();
    let samples = series.t.iter().zip(series.v).zip(series.lows().zip(series.highs()));
    for (index, ((&t, &last), (low, high))) in samples.enumerate() {
        let is_step = |from: u64, to: u64| from.abs_diff(to) > peak / FINENESS;
        let is_as_good = |&(at, now): &(u64, u64)| match (at == t, now == last) {
            (true, _) => now == last,
            // The curve goes on to its last sample.
            _ if is_last(index) => false,
            (false, true) => true,
            (false, false) => !is_step(now, last) && last != peak && !exact(index),
        };
        // What is drawn here, besides a low or a high one.
        let before = steps.last().map_or(last, |step| step.1);
        let now = if steps.last().is_some_and(is_as_good) { before } else { last };
        let [least, most] = [before.min(now), before.max(now)];
        if high > most && (is_step(most, high) || high == peak) {
            steps.push((t, high));
        }
        if low < least && is_step(least, low) {
            steps.push((t, low));
        }
        if !steps.last().is_some_and(is_as_good) {
            steps.push((t, last));
        }
    }
    steps
}

/// Of some points the lowest, the highest and the last.
fn extremes(points: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let places = 0..points.len();
    let low = places.clone().min_by_key(|&place| points[place].1);
    let high = places.clone().max_by_key(|&place| points[place].1);
    let wanted = |place: &usize| [low, high, Some(points.len() - 1)].contains(&Some(*place));
    places.filter(wanted).map(|place| points[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Mark;
    use crate::model::series::Series;
    use proptest::prelude::*;

    fn curve<'a>(series: Series<'a>, end: u64, marks: &'a [Mark]) -> Curve<'a> {
        Curve { label: String::new(), series, peak: None, end, marks }
    }

    #[test]
    fn small_steps_are_left_out_but_for_phases_the_peak_and_the_end() {
        let marks = [Mark { t: 25, name: "begin".into() }];
        let series = Series::of(
            &[0, 10, 20, 30, 40, 50, 60],
            &[10_000, 10_001, 10_002, 10_003, 10_004, 10_000, 9_999],
        );
        let points = outline(&curve(series, 60, &marks), 60, 60);
        assert_eq!(points, [(0, 10_000), (20, 10_002), (40, 10_004), (60, 9_999)]);
    }

    #[test]
    fn a_high_water_mark_is_a_spike_of_no_width() {
        let series = Series { peaks: Some(&[1, 640]), ..Series::of(&[0, 50], &[1, 1]) };
        assert_eq!(outline(&curve(series, 100, &[]), 100, 10), [(0, 1), (50, 640), (50, 1)]);
    }

    #[test]
    fn a_long_noisy_curve_has_three_points_in_each_column() {
        let t: Vec<u64> = (0..100_000).collect();
        let v: Vec<u64> = t.iter().map(|t| t * 7919 % 1000).collect();
        let points = outline(&curve(Series::of(&t, &v), 100_000, &[]), 100_000, 50);
        assert!(points.len() <= 150 && points.is_sorted_by_key(|point| point.0), "{}", points.len());
    }

    proptest! {
        #[test]
        fn no_column_is_off_by_more_than_can_be_seen(
            samples in proptest::collection::vec((0u64..1_000_000, 0u64..100_000, 0u64..100_000), 1..400),
            columns in 1usize..300,
        ) {
            let mut t: Vec<u64> = samples.iter().map(|sample| sample.0).collect();
            t.sort_unstable();
            let v: Vec<u64> = samples.iter().map(|sample| sample.1).collect();
            let peaks: Vec<u64> = samples.iter().map(|sample| sample.1.max(sample.2)).collect();
            let series = Series { peaks: Some(&peaks), ..Series::of(&t, &v) };
            let all = curve(series, 1_000_000, &[]);
            let (times, values): (Vec<u64>, Vec<u64>) = outline(&all, 1_000_000, columns).into_iter().unzip();
            let few = curve(Series::of(&times, &values), 1_000_000, &[]);
            let near = |one: u64, other: u64| one.abs_diff(other) <= peaks.iter().max().unwrap() / FINENESS;
            for pair in thin::thin(&all, 1_000_000, columns).iter().zip(thin::thin(&few, 1_000_000, columns)) {
                match pair {
                    (Some(all), Some(few)) => prop_assert!(
                        near(all.low, few.low) && near(all.high, few.high) && near(all.last, few.last),
                        "{all:?} {few:?}"
                    ),
                    (all, few) => prop_assert_eq!(*all, few),
                }
            }
        }
    }
}
