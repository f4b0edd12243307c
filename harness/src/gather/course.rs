//! The course of a metric in a bounded number of stretches, however long it is.

/// No course has more stretches.
const MOST: usize = 1 << 10;

/// The shortest stretch, in microseconds. It is a power of two, so that two of them are one of the next.
const SHORTEST: u64 = 1 << 13;

/// The highest value in each of equal stretches of time, of which there are at least five hundred once it is long: so far
/// off a sample may be drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    /// How many times the shortest stretch was doubled.
    doubled: u32,
    cells: Vec<Option<Cell>>,
    end: u64,
}

/// What a metric did in a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    high: u64,
    last: u64,
}

impl Course {
    /// Adds a sample, later than those before: the highest value up to it, and its own.
    pub(super) fn add(&mut self, t: u64, high: u64, last: u64) {
        while t / self.stretch() >= MOST as u64 {
            self.double();
        }
        let at = (t / self.stretch()) as usize;
        if self.cells.len() <= at {
            self.cells.resize(at + 1, None);
        }
        let cell = self.cells[at].get_or_insert(Cell { high, last });
        *cell = Cell { high: cell.high.max(high), last };
        self.end = self.end.max(t);
    }

    /// When the last sample was, in microseconds.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The highest value.
    pub(super) fn peak(&self) -> Option<u64> {
        self.cells.iter().flatten().map(|cell| cell.high).max()
    }

    /// The highest value in each of equal parts of an axis, on which it begins at `offset` and lasts for `duration`.
    /// `None` stands before its first sample and after its end.
    pub(super) fn cells(&self, offset: u64, duration: u64, span: u64, parts: usize) -> Vec<Option<u64>> {
        let part =
            |t: u64| ((u128::from(t) * parts as u128 / u128::from(span.max(1))) as usize).min(parts - 1);
        let mut cells = vec![None; parts];
        let mut before: Option<(usize, u64)> = None;
        let raise = |cell: &mut Option<u64>, value: u64| *cell = (*cell).max(Some(value));
        for (at, cell) in self.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            // The last sample may be in the middle of its stretch.
            let begin = (at as u64 * self.stretch()).min(self.end);
            let end = (begin + self.stretch() - 1).min(self.end);
            let (first, last) = (part(offset + begin), part(offset + end));
            if let Some((from, value)) = before {
                cells[from..=first].iter_mut().for_each(|cell| raise(cell, value));
            }
            cells[first..=last].iter_mut().for_each(|filled| raise(filled, cell.high));
            before = Some((last, cell.last));
        }
        if let Some((from, value)) = before {
            let last = part(offset + duration).max(from);
            cells[from..=last].iter_mut().for_each(|cell| raise(cell, value));
        }
        cells
    }

    fn stretch(&self) -> u64 {
        SHORTEST << self.doubled
    }

    fn double(&mut self) {
        let both = |pair: &[Option<Cell>]| {
            let cells = || pair.iter().flatten();
            Some(Cell { high: cells().map(|cell| cell.high).max()?, last: cells().last()?.last })
        };
        self.cells = self.cells.chunks(2).map(both).collect();
        self.doubled += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_is_kept_from_its_sample_to_the_end() {
        let mut course = Course::default();
        // In the middle of a part: where a sample is in its stretch isn't kept.
        course.add(25_000_000, 7, 7);
        course.add(55_000_000, 9, 8);
        let cells = course.cells(10_000_000, 70_000_000, 100_000_000, 10);
        let expected = [None, None, None, Some(7), Some(7), Some(7), Some(9), Some(8), Some(8), None];
        assert_eq!(cells, expected);
        assert_eq!(course.peak(), Some(9));
    }

    proptest! {
        #[test]
        fn however_long_it_is_no_peak_is_lost_and_it_stays_short(
            steps in proptest::collection::vec((0u64..100_000_000, any::<u32>(), any::<u32>()), 1..400),
            (parts, offset) in (1usize..200, 0u64..1_000_000_000),
        ) {
            let mut course = Course::default();
            let mut t = 0;
            for &(step, high, last) in &steps {
                t += step;
                course.add(t, high.max(last).into(), last.into());
            }
            let highest = steps.iter().map(|step| u64::from(step.1.max(step.2))).max();
            let cells = course.cells(offset, t, offset + t, parts);
            prop_assert_eq!(course.peak(), highest);
            prop_assert_eq!(cells.iter().flatten().copied().max(), highest);
            prop_assert!(course.cells.len() <= MOST);
            prop_assert_eq!(cells.len(), parts);
        }
    }
}
