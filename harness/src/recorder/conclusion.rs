//! How a run ended, weighed when it's over: the last line of its record.

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use super::ending::Ending;
use super::pace::micros;
use super::session::Session;
use super::ticker::Ticker;
use crate::model::outcome::{Evidence, Outcome, WATCHDOG};
use crate::model::record::{Cost, Status, Trailer, Wait};
use crate::sandbox::{pids, report};

impl Session<'_> {
    /// Weighs the evidence when the run is over. `cpu_before` is the processor time of the recorder when it
    /// began, in microseconds.
    pub(super) fn trailer(&mut self, ending: Ending, cpu_before: u64) -> Result<Trailer> {
        let duration = self.now();
        // The high-water marks since the last sample belong to the record as well.
        self.readings.sample_last(&mut self.members);
        self.take_events();
        self.journal.flush(self.readings.take());
        let mut conclusion = self.readings.conclude();
        let evidence = &mut conclusion.evidence;
        evidence.insert(0, conclusion.oom.evidence());
        evidence.extend(self.pids.as_deref().map(pids::evidence));
        evidence.extend(self.members.evidence());
        if self.largest > 0 {
            // Together they had no less.
            conclusion.peaks.insert("rss".to_owned(), self.largest);
        }
        let status = match &ending {
            Ending::Reported(Some(report)) => report.status(),
            _ => None,
        };
        let mut taken = None;
        let outcome = match ending {
            Ending::Interrupted => Outcome::Interrupted,
            Ending::Gone => match self.exit_log.end_of_first() {
                None => Outcome::Gone,
                Some(Status::Exited(code)) => Outcome::Exited(code),
                Some(Status::Killed(signal)) => Outcome::Killed { signal, by: conclusion.oom.killer(signal) },
            },
            Ending::TimedOut => {
                evidence.extend(self.members.waits().iter().map(Wait::evidence));
                Outcome::TimedOut
            }
            Ending::Hangs(seen) => {
                evidence.push(seen);
                evidence.extend(self.members.waits().iter().map(Wait::evidence));
                Outcome::TimedOut
            }
            Ending::Watchdog(reason) => {
                evidence.push(Evidence::fired(WATCHDOG, reason.why));
                taken = reason.taken;
                Outcome::BY_WATCHDOG
            }
            Ending::Reported(report) => report::outcome(report, self.talk.failure.take(), &conclusion.oom),
        };
        Ok(Trailer {
            outcome,
            evidence: conclusion.evidence,
            facts: std::mem::take(&mut self.talk.facts),
            restated: std::mem::take(&mut self.talk.restated),
            stated_by: std::mem::take(&mut self.talk.stated_by),
            peaks: conclusion.peaks,
            status,
            taken,
            processes: Some(self.exit_log.totals()),
            open_memory_files: conclusion.open_memory_files,
            dropped: self.talk.dropped + self.timeline.dropped,
            shared_folders: conclusion.shared_folders,
            sysv_segments: conclusion.sysv_segments,
            rlimits: conclusion.rlimits,
            duration,
            cost: self.cost(cpu_before)?,
            output: self.output.tail(),
            ..Trailer::default()
        })
    }

    fn cost(&self, cpu_before: u64) -> Result<Cost> {
        let Ticker { kept, late, missed, spared, .. } = self.ticker;
        Ok(Cost {
            cpu: processor_time()? - cpu_before,
            kept,
            late,
            missed,
            spared,
            expensive: micros(self.readings.expensive()),
            lateness: [50, 99].map(|percent| self.ticker.late_by(percent)),
            samples: self.readings.counts(),
        })
    }
}

/// The processor time of this process so far, in microseconds.
pub(super) fn processor_time() -> Result<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = usage.user_time() + usage.system_time();
    Ok(u64::try_from(time.num_microseconds()).unwrap_or(0))
}
