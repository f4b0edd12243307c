//! Absolute deadlines at an interval: a late sample doesn't move the ones after it.

use std::time::{Duration, Instant};

/// The rhythm of the recorder, and how well it was kept.
pub(super) struct Ticker {
    interval: Duration,
    /// So many intervals lie between two sampling times.
    pub(super) stretch: u32,
    next: Instant,
    /// Tickers that were kept.
    pub(super) kept: u64,
    /// Of those, sampling times that came more than a tenth of an interval late.
    pub(super) late: u64,
    /// Tickers whose time had passed before the one before them was done.
    pub(super) missed: u64,
    /// Those that were left out because the interval was stretched.
    pub(super) spared: u64,
    /// How many sampling times were late by so many microseconds; the last one counts all that were later.
    lateness: Vec<u32>,
}

/// The latest sample that is distinguished, in microseconds.
const LATEST: usize = 20_000;

impl Ticker {
    pub(super) fn new(start: Instant, interval: Duration) -> Self {
        let lateness = vec![0; LATEST + 1];
        Ticker { interval, stretch: 1, next: start, kept: 0, late: 0, missed: 0, spared: 0, lateness }
    }

    /// Lets so many intervals lie between two sampling times, from the last one on.
    pub(super) fn stretch_to(&mut self, stretch: u32) {
        self.next = self.next + self.interval * stretch - self.interval * self.stretch;
        self.stretch = stretch;
    }

    /// When the next sample is due.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Whether a sample is due; if so, it is counted and the next one set.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let Some(lateness) = now.checked_duration_since(self.next) else { return false };
        self.kept += 1;
        self.late += u64::from(lateness > self.interval / 10);
        let micros = usize::try_from(lateness.as_micros()).unwrap_or(LATEST).min(LATEST);
        self.lateness[micros] += 1;
        let stretched = self.interval * self.stretch;
        let passed = u32::try_from(lateness.as_nanos() / stretched.as_nanos()).unwrap_or(u32::MAX);
        self.missed += u64::from(passed);
        self.spared += u64::from(self.stretch - 1);
        self.next += stretched * (passed + 1);
        true
    }

    /// By how many microseconds at most so many in a hundred sampling times were late.
    pub(super) fn late_by(&self, percent: u64) -> u64 {
        let mut rest = self.kept * percent / 100;
        let found = self.lateness.iter().position(|&count| {
            let enough = rest <= u64::from(count);
            rest = rest.saturating_sub(count.into());
            enough
        });
        found.unwrap_or(LATEST) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_sample_does_not_move_the_next_one() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut ticker = Ticker::new(start, ms(10));
        assert!(ticker.due(start) && !ticker.due(start + ms(9)) && ticker.due(start + ms(13)));
        assert_eq!(ticker.next(), start + ms(20));
        assert!(ticker.due(start + ms(45)));
        assert_eq!((ticker.next(), ticker.kept, ticker.late, ticker.missed), (start + ms(50), 3, 2, 2));
        assert_eq!([50, 99].map(|percent| ticker.late_by(percent)), [0, 3000]);
        assert!(ticker.due(start + Duration::from_secs(3)));
        assert_eq!(ticker.late_by(100), LATEST as u64);
    }

    #[test]
    fn a_stretched_interval_is_counted_from_the_last_sampling_time_and_so_is_the_first_short_one() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut ticker = Ticker::new(start, ms(10));
        assert!(ticker.due(start));
        ticker.stretch_to(4);
        assert!(!ticker.due(start + ms(39)) && ticker.due(start + ms(40)));
        ticker.stretch_to(1);
        assert!(!ticker.due(start + ms(49)) && ticker.due(start + ms(50)));
        assert_eq!((ticker.kept, ticker.missed, ticker.spared), (3, 0, 3));
    }
}
