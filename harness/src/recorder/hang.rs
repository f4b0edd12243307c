//! Knows a hang when it sees one: nothing of the run moves any more.
//!
//! Looks are counted, and not the time between them: on a machine that stands still itself for a
//! while, as a slow or a sleeping one does, no look is taken.

use std::time::Duration;

use super::members::Members;
use crate::model::outcome::Evidence;

/// How many looks in a row have found the run as it was.
pub(super) struct HangDetector {
    /// So many are enough; `None` where the run may be still for as long as it likes.
    enough: Option<u64>,
    looks: u64,
    cpu: u64,
}

impl HangDetector {
    /// Looks that, one each `every`, take so many milliseconds.
    pub(super) fn new(millis: Option<u64>, every: Duration) -> Self {
        let looks = |millis| Duration::from_millis(millis).div_duration_f64(every).ceil() as u64;
        HangDetector { enough: millis.map(looks), looks: 0, cpu: 0 }
    }

    /// Whether a hang would end the run.
    pub(super) fn is_on(&self) -> bool {
        self.enough.is_some()
    }

    /// Looks once more. Where it was enough, what was seen.
    pub(super) fn look(&mut self, members: &Members) -> Option<Evidence> {
        let enough = self.enough?;
        let cpu = members.cpu();
        // Who waits for a processor on a busy machine uses none either, but does not sleep.
        self.looks = if cpu == self.cpu && members.sleeps() { self.looks + 1 } else { 0 };
        self.cpu = cpu;
        (self.looks >= enough).then(|| {
            let seen =
                format!("at {enough} looks in a row all threads slept, and no processor time had passed");
            Evidence::fired("/proc/PID/task/TID/stat, and the clocks of the processes", seen)
        })
    }
}
