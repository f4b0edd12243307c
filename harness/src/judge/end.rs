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
    /// By lab's watchdog at its limit of memory, where the kernel would have killed it, and why the kernel didn't.
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
            None => End::Otherwise(format!("The run didn't end as expected ({outcome})")),
        }
    }
}

/// What a run had taken when lab's watchdog ended it for taking more than it may, in bytes.
fn taken(record: &Record) -> Option<u64> {
    record.trailer.as_ref()?.taken
}

/// Why a run that used up its memory wasn't killed by the kernel, if nothing but lab's watchdog has held it to its
/// limit. The watchdog looks now and then, so a run can be over before it has looked.
fn unlimited(record: &Record) -> Option<String> {
    let is_taken = taken(record).is_some();
    if record.header.metrics.contains_key("cgroup") {
        return is_taken
            .then(|| "lab's watchdog ended the run before the kernel's OOM killer did".to_owned());
    }
    let why = "there was no control group, so the kernel's OOM killer had no memory limit to enforce";
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
        Outcome::CouldNotStart(why) => Some(format!("the run couldn't be started: {why}")),
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
    // Rounded up, to show memory over its limit as over.
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    let place = place(record, record.duration());
    format!("It took {} MiB {place}; its limit is {} MiB.", mib(taken), mib(limit))
}

/// Progress in the last third of a run that reached its deadline: it was slow rather than stuck.
fn at_work(record: &Record) -> Option<String> {
    let (last, is_late) = record.last_task_before_deadline()?;
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

/// The way of ending that this is, the most exact first; `None` if no variant should end so.
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

/// When the run ended, what it was doing, and the evidence of its end.
fn evidence(record: &Record) -> String {
    let mut text = match (taken(record), record.header.limits.memory) {
        (Some(taken), Some(limit)) => over(record, taken, limit),
        _ => format!("It ended {}.", place(record, record.duration())),
    };
    let deadline = record.header.limits.deadline_ms.filter(|millis| millis * 1000 <= record.duration());
    if let (Outcome::TimedOut, Some(millis)) = (record.outcome(), deadline) {
        text.push_str(&format!(" It had {} s.", millis as f64 / 1e3));
    }
    if let Some(seen) = at_work(record) {
        text.push_str(&format!(" {seen}."));
    }
    let Some(trailer) = &record.trailer else { return text };
    if let Outcome::Failed { at, .. } = &trailer.outcome {
        text.push_str(&format!(" It said: {at}."));
    }
    let threads = Threads::of(record);
    let is_said = |source: &str| trailer.taken.is_some() && source == WATCHDOG;
    for evidence in trailer.evidence.iter().filter(|evidence| !is_said(&evidence.source)) {
        let what = match &evidence.finding {
            Finding::Fired(what) => threads.in_words(&evidence.source, what).unwrap_or_else(|| what.clone()),
            Finding::DidNotFire if process_of(&evidence.source).is_some() => "it was busy".to_owned(),
            _ => continue,
        };
        text.push_str(&format!(" {}: {what}.", evidence.source));
    }
    text
}

/// The threads of a run that stood still, as its evidence names them.
struct Threads {
    /// The process of each.
    pids: Vec<i32>,
    /// How many processes were followed, those that have ended too; 0 if the record doesn't say.
    processes: usize,
    /// The processes that another one of the run has started.
    children: Vec<i32>,
}

impl Threads {
    fn of(record: &Record) -> Self {
        let evidence = record.trailer.iter().flat_map(|trailer| &trailer.evidence);
        let known: Vec<_> =
            record.processes.each.values().filter_map(|track| track.process.as_ref()).collect();
        let of_the_run = |pid: i32| known.iter().any(|process| process.pid == pid);
        let children = known.iter().filter(|process| process.parent.is_some_and(of_the_run));
        Threads {
            pids: evidence.filter_map(|evidence| process_of(&evidence.source)).collect(),
            processes: known.len(),
            children: children.map(|process| process.pid).collect(),
        }
    }

    /// What a thread waits for and who is left to give it, if it's said which function of the kernel it waits in.
    /// The function itself is in the time line, for readers who ask.
    fn in_words(&self, source: &str, what: &str) -> Option<String> {
        let awaited = awaited(what)?;
        let Some(pid) = process_of(source) else { return Some(format!("it waits for {awaited}")) };
        let others = self.pids.iter().filter(|other| **other != pid).count();
        let is_alone = self.pids.len() - others == 1 && self.pids.len() < MANY;
        let lacks = match awaited {
            LOCK if is_alone && self.children.contains(&pid) => {
                ", and its process has no other thread that could let go of it: \
                 a fork takes along only the thread that calls it"
            }
            LOCK if is_alone => ", and its process has no other thread that could let go of it",
            WRITER | READER | CHILD if others == 0 && self.processes == 1 => {
                ", and no other process was seen in this run"
            }
            WRITER | READER if others == 0 && self.pids.len() < MANY => {
                ", and no other process of this run is left"
            }
            _ => "",
        };
        Some(format!("it waits for {awaited}{lacks}"))
    }
}

/// Of so many threads some may not have been looked at.
const MANY: usize = 64;

const LOCK: &str = "a lock, or for another thread";
const WRITER: &str = "somebody to write to its pipe or socket";
const READER: &str = "somebody to read from its pipe or socket";
const CHILD: &str = "the end of a child";

/// The process of the thread that evidence is about.
fn process_of(source: &str) -> Option<i32> {
    source.strip_prefix("thread ")?.split_once(" of process ")?.1.parse().ok()
}

/// What a thread waits for.
fn awaited(what: &str) -> Option<&'static str> {
    let function = what.strip_prefix("it waits in ")?.split(',').next()?;
    let has = |part: &str| function.contains(part);
    Some(match function {
        "do_wait" => CHILD,
        _ if function.starts_with("futex") => LOCK,
        _ if has("pipe_read") || has("stream_read") || has("wait_for_more_packets") => WRITER,
        _ if has("pipe_write") || has("wait_for_sndbuf") => READER,
        _ if has("poll") || has("select") => "something to happen to one of its files",
        _ if has("nanosleep") => "a time to pass",
        _ if has("do_sigtimedwait") || has("pause") || has("sigsuspend") => "a signal",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(pids: &[i32], processes: usize, children: &[i32]) -> Threads {
        Threads { pids: pids.to_vec(), processes, children: children.to_vec() }
    }

    #[test]
    fn what_a_thread_waits_for_is_said_in_words() {
        let run = threads(&[7, 7, 8, 9], 3, &[8, 9]);
        let said = |thread: &str, what| run.in_words(thread, what);
        for (what, words) in [
            ("it waits in futex_do_wait, system call 202", "it waits for a lock, or for another thread"),
            (
                "it waits in unix_stream_read_generic, system call 0",
                "it waits for somebody to write to its pipe or socket",
            ),
            ("it waits in do_wait", "it waits for the end of a child"),
        ] {
            assert_eq!(said("thread 7 of process 7", what).as_deref(), Some(words));
        }
        assert_eq!(said("thread 7 of process 7", "it waits in a_function_of_tomorrow"), None);
        assert_eq!(said("the group", "memory.events oom_kill: 1"), None);
    }

    #[test]
    fn it_is_said_who_is_left_to_give_what_a_thread_waits_for() {
        let (futex, pipe) = ("it waits in futex_do_wait, system call 202", "it waits in pipe_read");
        let ends = |run: &Threads, source, what, words: &str| {
            let said = run.in_words(source, what).unwrap();
            assert!(said.ends_with(words), "{said}");
        };
        let forked = threads(&[7, 7, 8], 2, &[8]);
        ends(&forked, "thread 8 of process 8", futex, "a fork takes along only the thread that calls it");
        ends(&forked, "thread 7 of process 7", futex, "or for another thread");
        ends(&forked, "thread 8 of process 8", pipe, "its pipe or socket");
        let alone = threads(&[7], 1, &[]);
        ends(&alone, "thread 7 of process 7", futex, "no other thread that could let go of it");
        ends(&alone, "thread 7 of process 7", pipe, "no other process was seen in this run");
        ends(
            &threads(&[7], 3, &[8, 9]),
            "thread 7 of process 7",
            pipe,
            "no other process of this run is left",
        );
        // An old record doesn't say who there was, and of many threads not all were looked at.
        ends(&threads(&[7, 8], 0, &[]), "thread 7 of process 7", pipe, "its pipe or socket");
        ends(&threads(&[7; MANY], 1, &[]), "thread 7 of process 7", futex, "or for another thread");
    }
}
