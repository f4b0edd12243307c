//! Absolute deadlines at a fixed interval: a late beat does not move the ones after it.

use std::time::{Duration, Instant};

/// The rhythm of the recorder, and how well it was kept.
pub(super) struct Beat {
    interval: Duration,
    next: Instant,
    /// Beats that were kept.
    pub(super) kept: u64,
    /// Of those, beats that came more than a tenth of an interval late.
    pub(super) late: u64,
    /// Beats whose time had passed before the one before them was done.
    pub(super) missed: u64,
}

impl Beat {
    pub(super) fn new(start: Instant, interval: Duration) -> Self {
        Beat { interval, next: start, kept: 0, late: 0, missed: 0 }
    }

    /// When the next beat is due.
    pub(super) fn next(&self) -> Instant {
        self.next
    }

    /// Whether a beat is due; if so, it is counted and the next one set.
    pub(super) fn due(&mut self, now: Instant) -> bool {
        let Some(lateness) = now.checked_duration_since(self.next) else { return false };
        self.kept += 1;
        self.late += u64::from(lateness > self.interval / 10);
        let passed = u32::try_from(lateness.as_nanos() / self.interval.as_nanos()).unwrap_or(u32::MAX);
        self.missed += u64::from(passed);
        self.next += self.interval * (passed + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_beat_does_not_move_the_next_one() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut beat = Beat::new(start, ms(10));
        assert!(beat.due(start) && !beat.due(start + ms(9)) && beat.due(start + ms(13)));
        assert_eq!(beat.next(), start + ms(20));
        assert!(beat.due(start + ms(45)));
        assert_eq!((beat.next(), beat.kept, beat.late, beat.missed), (start + ms(50), 3, 2, 2));
    }
}
