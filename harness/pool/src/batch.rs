//! Batches: tasks that are sent together, to save short ones a journey each.

use std::time::Duration;

/// A batch shouldn't take a worker longer than this, by what the tasks before it have taken.
///
/// It is about what a journey to a sleeping worker and back can take (`cargo bench -p labpool`). joblib
/// wants batches of 0.2 s (`MIN_IDEAL_BATCH_DURATION`), and so holds a result back a thousand times
/// longer than we do.
const IDEAL: Duration = Duration::from_micros(100);

/// A batch that has come to so many bytes is large enough.
const LARGE: usize = 1 << 16;

/// Messages of tasks, one after the other.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) bytes: Vec<u8>,
    pub(crate) tasks: usize,
}

impl Batch {
    pub(crate) fn add(&mut self, message: Vec<u8>) {
        self.tasks += 1;
        if self.bytes.is_empty() {
            self.bytes = message;
        } else {
            self.bytes.extend(message);
        }
    }

    pub(crate) fn is_large(&self) -> bool {
        self.bytes.len() >= LARGE
    }
}

/// How many tasks the next batch may have.
pub(crate) struct Pace {
    pub(crate) tasks: usize,
}

impl Pace {
    /// At first nothing is known, and each task goes by itself.
    pub(crate) fn new() -> Self {
        Pace { tasks: 1 }
    }

    /// Takes in how long some tasks took together: from one to twice as many as now, as they fit into
    /// [`IDEAL`]. So one slow task has all that follow it go by themselves again.
    pub(crate) fn saw(&mut self, tasks: usize, took: Duration) {
        let fit = tasks as u128 * IDEAL.as_nanos() / took.as_nanos().max(1);
        self.tasks = usize::try_from(fit).unwrap_or(usize::MAX).clamp(1, 2 * self.tasks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_tasks_are_short_and_no_longer_than_that() {
        let mut pace = Pace::new();
        let sizes: Vec<usize> = (0..6)
            .map(|_| {
                pace.saw(pace.tasks, IDEAL / 10 * pace.tasks as u32);
                pace.tasks
            })
            .collect();
        assert_eq!(sizes, [2, 4, 8, 10, 10, 10]);
        pace.saw(10, 10 * IDEAL);
        assert_eq!(pace.tasks, 1);
    }

    #[test]
    fn tasks_that_take_no_time_at_all_are_no_reason_to_panic() {
        let mut pace = Pace::new();
        pace.saw(1, Duration::ZERO);
        assert_eq!(pace.tasks, 2);
    }
}
