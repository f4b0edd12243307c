//! How often a track is sampled: as often as asked, but never for more than its part of the time.

use std::time::{Duration, Instant};

/// The pace of one track.
#[derive(Debug)]
pub(super) struct Pace {
    /// The shortest time from one sample to the next.
    least: Duration,
    /// A sample is followed by so many times what it took without one, so it takes at most the part
    /// 1 / (`rest` + 1) of the time.
    rest: u32,
    next: Instant,
    /// How many samples were taken.
    pub(super) samples: u64,
    /// What they took together.
    pub(super) took: Duration,
}

impl Pace {
    pub(super) fn new(start: Instant, least: Duration, rest: u32) -> Self {
        Pace { least, rest, next: start, samples: 0, took: Duration::ZERO }
    }

    /// Whether the next sample is due.
    pub(super) fn due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// A sample was begun at this time, and took so long: by the clock where the program may wait for it,
    /// or else in processor time.
    pub(super) fn sampled(&mut self, begin: Instant, took: Duration) {
        self.samples += 1;
        self.took += took;
        // From the beginning, so that what is cheap keeps its rhythm.
        self.next = begin + self.least.max(took * (self.rest + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cheap_keeps_its_rhythm_and_what_is_dear_its_part_of_the_time() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut pace = Pace::new(start, ms(10), 99);
        assert!(pace.due(start));
        pace.sampled(start, Duration::from_micros(50));
        assert!(!pace.due(start + ms(9)) && pace.due(start + ms(10)));
        pace.sampled(start + ms(10), ms(24));
        assert!(!pace.due(start + ms(34 + 99 * 24 - 1)) && pace.due(start + ms(34 + 99 * 24)));
        assert_eq!(pace.samples, 2);
    }
}
