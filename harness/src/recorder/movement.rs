//! How long the interval between two samples may be: long while nothing moves, short from the first movement on.
//!
//! The kernel keeps high-water marks, so peaks are exact at any rate. There's no need to sample an idle program a
//! hundred times a second.

use std::collections::BTreeMap;

use super::source::{Row, place};
use crate::model::metric::Unit;

/// Watches whether the values of the frequent sources move.
#[derive(Debug, Default)]
pub(super) struct Movement {
    /// The value of each metric when it was last seen to move, by the metric's place.
    settled: BTreeMap<usize, u64>,
    has_moved: bool,
    /// Samples in a row without movement since the interval was last stretched.
    still: u32,
    /// So many times the interval.
    stretch: u32,
}

/// After so many samples without movement, the interval is doubled.
const PATIENCE: u32 = 25;

/// The most that the interval is stretched.
const MOST: u32 = 16;

/// A change of less than this, in bytes, is none: a program that waits still takes a page now and then.
const LEAST: u64 = 64 << 10;

/// Nor is one of less than this part of the value.
const PART: u64 = 1 << 10;

impl Movement {
    /// Takes in a sample of a frequent source.
    pub(super) fn note(&mut self, row: &Row) {
        for (metric, value, peak) in row.readings() {
            let settled = self.settled.entry(place(metric)).or_insert(value);
            let most = match metric.unit {
                Unit::Bytes => LEAST.max(*settled / PART),
                Unit::Count | Unit::Microseconds => 0,
            };
            if settled.abs_diff(value) > most || peak.unwrap_or(value).saturating_sub(*settled) > most {
                *settled = value;
                self.has_moved = true;
            }
        }
    }

    /// That something else has moved.
    pub(super) fn stir(&mut self) {
        self.has_moved = true;
    }

    /// By how much the interval is to be stretched after the samples of one sampling time.
    pub(super) fn stretch(&mut self) -> u32 {
        self.still += 1;
        if std::mem::take(&mut self.has_moved) || self.stretch == 0 {
            (self.still, self.stretch) = (0, 1);
        } else if self.still >= PATIENCE {
            (self.still, self.stretch) = (0, (2 * self.stretch).min(MOST));
        }
        self.stretch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::sources::{PROCESSES, TMPFS};

    /// How far the interval is stretched after so many samples of a value and its high-water mark.
    fn after(movement: &mut Movement, samples: u32, value: u64, peak: Option<u64>) -> u32 {
        let mut row = Row::default();
        row.set_with_peak(&TMPFS, value, peak);
        (0..samples)
            .map(|_| {
                movement.note(&row);
                movement.stretch()
            })
            .last()
            .unwrap()
    }

    #[test]
    fn the_interval_grows_while_nothing_moves_and_is_short_from_the_first_movement_on() {
        let mut movement = Movement::default();
        assert_eq!(after(&mut movement, 25, 1 << 30, None), 1);
        assert_eq!(after(&mut movement, 25, 1 << 30, None), 2);
        assert_eq!(after(&mut movement, 1000, (1 << 30) + LEAST, None), 16);
        assert_eq!(after(&mut movement, 1, (1 << 30) + (2 << 20), None), 1);
    }

    #[test]
    fn what_creeps_moves_and_so_does_a_spike_between_two_samples() {
        let mut movement = Movement::default();
        let creeps = (0..1000).map(|step| after(&mut movement, 1, step * (LEAST / 8), None));
        assert!(creeps.max() < Some(4));
        assert_eq!(after(&mut movement, 1000, 0, Some(0)), 16);
        assert_eq!(after(&mut movement, 1, 0, Some(10 * LEAST)), 1);
    }

    #[test]
    fn a_process_more_is_a_movement() {
        let mut movement = Movement::default();
        for (processes, stretch) in [(1, 16), (2, 1)] {
            let mut row = Row::default();
            row.set(&PROCESSES, processes);
            let samples = if processes == 1 { 1000 } else { 1 };
            let last = (0..samples)
                .map(|_| {
                    movement.note(&row);
                    movement.stretch()
                })
                .last();
            assert_eq!(last, Some(stretch));
        }
    }
}
