//! The claim that a run ends as its variant is expected to end.

use super::run::Run;
use crate::model::outcome::{Finding, Killer, Outcome, WATCHDOG};
use crate::model::record::Record;
use crate::model::verdict::ENDS;
use crate::model::verdict::{Status, Verdict};
use crate::scenario::Ends;

/// What the claim says.
pub(super) const SAYS: &str = "The run ends as expected.";

/// ENOSPC of errno(3): it is 28 on every architecture that this project runs on.
const ENOSPC: i32 = 28;

/// How a run ended, as far as its claims are concerned.
pub(super) enum End {
    /// As its variant is expected to end.
    AsExpected,
    /// By lab's watchdog at its limit of memory, where the kernel would have killed it, and why the kernel did not.
    AtLimit(String),
    /// Something outside of the program ended it or kept it from starting, so nothing is known of it.
    Stopped(String),
    /// In another way, all by itself.
    Otherwise(String),
}

impl Run<'_> {
    /// How the run ended.
    pub(super) fn end(&self) -> End {
        let outcome = self.record.outcome();
        if is_expected(self.variant.ends, &outcome) {
            return match at_work(self.record) {
                Some(seen) if self.variant.ends == Ends::Hang => End::Otherwise(seen),
                _ => End::AsExpected,
            };
        }
        if self.variant.ends == Ends::Oom
            && let Some(why) = unlimited(self.record)
        {
            return if taken(self.record).is_some() { End::AtLimit(why) } else { End::Stopped(why) };
        }
        match stopped(self.record) {
            Some(why) => End::Stopped(why),
            None => End::Otherwise(format!("The run did not end as expected ({outcome})")),
        }
    }
}

/// What a run had taken when lab's watchdog ended it for taking more than it may, in bytes.
fn taken(record: &Record) -> Option<u64> {
    record.trailer.as_ref()?.taken
}

/// Why a run that used up its memory was not killed by the kernel, if nothing but lab's watchdog has held it to its
/// limit. The watchdog looks now and then, so a run can be over before it has looked.
fn unlimited(record: &Record) -> Option<String> {
    let is_taken = taken(record).is_some();
    if record.header.metrics.contains_key("cgroup") {
        return is_taken
            .then(|| "lab's watchdog ended the run before the kernel's OOM killer did".to_owned());
    }
    let why = "no control group was there, so the kernel's OOM killer had no limit of memory to enforce";
    if is_taken {
        return Some(format!("{why}: lab's watchdog ended the run there in its place"));
    }
    let (most, limit) = (record.peak("anon")?, record.header.limits.memory?);
    (record.outcome().is_success() && most > limit)
        .then(|| format!("{why}, and the run was over before lab's watchdog saw it"))
}

/// What outside of the program ended its run or kept it from starting, if anything did. A program that took more than
/// it may was ended by what it did itself.
pub(crate) fn stopped(record: &Record) -> Option<String> {
    match &record.outcome() {
        Outcome::CouldNotStart(why) => Some(format!("the run could not be started: {why}")),
        Outcome::Interrupted => Some("the user stopped the run".into()),
        Outcome::Unfinished => Some("the record is cut short: its recorder was killed".into()),
        Outcome::Killed { by: Killer::Watchdog, .. } if taken(record).is_none() => {
            Some("lab's watchdog stopped the run to protect this machine".into())
        }
        _ => None,
    }
}

/// The verdict on how a run ended.
pub(super) fn verdict(run: &Run<'_>) -> Verdict {
    let record = run.record;
    let (status, hint) = match run.end() {
        End::AsExpected => (Status::Holds, None),
        End::AtLimit(why) | End::Stopped(why) => (Status::Unknown(why), None),
        End::Otherwise(_) => (Status::Fails, Some(evidence(record))),
    };
    Verdict {
        claim: ENDS.into(),
        says: SAYS.into(),
        variant: run.variant.name.clone(),
        status,
        measured: None,
        measured_text: record.outcome().in_short(),
        bound: None,
        bound_text: expected(run.variant.ends).into(),
        post: None,
        hint,
    }
}

/// What a run took that was more than it may, and when.
fn over(record: &Record, taken: u64, limit: u64) -> String {
    // Rounded up, so that what is over its limit is seen to be.
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let place = place(record, record.duration());
    format!("It took {} MiB {place}; its limit is {} MiB.", mib(taken), mib(limit))
}

/// What was still done in the last third of a run that reached its deadline: it was slow, and not stuck.
fn at_work(record: &Record) -> Option<String> {
    let (last, deadline) = (record.progress.last()?, record.header.limits.deadline_ms?);
    let is_late = record.duration() >= deadline * 1000 && last.t > record.duration() / 3 * 2;
    is_late.then(|| format!("It was still at work: {} tasks were done {}", last.count, place(record, last.t)))
}

/// A time of a run and the phase that it falls in, such as `at 1.20 s, in the phase 'tasks begin'`.
pub(crate) fn place(record: &Record, t: u64) -> String {
    let phase = match (record.marks.iter().rfind(|mark| mark.t <= t), record.marks.first()) {
        (Some(mark), _) => format!(", in the phase '{}'", mark.name),
        (None, Some(first)) => format!(", before the phase '{}'", first.name),
        (None, None) => String::new(),
    };
    format!("at {:.2} s{phase}", t as f64 / 1e6)
}

/// The way of ending that this is, the most exact first; `None` where no variant should end so.
pub(crate) fn end_of(outcome: &Outcome) -> Option<Ends> {
    [Ends::Success, Ends::Enospc, Ends::Sigbus, Ends::Oom, Ends::Hang, Ends::Failed]
        .into_iter()
        .find(|&ends| is_expected(ends, outcome))
}

fn is_expected(ends: Ends, outcome: &Outcome) -> bool {
    match ends {
        Ends::Success => outcome.is_success(),
        Ends::Enospc => matches!(outcome, Outcome::Failed { errno: ENOSPC, .. }),
        Ends::Sigbus => matches!(outcome, Outcome::BusError),
        Ends::Oom => matches!(outcome, Outcome::Killed { by: Killer::Oom, .. }),
        Ends::Hang => matches!(outcome, Outcome::TimedOut),
        Ends::Failed => matches!(outcome, Outcome::Failed { .. }),
    }
}

fn expected(ends: Ends) -> &'static str {
    match ends {
        Ends::Success => "exited with 0",
        Ends::Enospc => "ENOSPC",
        Ends::Sigbus => "SIGBUS",
        Ends::Oom => "OOM killer",
        Ends::Hang => "timed out",
        Ends::Failed => "failed",
    }
}

/// When the run ended, what it was doing, and what was seen of its end.
fn evidence(record: &Record) -> String {
    let mut text = match (taken(record), record.header.limits.memory) {
        (Some(taken), Some(limit)) => over(record, taken, limit),
        _ => format!("It ended {}.", place(record, record.duration())),
    };
    if let Some(seen) = at_work(record) {
        text.push_str(&format!(" {seen}."));
    }
    let Some(trailer) = &record.trailer else { return text };
    if let Outcome::Failed { at, .. } = &trailer.outcome {
        text.push_str(&format!(" It said: {at}."));
    }
    let is_said = |source: &str| trailer.taken.is_some() && source == WATCHDOG;
    for evidence in trailer.evidence.iter().filter(|evidence| !is_said(&evidence.source)) {
        if let Finding::Fired(what) = &evidence.finding {
            let what = in_words(what).unwrap_or_else(|| what.clone());
            text.push_str(&format!(" {}: {what}.", evidence.source));
        }
    }
    text
}

/// What a thread waits for, if it's said which function of the kernel it waits in.
fn in_words(what: &str) -> Option<String> {
    let function = what.strip_prefix("it waits in ")?.split(',').next()?;
    let has = |part: &str| function.contains(part);
    let awaited = match function {
        "do_wait" => "the end of a child",
        _ if function.starts_with("futex") => "a lock, or for another thread",
        _ if has("pipe_read") || has("stream_read") || has("wait_for_more_packets") => {
            "somebody to write to its pipe or socket"
        }
        _ if has("pipe_write") || has("wait_for_sndbuf") => "somebody to read from its pipe or socket",
        _ if has("poll") || has("select") => "something to happen to one of its files",
        _ if has("nanosleep") => "a time to pass",
        _ => return None,
    };
    Some(format!("it waits for {awaited} ({function})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_waits_for_is_said_in_words() {
        let said = |what| in_words(what).unwrap();
        assert_eq!(
            said("it waits in futex_do_wait, system call 202"),
            "it waits for a lock, or for another thread (futex_do_wait)"
        );
        assert_eq!(
            said("it waits in unix_stream_read_generic, system call 0"),
            "it waits for somebody to write to its pipe or socket (unix_stream_read_generic)"
        );
        assert_eq!(in_words("it waits in a_function_of_tomorrow"), None);
        assert_eq!(in_words("memory.events oom_kill: 1"), None);
    }
}
