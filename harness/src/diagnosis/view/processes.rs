//! Facts about single processes.

use std::collections::BTreeSet;

use nix::libc::{SIGABRT, SIGBUS, SIGHUP, SIGINT, SIGKILL, SIGSEGV, SIGTERM};

use super::View;
use crate::diagnosis::rule::Measured;
use crate::model::outcome::Outcome;
use crate::model::record::{Ended, ProcessTrack, Status, What};
use crate::model::series::Series;

impl<'a> View<'a> {
    /// The process with most anonymous memory.
    pub(in crate::diagnosis) fn largest(&self) -> Option<&'a ProcessTrack> {
        self.record.processes.each.values().max_by_key(|track| track.peak("anon"))
    }

    /// That process with its number.
    pub(in crate::diagnosis) fn largest_name(&self) -> Option<String> {
        let process = self.largest()?.process.as_ref()?;
        Some(format!("process {} ({})", process.name, process.pid))
    }

    /// The number of the first process.
    fn root(&self) -> Option<i32> {
        let first = self.record.processes.each.values().next().and_then(|track| track.process.as_ref());
        first.map(|process| process.pid)
    }

    /// Whether a process had ended before the run did.
    pub(super) fn is_over(&self, pid: i32) -> bool {
        self.record.ended.iter().any(|ended| ended.pid == pid && ended.t + SOON <= self.record.duration())
    }

    /// How many children were ended by a signal for faulty programs, before the run stood still.
    pub(in crate::diagnosis) fn children_killed(&self) -> Measured {
        self.children_ended_by(&BAD, u64::MAX)
    }

    /// How many children have had no time to tidy up: also those that were asked to end and made no use of it. At the
    /// end of a run it's usual to ask.
    pub(in crate::diagnosis) fn children_cut_short(&self) -> Measured {
        let end = self.record.duration();
        let asked = self.children_ended_by(&[SIGTERM, SIGINT, SIGHUP], end - end / 10);
        match (self.children_killed(), asked) {
            (Measured::Known(0, _), asked) => asked,
            (killed, _) => killed,
        }
    }

    fn children_ended_by(&self, signals: &[i32], until: u64) -> Measured {
        let Some(known) = self.record.trailer.as_ref().and_then(|trailer| trailer.processes.as_ref()) else {
            return Measured::not_recorded("ends of single processes");
        };
        if known.totals.is_none() {
            return Measured::not_recorded("ends of single processes");
        }
        let before =
            self.standstill.as_ref().map_or(self.record.duration(), |still| still.begin + SOON).min(until);
        let killed: Vec<&Ended> =
            self.record.ended.iter().filter(|ended| self.is_killed(ended, before, signals)).collect();
        Measured::Known(killed.len() as u64, killed.first().map(|ended| ended.t))
    }

    /// The first child that was killed, and by what.
    pub(in crate::diagnosis) fn first_killed(&self) -> Option<&Ended> {
        let before = self.standstill.as_ref().map_or(u64::MAX, |still| still.begin + SOON);
        self.record.ended.iter().find(|ended| self.is_killed(ended, before, &BAD))
    }

    fn is_killed(&self, ended: &Ended, before: u64, signals: &[i32]) -> bool {
        // What ends with the run ends by its end.
        let by_itself = matches!(self.record.outcome(), Outcome::Exited(_) | Outcome::Failed { .. });
        let is_of_the_end = ended.t + SOON > self.record.duration() && !by_itself;
        ended.t <= before
            && !is_of_the_end
            && Some(ended.pid) != self.root()
            && signals.iter().any(|&signal| ended.is_killed_by(signal))
    }

    /// How many children were forked and have executed no other program.
    pub(in crate::diagnosis) fn forked(&self) -> Measured {
        let events = &self.record.events;
        let started: BTreeSet<i32> = events
            .iter()
            .filter(|event| matches!(event.what, What::Started { .. }))
            .filter_map(|event| event.pid)
            .collect();
        if started.is_empty() {
            return self.overlap();
        }
        let executed: BTreeSet<i32> = events
            .iter()
            .filter(|event| matches!(event.what, What::Executed(_)))
            .filter_map(|event| event.pid)
            .collect();
        let command = self.record.header.command.as_ref();
        let is_attached = command.is_some_and(|command| command.attached.is_some());
        // Else the first process has executed at least the command.
        if executed.is_empty() && !is_attached {
            return Measured::not_recorded("programs that processes executed");
        }
        let root = self.root();
        let forked = started.difference(&executed).filter(|pid| Some(**pid) != root);
        Measured::known(forked.count() as u64)
    }

    /// Whether pages count more than once, since processes share what they have of a fork. Older records have no
    /// events.
    fn overlap(&self) -> Measured {
        let (Some(summed), Some(charged)) = (self.series("anon"), self.series("cgroup_anon")) else {
            return Measured::not_recorded("starts of processes");
        };
        let most = charged.t.iter().zip(charged.v).filter_map(|(&t, &once)| {
            let sum = summed.at(t)?;
            Some((sum.saturating_sub(once), sum))
        });
        let twice = most.max().is_some_and(|(twice, sum)| twice >= sum / 5 && twice >= 4 << 20);
        Measured::truth(twice)
    }

    /// How much forked processes have copied of their shared pages: by how much memory rose while the sum over the
    /// processes didn't, and none came or went.
    pub(in crate::diagnosis) fn copied(&self) -> Measured {
        let (Some(summed), Some(processes)) = (self.series("anon"), self.series("processes")) else {
            return Measured::not_recorded("processes");
        };
        if processes.peak().is_none_or(|(_, most)| most <= 1) {
            return Measured::known(0);
        }
        // In addition to anonymous memory, Pss counts mapped files and shared memory.
        let besides = [self.series("file"), self.series("shmem")];
        let (once, besides) = match (self.series("cgroup_anon"), self.series("pss"), besides) {
            (Some(once), ..) => (once, Vec::new()),
            (None, Some(once), [Some(file), Some(shmem)]) => (once, vec![file, shmem]),
            _ => return Measured::not_recorded("memory in which shared pages count once"),
        };
        let (mut most, mut when, mut compared) = (0, None, 0);
        for (begin, end) in calm(processes) {
            let range = |series: Series<'_>| {
                let part = series.between(begin, end);
                part.sampled_highs().max().unwrap_or(0) - part.lows().min().unwrap_or(0)
            };
            let explained = range(summed) + besides.iter().map(|&series| range(series)).sum::<u64>();
            let mut low = u64::MAX;
            // By its values, not by its lows: a momentary low may also be between the other samples.
            for (at, (&t, &value)) in once.t.iter().zip(once.v).enumerate() {
                // A sample that stands for several may stand for some of the time before.
                let since = if once.lows.is_some() { once.t[at.saturating_sub(1)] } else { t };
                // At one moment, the sources are sampled one after the other.
                if since < begin || t > end + self.record.header.interval {
                    continue;
                }
                compared += u64::from(low < u64::MAX);
                low = low.min(value);
                let copied = (value - low).saturating_sub(explained);
                if copied > most {
                    (most, when) = (copied, Some(t));
                }
            }
        }
        match compared {
            0 => Measured::Unknown("it was sampled too rarely".to_owned()),
            _ => Measured::Known(most, when),
        }
    }
}

/// The stretches of time in which there are several processes, and none comes or goes.
fn calm(processes: Series<'_>) -> Vec<(u64, u64)> {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    let steady = |(low, high): (u64, u64)| (low == high && low > 1).then_some(low);
    let mut last = None;
    for (&t, extremes) in processes.t.iter().zip(processes.lows().zip(processes.sampled_highs())) {
        let now = steady(extremes);
        match (now, stretches.last_mut()) {
            (Some(count), Some(stretch)) if last == Some(count) => stretch.1 = t,
            (Some(_), _) => stretches.push((t, t)),
            (None, _) => {}
        }
        last = now;
    }
    stretches
}

/// What ends a process in which something is wrong, or that was killed.
const BAD: [i32; 4] = [SIGKILL, SIGSEGV, SIGBUS, SIGABRT];

/// What happens within this time, in microseconds, is taken for the same moment.
const SOON: u64 = 50_000;

impl Ended {
    /// Whether this signal ended it.
    pub(in crate::diagnosis) fn is_killed_by(&self, signal: i32) -> bool {
        self.status == Some(Status::Killed(signal))
    }
}
