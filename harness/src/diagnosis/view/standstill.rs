//! A run that ends in a standstill, and what its threads wait in.

use crate::model::outcome::{Finding, Outcome};
use crate::model::record::{Record, Wait, What};

/// The standstill in which a run ended.
#[derive(Debug, Clone)]
pub(in crate::diagnosis) struct Standstill {
    /// Since when nothing moved, in microseconds.
    pub(in crate::diagnosis) begin: u64,
    /// Until when, in microseconds.
    pub(in crate::diagnosis) end: u64,
    /// What the threads waited in.
    pub(in crate::diagnosis) waits: Vec<Wait>,
    /// The number of futex(2) where that was.
    futex: Option<i64>,
}

impl Standstill {
    pub(super) fn of(record: &Record) -> Option<Self> {
        let futex = futex(record);
        let end = record.duration();
        let last = record.events.iter().rev().find_map(|event| match &event.what {
            What::Moves => Some(None),
            What::Standstill { since, waits, .. } => {
                let begin = event.t.saturating_sub(*since);
                Some(Some(Standstill { begin, end, waits: waits.clone(), futex }))
            }
            _ => None,
        });
        last.flatten().or_else(|| Standstill::by_evidence(record))
    }

    /// A standstill that ended the run, or in which it reached its deadline, may not have been noted: it was too short,
    /// or the threads woke now and then to look around, and no task was done.
    fn by_evidence(record: &Record) -> Option<Self> {
        let trailer = record.trailer.as_ref().filter(|trailer| trailer.outcome == Outcome::TimedOut)?;
        let waits: Vec<Wait> = trailer
            .evidence
            .iter()
            .filter_map(|seen| {
                let (thread, pid) = seen.source.strip_prefix("thread ")?.split_once(" of process ")?;
                let channel = match &seen.finding {
                    Finding::Fired(detail) => {
                        let (channel, _) = detail.strip_prefix("it waits in ")?.split_once(',')?;
                        Some(channel.to_owned())
                    }
                    Finding::DidNotFire => Some("0".to_owned()),
                    Finding::CouldNotLook(_) => None,
                };
                Some(Wait { pid: pid.parse().ok()?, thread: thread.parse().ok()?, channel, call: None })
            })
            .collect();
        let end = trailer.duration;
        let begin = match (record.header.limits.no_progress_ms, record.last_task_before_deadline()) {
            (Some(millis), _) => end.saturating_sub(millis.saturating_mul(1000)),
            (None, Some((last, false))) => last.t,
            (None, _) => return None,
        };
        (!waits.is_empty()).then_some(Standstill { begin, end, waits, futex: futex(record) })
    }

    /// For how long, in microseconds.
    pub(in crate::diagnosis) fn length(&self) -> u64 {
        self.end.saturating_sub(self.begin)
    }

    /// The threads of processes other than the first.
    pub(in crate::diagnosis) fn of_children(&self) -> impl Iterator<Item = &Wait> {
        let root = self.waits.first().map(|wait| wait.pid);
        self.waits.iter().filter(move |wait| Some(wait.pid) != root)
    }

    /// Whether a thread waits for a lock, or for another thread; `None` if that couldn't be seen.
    pub(in crate::diagnosis) fn is_futex(&self, wait: &Wait) -> Option<bool> {
        let by_channel = wait.channel.as_ref().map(|channel| channel.starts_with("futex"));
        let by_call = wait.call.zip(self.futex).map(|(call, futex)| call == futex);
        // Where the kernel names no channel, it may still have said the call.
        if by_call == Some(true) { by_call } else { by_channel.or(by_call) }
    }
}

/// The number of futex(2) on the machine that was recorded, which needn't be the one that reads the record.
fn futex(record: &Record) -> Option<i64> {
    match record.header.machine.get("arch")?.as_str() {
        "x86_64" => Some(202),
        "aarch64" => Some(98),
        _ => None,
    }
}
