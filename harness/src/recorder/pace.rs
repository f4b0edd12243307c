//! How often a source is sampled: as often as asked, but never for more than its part of the time.

use std::time::{Duration, Instant};

use super::source::Budget;

/// The pace of one source.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time from one sample to the next.
    least: Duration,
    budget: Budget,
    /// When the last sample was begun, and what must pass from then on.
    began: Instant,
    rest: Duration,
    /// How many samples were taken.
    pub(super) samples: u64,
    /// What they took together, as the budget counts it.
    pub(super) took: Duration,
}

impl Pace {
    pub(super) fn new(start: Instant, least: Duration, budget: Budget) -> Self {
        Pace { least, budget, began: start, rest: Duration::ZERO, samples: 0, took: Duration::ZERO }
    }

    /// Whether the next sample is due; the time between two is to be stretched so many times.
    pub(super) fn due(&self, now: Instant, stretch: u32) -> bool {
        self.samples == 0 || now >= self.began + self.rest.max(self.least) * stretch
    }

    /// Takes a sample, and settles when the next one is due.
    pub(super) fn sample<T>(&mut self, take: impl FnOnce() -> T) -> T {
        let (begin, is_cheap) = (Instant::now(), self.budget == Budget::Cheap);
        // The clock of a thread is a system call, and the other one isn't.
        let before = is_cheap.then(processor_time);
        let taken = take();
        self.sampled(begin, before.map_or_else(|| begin.elapsed(), |before| processor_time() - before));
        taken
    }

    fn sampled(&mut self, begin: Instant, took: Duration) {
        self.samples += 1;
        self.took += took;
        // From the beginning, so that a cheap source keeps its rhythm.
        self.began = begin;
        self.rest = took * (self.budget.rest() + 1);
    }
}

impl Budget {
    /// A sample is followed by so many times its duration without one.
    fn rest(self) -> u32 {
        match self {
            Budget::Free => 0,
            Budget::Cheap => 49,
            Budget::Expensive => 199,
        }
    }
}

/// The processor time of this thread so far. Waiting for the program's map, which is locked while the
/// program itself changes it, or for a processor, takes none.
fn processor_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheap_sample_keeps_its_rhythm_and_an_expensive_one_its_part_of_the_time() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut pace = Pace::new(start, ms(10), Budget::Expensive);
        assert!(pace.due(start, 1));
        pace.sampled(start, Duration::from_micros(50));
        assert!(!pace.due(start + ms(9), 1) && pace.due(start + ms(10), 1));
        assert!(!pace.due(start + ms(39), 4) && pace.due(start + ms(40), 4));
        pace.sampled(start + ms(10), ms(24));
        assert!(!pace.due(start + ms(34 + 199 * 24 - 1), 1) && pace.due(start + ms(34 + 199 * 24), 1));
        assert!(!pace.due(start + ms(34 + 199 * 24), 2));
        assert_eq!(pace.samples, 2);
    }
}
