//! How a metric grows: by its floor, since the top shows only how large the work at hand is.

use super::percent;
use crate::model::series::Series;

/// The course of a metric over the time of the work.
#[derive(Debug, Clone)]
pub(in crate::diagnosis) struct Growth {
    /// By how much the floor of the last quarter is above that of the first, in bytes.
    pub(in crate::diagnosis) rise: u64,
    /// The smallest rise from a quarter to the next, in hundredths of the mean one. What reaches a plateau has
    /// next to nothing here.
    pub(in crate::diagnosis) steadiness: u64,
    /// How often it fell by a third of its highest value or more.
    pub(in crate::diagnosis) falls: u64,
    /// The highest sample, and when it was.
    pub(in crate::diagnosis) top: (u64, u64),
    /// The floors of the four quarters.
    pub(in crate::diagnosis) floors: [u64; 4],
    /// The time of the work, in microseconds.
    pub(in crate::diagnosis) work: (u64, u64),
}

/// So many samples of the work show how it went.
const ENOUGH: usize = 8;

/// Half of that is enough in a work of so many sampling intervals, since what doesn't move isn't sampled.
const LONG: u64 = 50;

/// A floor that rises from each quarter to the next by this many hundredths of the mean rise rises steadily.
pub(super) const STEADY: u64 = 30;

/// One that does so by less than this doesn't.
const UNSTEADY: u64 = 10;

/// So many hundredths of the highest value are a rise that counts.
const COUNTS: u64 = 20;

impl Growth {
    /// Whether it's neither steady nor not: a little unsteady, or a rise that counts with a fall in it.
    pub(super) fn is_unclear(&self) -> bool {
        (UNSTEADY..STEADY).contains(&self.steadiness)
            || self.steadiness < UNSTEADY && percent(self.rise, self.top.1) >= COUNTS
    }

    /// Whether it grew evenly through a work of more than two seconds, as endless growth does.
    pub(super) fn is_long(&self) -> bool {
        self.steadiness >= 2 * STEADY && self.work.1 - self.work.0 >= 2_000_000
    }

    /// The growth of a metric in a stretch of time.
    pub(in crate::diagnosis) fn of(
        series: Series<'_>,
        work: (u64, u64),
        interval: u64,
    ) -> Result<Self, String> {
        let (begin, end) = work;
        let length = end.saturating_sub(begin);
        let whole = series.between(begin, end);
        let is_calm = whole.t.len() >= ENOUGH / 2 && length / interval.max(1) >= LONG;
        if whole.t.len() < ENOUGH && !is_calm {
            return Err("there are too few samples of the work".to_owned());
        }
        let mut floors = [0; 4];
        for (number, floor) in (0..).zip(&mut floors) {
            let (since, until) = (begin + length * number / 4, begin + length * (number + 1) / 4);
            // What doesn't move isn't sampled: the last value holds.
            let lows = series.between(since, until).lows();
            *floor = series
                .at(since)
                .into_iter()
                .chain(lows)
                .min()
                .ok_or_else(|| "the record lacks a part of the work".to_owned())?;
        }
        let rise = floors[3].saturating_sub(floors[0]);
        let least = floors.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).min().unwrap_or(0);
        let highest = whole.sampled_highs().max().unwrap_or(0);
        let at = whole.sampled_highs().position(|high| high == highest).map_or(begin, |index| whole.t[index]);
        Ok(Growth {
            rise,
            steadiness: percent(least * 3, rise),
            falls: falls(whole, highest),
            top: (at, highest),
            floors,
            work,
        })
    }
}

/// How often a metric fell from a height by a third of its highest value or more.
fn falls(series: Series<'_>, highest: u64) -> u64 {
    let (mut count, mut high) = (0, 0);
    for (top, low) in series.sampled_highs().zip(series.lows()) {
        high = high.max(top);
        if high.saturating_sub(low) >= (highest / 3).max(1) {
            count += 1;
            high = low;
        }
    }
    count
}

/// How often something came and went: a metric fell from a height by a third of the way from its median to its
/// highest value, and by a mebibyte or more.
pub(super) fn spikes(series: Series<'_>) -> u64 {
    let mut values = series.v.to_vec();
    values.sort_unstable();
    let (middle, highest) = (values.get(values.len() / 2), series.sampled_highs().max());
    let (Some(&middle), Some(highest)) = (middle, highest) else { return 0 };
    let deep = (highest.saturating_sub(middle) / 3).max(1 << 20);
    let (mut count, mut high) = (0, 0);
    for (top, low) in series.sampled_highs().zip(series.lows()) {
        high = high.max(top);
        if high.saturating_sub(low) >= deep {
            count += 1;
            high = low;
        }
    }
    count
}
