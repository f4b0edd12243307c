//! How often a source is sampled: as often as asked, but never for more than its share of the time.

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
    /// Whether the last sample may have taken more than its part of the time.
    is_in_doubt: bool,
    /// How many samples were taken.
    pub(super) samples: u64,
    /// What they took together, as the budget counts it.
    pub(super) took: Duration,
}

impl Pace {
    pub(super) fn new(start: Instant, least: Duration, budget: Budget) -> Self {
        let nothing = Duration::ZERO;
        Pace { least, budget, began: start, rest: nothing, is_in_doubt: false, samples: 0, took: nothing }
    }

    /// Whether the next sample is due; the time between two is to be stretched so many times.
    pub(super) fn due(&self, now: Instant, stretch: u32) -> bool {
        self.samples == 0 || now >= self.began + self.rest.max(self.least) * stretch
    }

    /// Takes a sample, and settles when the next one is due.
    pub(super) fn sample<T>(&mut self, take: impl FnOnce() -> T) -> T {
        let begin = Instant::now();
        // The clock of a thread is a system call, so it's asked only where the clock on the wall leaves a doubt.
        let before = self.is_in_doubt.then(processor_time);
        let taken = take();
        let by_wall = begin.elapsed();
        let part = self.least / (self.budget.rest() + 1);
        let is_by_wall = matches!(self.budget, Budget::Free | Budget::Expensive);
        let took = match before {
            Some(before) => processor_time() - before,
            None if is_by_wall => by_wall,
            // It may have waited for a processor.
            None => by_wall.min(part),
        };
        self.is_in_doubt = !is_by_wall && by_wall >= part;
        self.sampled(begin, took);
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
            Budget::Moderate => 199,
            Budget::Expensive => 399,
        }
    }
}

/// The processor time of this thread so far. Waiting for the program's map, which is locked while the
/// program itself changes it, or for a processor, takes none.
fn processor_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// A duration in whole microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheap_sample_keeps_its_rhythm_and_an_expensive_one_its_part_of_the_time() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut pace = Pace::new(start, ms(10), Budget::Expensive);
        assert!(pace.due(start, 1));
        pace.sampled(start, Duration::from_micros(25));
        assert!(!pace.due(start + ms(9), 1) && pace.due(start + ms(10), 1));
        assert!(!pace.due(start + ms(39), 4) && pace.due(start + ms(40), 4));
        pace.sampled(start + ms(10), ms(24));
        assert!(!pace.due(start + ms(34 + 399 * 24 - 1), 1) && pace.due(start + ms(34 + 399 * 24), 1));
        assert!(!pace.due(start + ms(34 + 399 * 24), 2));
        assert_eq!(pace.samples, 2);
    }

    #[test]
    fn the_clock_of_the_thread_is_asked_only_after_a_sample_that_was_long() {
        let start = Instant::now();
        let mut pace = Pace::new(start, Duration::from_secs(50), Budget::Cheap);
        pace.sample(|| ());
        assert!(!pace.is_in_doubt);
        // It sleeps, so it's long by the clock on the wall alone.
        let mut pace = Pace::new(start, Duration::from_millis(50), Budget::Cheap);
        pace.sample(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(pace.is_in_doubt && pace.rest <= Duration::from_millis(50));
        pace.sample(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(pace.rest < Duration::from_millis(20 * 50));
    }
}
