//! The straight line through points, and how well it fits.

/// The least-squares line of y over x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// By how much y grows for each 1 of x.
    pub slope: f64,
    /// Where y begins: its value at an x of 0.
    pub(crate) start: f64,
    /// The share of the variance of y that the line explains, from 0 to 1; `None` if all y are the
    /// same, for then there is nothing to explain.
    pub r_squared: Option<f64>,
}

impl Line {
    /// The line through points; `None` if they have all the same x, or there are none.
    pub(crate) fn through(points: &[(f64, f64)]) -> Option<Self> {
        let first = points.first()?;
        // Rounding would make a little slope of none, so this is asked before any arithmetic.
        let (wall, flat) =
            (points.iter().all(|point| point.0 == first.0), points.iter().all(|point| point.1 == first.1));
        if wall {
            return None;
        }
        if flat {
            return Some(Line { slope: 0.0, start: first.1, r_squared: None });
        }
        let count = points.len() as f64;
        let (sum_x, sum_y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        // Sums of differences from the mean lose far fewer digits than sums of squares.
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in points {
            let (x, y) = (x - mean_x, y - mean_y);
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let (slope, share) = (xy / xx, (xy / xx) * (xy / yy));
        let r_squared = share.is_finite().then_some(share.min(1.0));
        slope.is_finite().then_some(Line { slope, start: mean_y - slope * mean_x, r_squared })
    }

    /// The value of the line at `x`.
    pub fn at(&self, x: f64) -> f64 {
        self.start + self.slope * x
    }
}

/// The value of a broken line at `t`: straight between its points, flat before the first and after the
/// last. The points are in the order of their times; without any the value is 0.
pub(super) fn between(points: &[(u64, f64)], t: u64) -> f64 {
    let next = points.partition_point(|point| point.0 <= t);
    match (next.checked_sub(1).and_then(|last| points.get(last)), points.get(next)) {
        (Some(&(begin, low)), Some(&(end, high))) => {
            low + (high - low) * ((t - begin) as f64 / (end - begin) as f64)
        }
        (Some(&(_, value)), None) | (None, Some(&(_, value))) => value,
        (None, None) => 0.0,
    }
}

/// The share of the variance of y that the least-squares line over x explains, from 0 to 1.
///
/// `None` if it isn't defined: the points have all the same x, or all the same y.
pub(super) fn r_squared(points: &[(f64, f64)]) -> Option<f64> {
    Line::through(points)?.r_squared
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_broken_line_is_straight_between_its_points_and_flat_outside() {
        let points = [(10, 0.0), (20, 1.0), (40, 2.0)];
        let values = [0, 10, 15, 20, 30, 40, 99].map(|t| between(&points, t));
        assert_eq!(values, [0.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.0]);
        assert_eq!(between(&[], 5), 0.0);
    }

    #[test]
    fn two_points_at_one_time_are_a_step() {
        assert_eq!(between(&[(10, 1.0), (10, 3.0), (20, 4.0)], 10), 3.0);
    }

    #[test]
    fn a_flat_line_and_a_wall_have_no_r_squared() {
        assert_eq!(r_squared(&[(0.0, 5.0), (1.0, 5.0), (2.0, 5.0)]), None);
        assert_eq!(r_squared(&[(1.0, 0.0), (1.0, 1.0)]), None);
        assert_eq!(r_squared(&[]), None);
    }

    #[test]
    fn a_staircase_is_less_of_a_line_than_a_ramp() {
        let step: Vec<_> = (0..20).map(|x| (f64::from(x), if x < 10 { 0.0 } else { 1.0 })).collect();
        let share = r_squared(&step).unwrap();
        assert!((0.7..0.8).contains(&share), "{share}");
    }

    #[test]
    fn a_line_tells_what_lies_beyond_its_points() {
        let line = Line::through(&[(4.0, 80.0), (8.0, 160.0), (12.0, 240.0)]).unwrap();
        assert_eq!((line.slope, line.start, line.r_squared), (20.0, 0.0, Some(1.0)));
        assert_eq!(line.at(8192.0), 163_840.0);
        let flat = Line::through(&[(1.0, 3.0), (2.0, 3.0)]).unwrap();
        assert_eq!((flat.slope, flat.at(9.0), flat.r_squared), (0.0, 3.0, None));
        assert_eq!(Line::through(&[(1.0, 3.0)]), None);
    }

    proptest! {
        #[test]
        fn any_slanted_line_is_fitted_wholly(slope in 1.0f64..1e9, start in 0.0f64..1e9, count in 2u32..100) {
            let points: Vec<_> = (0..count).map(|x| (f64::from(x), start + slope * f64::from(x))).collect();
            prop_assert!((r_squared(&points).unwrap() - 1.0).abs() < 1e-9);
        }

        #[test]
        fn r_squared_is_a_share(points in proptest::collection::vec((-1e12f64..1e12, -1e12f64..1e12), 0..50)) {
            prop_assert!(r_squared(&points).is_none_or(|share| (0.0..=1.0).contains(&share)));
        }
    }
}
