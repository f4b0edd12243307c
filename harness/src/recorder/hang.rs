//! Detects a hang: nothing in the run moves any more.
//!
//! It counts looks rather than time: a machine that itself stands still for a while, because it's slow or asleep,
//! takes no look.

use std::time::Duration;

use super::members::Members;
use super::pace::micros;
use crate::model::outcome::Evidence;
use crate::model::record::What;

/// How many looks in a row have found the run as it was.
pub(super) struct HangDetector {
    /// So many are enough to end the run; `None` if it may be still for as long as it likes.
    enough: Option<u64>,
    looks: u64,
    /// The processor time at the last look, and at the first one of a stretch with next to none.
    cpu: u64,
    quiet: Quiet,
}

/// A stretch of looks between which next to no processor time has passed.
#[derive(Default)]
struct Quiet {
    time: Duration,
    cpu: u64,
    is_noted: bool,
}

/// What a look has found.
pub(super) enum Seen {
    /// The run hangs, and is to be ended.
    Hang(Evidence),
    /// Something for the time line.
    Happened(What),
}

/// A standstill of this time is noted, with what the threads wait in. Nobody is disturbed by it.
const NOTED: Duration = Duration::from_secs(5);

/// A program that uses less than this share of a processor stands still: many that wait forever wake now and then, to
/// check whether they still have to.
const PART: u64 = 200;

impl HangDetector {
    /// Looks that, one each `every`, take so many milliseconds.
    pub(super) fn new(millis: Option<u64>, every: Duration) -> Self {
        let looks = |millis| Duration::from_millis(millis).div_duration_f64(every).ceil() as u64;
        HangDetector { enough: millis.map(looks), looks: 0, cpu: 0, quiet: Quiet::default() }
    }

    /// Whether a hang would end the run.
    pub(super) fn is_on(&self) -> bool {
        self.enough.is_some()
    }

    /// Looks again. `cpu` is the processor time of all processes in microseconds, and `every` the time from one look
    /// to the next, as they are meant to be.
    pub(super) fn look(&mut self, cpu: u64, members: &Members, every: Duration) -> Option<Seen> {
        let before = std::mem::replace(&mut self.cpu, cpu);
        if let Some(enough) = self.enough {
            // A thread that waits for a processor on a busy machine uses none either, but doesn't sleep.
            self.looks = if cpu == before && members.sleeps() { self.looks + 1 } else { 0 };
            if self.looks >= enough {
                let seen =
                    format!("at {enough} looks in a row all threads slept, and no processor time had passed");
                let source = "/proc/PID/task/TID/stat, and the clocks of the processes";
                return Some(Seen::Hang(Evidence::fired(source, seen)));
            }
        }
        self.note(cpu, members, every).map(Seen::Happened)
    }

    fn note(&mut self, cpu: u64, members: &Members, every: Duration) -> Option<What> {
        let quiet = &mut self.quiet;
        quiet.time += every;
        let time = micros(quiet.time);
        // A process that has ended takes its processor time along.
        if cpu < quiet.cpu || cpu - quiet.cpu > time / PART {
            let was_noted = std::mem::replace(quiet, Quiet { cpu, ..Quiet::default() }).is_noted;
            return was_noted.then_some(What::Moves);
        }
        let is_news = !quiet.is_noted && quiet.time >= NOTED && members.sleeps();
        is_news.then(|| {
            quiet.is_noted = true;
            What::Standstill { since: time, cpu: cpu - quiet.cpu, waits: members.waits() }
        })
    }
}
