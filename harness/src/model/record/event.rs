//! What happened when: the time line of a run.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::processes::{Ended, Status};
use super::{Mark, Record};
use crate::model::outcome::{Evidence, signal_name};

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in microseconds.
    pub t: u64,
    /// The process that it happened to, as `lab` sees its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// What.
    pub what: What,
}

/// What happened. How a process ended that the kernel reports is an `Ended`, and a phase is a [`Mark`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A process began. `parent` is the number of the one that started it, if that is known.
    Started {
        /// The parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<i32>,
    },
    /// A process began to execute another program, of this name.
    Executed(String),
    /// A process wasn't there any more. How it ended the kernel didn't report.
    Gone,
    /// The program was stopped by a signal.
    Stopped,
    /// The program was let go on.
    Continued,
    /// The kernel's OOM killer has ended so many processes of this control group.
    OomKills {
        /// How many since it was looked before.
        count: u64,
        /// The folder of the group; empty for the run's own.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        group: String,
    },
    /// There are so many files more in the run's shared memory than when it was looked before.
    Files(u64),
    /// Nothing was free any more, of what this says.
    Full(String),
    /// At a mark, no sample of this track was taken, since memory was near a limit.
    LeftOut(String),
    /// The program has said that it is about to end with this error; `errno` is 0 where there was none.
    Failed {
        /// The number of errno(3).
        errno: i32,
        /// What the program was doing, in its own words.
        at: String,
    },
    /// Nothing moves: all threads sleep, and have used next to no processor time for a while.
    Standstill {
        /// For how long, when it was noticed, in microseconds.
        since: u64,
        /// The processor time that they have used meanwhile, in microseconds.
        cpu: u64,
        /// What the threads wait in; the first of them, if there are many.
        waits: Vec<Wait>,
    },
    /// After a standstill, something moves again.
    Moves,
}

/// What a thread waits in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The process.
    pub pid: i32,
    /// The thread.
    pub thread: i32,
    /// The function of the kernel that it waits in (proc_pid_wchan(5)); `0`, as the kernel says, if it doesn't wait
    /// or isn't this user's to look at. `None` if nothing could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The number of the system call that it is in (proc_pid_syscall(5)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<i64>,
}

/// Something on the time line.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment<'a> {
    Event(&'a Event),
    Ended(&'a Ended),
    Mark(&'a Mark),
}

impl Record {
    /// Everything that happened, in its order.
    pub(crate) fn time_line(&self) -> Vec<Moment<'_>> {
        let events = self.events.iter().map(Moment::Event);
        let ends = self.ended.iter().map(Moment::Ended);
        let mut all: Vec<_> = events.chain(ends).chain(self.marks.iter().map(Moment::Mark)).collect();
        all.sort_by_key(Moment::t);
        all
    }
}

impl Moment<'_> {
    /// When, in microseconds.
    pub(crate) fn t(&self) -> u64 {
        match self {
            Moment::Event(event) => event.t,
            Moment::Ended(ended) => ended.t,
            Moment::Mark(mark) => mark.t,
        }
    }

    /// The process that it happened to.
    pub(crate) fn pid(&self) -> Option<i32> {
        match self {
            Moment::Event(event) => event.pid,
            Moment::Ended(ended) => Some(ended.pid),
            Moment::Mark(_) => None,
        }
    }
}

impl fmt::Display for Moment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Event(event) => event.what.fmt(f),
            Moment::Mark(mark) => write!(f, "mark: {}", mark.name),
            Moment::Ended(ended) => {
                match ended.status {
                    Some(Status::Exited(code)) => write!(f, "exited with {code}")?,
                    Some(Status::Killed(signal)) => write!(f, "ended by {}", signal_name(signal))?,
                    None => write!(f, "ended")?,
                }
                if ended.name.is_empty() { Ok(()) } else { write!(f, " ({})", ended.name) }
            }
        }
    }
}

impl What {
    /// Whether it is the coming and going of processes and files, of which there may be any number.
    pub(crate) fn is_frequent(&self) -> bool {
        matches!(self, What::Started { .. } | What::Executed(_) | What::Gone | What::Files(_))
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Started { parent: Some(parent) } => write!(f, "started by {parent}"),
            What::Started { parent: None } => write!(f, "started"),
            What::Executed(name) if name.is_empty() => write!(f, "executed a program"),
            What::Executed(name) => write!(f, "executed {name}"),
            What::Gone => write!(f, "gone"),
            What::Stopped => write!(f, "stopped"),
            What::Continued => write!(f, "continued"),
            What::OomKills { count, group } if group.is_empty() => {
                write!(f, "the kernel's OOM killer has ended {count}")
            }
            What::OomKills { count, group } => {
                write!(f, "the kernel's OOM killer has ended {count} in {group}")
            }
            What::Files(count) => write!(f, "{count} files more in shared memory"),
            What::Full(what) => write!(f, "full: {what}"),
            What::LeftOut(track) => write!(f, "no sample of {track}, since memory is near a limit"),
            What::Failed { errno, at } => write!(f, "failed with error {errno}: {at}"),
            What::Standstill { since, cpu, waits } => {
                let (seconds, cpu) = (*since as f64 / 1e6, *cpu as f64 / 1e3);
                let channels = channels(waits);
                write!(
                    f,
                    "all threads sleep, {cpu:.1} ms of processor time in {seconds:.1} s; they wait in {channels}"
                )
            }
            What::Moves => write!(f, "something moves again"),
        }
    }
}

/// What threads wait in, each once with the number of threads, the most frequent first.
fn channels(waits: &[Wait]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let seen = waits.iter().map(|wait| wait.channel.as_deref().filter(|channel| *channel != NOTHING));
    for channel in seen.map(|channel| channel.unwrap_or("what can't be seen")) {
        match counts.iter_mut().find(|(known, _)| *known == channel) {
            Some((_, count)) => *count += 1,
            None => counts.push((channel, 1)),
        }
    }
    counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let named: Vec<String> = counts.iter().map(|(channel, count)| format!("{channel} ({count})")).collect();
    named.join(", ")
}

/// What the kernel says of a thread that doesn't wait.
const NOTHING: &str = "0";

impl Wait {
    /// As evidence that the run made no progress.
    pub(crate) fn evidence(&self) -> Evidence {
        let source = format!("thread {} of process {}", self.thread, self.pid);
        match (&self.channel, self.call) {
            (Some(channel), _) if channel == NOTHING => Evidence::did_not_fire(&source),
            (Some(channel), Some(call)) => {
                Evidence::fired(&source, format!("it waits in {channel}, system call {call}"))
            }
            (Some(channel), None) => Evidence::fired(&source, format!("it waits in {channel}")),
            (None, _) => Evidence::could_not_look(&source, "its wait channel can't be read".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::outcome::Finding;

    #[test]
    fn a_thread_that_could_not_be_looked_at_is_none_that_does_not_wait() {
        let finding = |channel: Option<&str>| {
            let wait = Wait { pid: 1, thread: 2, channel: channel.map(str::to_owned), call: Some(202) };
            wait.evidence().finding
        };
        let fired = Finding::Fired("it waits in futex_do_wait, system call 202".into());
        assert_eq!(finding(Some("futex_do_wait")), fired);
        assert_eq!(finding(Some("0")), Finding::DidNotFire);
        assert!(matches!(finding(None), Finding::CouldNotLook(_)));
    }

    #[test]
    fn channels_are_counted_the_most_frequent_first() {
        let wait = |channel: &str| Wait { pid: 1, thread: 1, channel: Some(channel.into()), call: None };
        let waits = [wait("0"), wait("futex_do_wait"), wait("futex_do_wait")];
        assert_eq!(channels(&waits), "futex_do_wait (2), what can't be seen (1)");
    }
}
