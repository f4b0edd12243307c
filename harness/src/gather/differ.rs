//! The usual value among many numbers, and the outliers.

/// The middle of many numbers, and how far from it is still usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usual {
    /// Half of them are below it.
    pub(super) median: u64,
    /// Anything nearer to it is usual.
    reach: u64,
}

/// With fewer, nobody knows which of them is the odd one.
const FEWEST: usize = 3;

/// So many deviations from the median are usual: of numbers that are spread as a bell, one in a million is farther.
const DEVIATIONS: f64 = 5.0;

/// By so much the median of the distances is below the standard deviation of such numbers.
const SIGMA: f64 = 1.4826;

/// Anything nearer than this share of the median is usual, however alike the others are.
const PART: u64 = 10;

/// The usual range, by the median and the median of the distances from it: a few numbers that are far off move
/// neither. `None` if they are too few.
pub(super) fn usual(numbers: &[u64]) -> Option<Usual> {
    if numbers.len() < FEWEST {
        return None;
    }
    let median = middle(numbers.to_vec());
    let distance = middle(numbers.iter().map(|number| number.abs_diff(median)).collect());
    let reach = (distance as f64 * SIGMA * DEVIATIONS) as u64;
    Some(Usual { median, reach: reach.max(median / PART) })
}

impl Usual {
    /// Whether this number is.
    pub(super) fn has(&self, number: u64) -> bool {
        number.abs_diff(self.median) <= self.reach
    }
}

/// The middle of some numbers, of which there is at least one.
fn middle(mut numbers: Vec<u64>) -> u64 {
    let at = (numbers.len() - 1) / 2;
    *numbers.select_nth_unstable(at).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_far_off_differs_and_those_that_are_spread_do_not() {
        let usual = usual(&[100, 101, 99, 100, 400]).unwrap();
        assert_eq!((usual.median, usual.has(109), usual.has(111), usual.has(400)), (100, true, false, false));
        let spread: Vec<u64> = (0..100).map(|number| 1000 + 10 * number).collect();
        let usual = super::usual(&spread).unwrap();
        assert!(spread.iter().all(|&number| usual.has(number)) && !usual.has(10_000));
        assert_eq!(super::usual(&[1, 1000]), None);
    }
}
