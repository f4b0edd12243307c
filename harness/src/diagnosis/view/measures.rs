//! Quantities that rules of several modes read.

use super::growth::{STEADY, spikes};
use super::{Growth, View, percent};
use crate::diagnosis::rule::Measured;
use crate::model::outcome::Outcome;
use crate::model::record::{ProcessTrack, Rlimit};

impl View<'_> {
    /// Something about the growth of anonymous memory.
    pub(in crate::diagnosis) fn of_anon(&self, what: fn(&Growth) -> u64) -> Measured {
        match &self.anon {
            Ok(growth) => Measured::Known(what(growth), Some(growth.top.0)),
            Err(why) => Measured::Unknown(why.clone()),
        }
    }

    /// How steadily anonymous memory grew. Of a run that was killed in the middle of a rise with its tasks, a little
    /// unsteadiness says nothing.
    pub(in crate::diagnosis) fn steadiness(&self) -> Measured {
        match (&self.anon, self.tasks(), self.oom_kill()) {
            (Ok(growth), Some(_), Measured::Known(1.., _)) if growth.is_unclear() => {
                Measured::Unknown(UNCLEAR.to_owned())
            }
            _ => self.of_anon(|growth| growth.steadiness),
        }
    }

    /// How many tasks the program announced. Whether what it did without announcing any would have gone on to grow,
    /// nobody knows unless it came to its end by itself.
    pub(in crate::diagnosis) fn tasks_or_end(&self) -> Measured {
        match (self.tasks(), self.record.outcome(), self.oom_kill()) {
            // What grows may be given back later.
            _ if self.record.trailer.is_none() => Measured::not_recorded("end"),
            (Some(_), ..) => Measured::known(self.record.progress.len() as u64),
            _ if self.is_attached() => {
                Measured::Unknown("a program doesn't announce them to an attached recorder".to_owned())
            }
            _ if self.anon.as_ref().is_ok_and(Growth::is_long) => {
                Measured::Unknown("it announces none, and grew from its beginning to its end".to_owned())
            }
            (
                None,
                Outcome::Exited(_) | Outcome::Failed { .. } | Outcome::BusError,
                Measured::Known(0, _),
            ) => Measured::known(0),
            _ => Measured::Unknown("it announces none, and didn't come to its end".to_owned()),
        }
    }

    /// How many tasks were announced while the floor of anonymous memory rose throughout.
    pub(in crate::diagnosis) fn grown_with_tasks(&self) -> Measured {
        match (&self.anon, self.tasks()) {
            (Ok(growth), Some(_)) if growth.steadiness >= STEADY => {
                Measured::known(self.record.progress.len() as u64)
            }
            (Ok(_), _) => Measured::known(0),
            (Err(why), _) => Measured::Unknown(why.clone()),
        }
    }

    /// How steadily anonymous memory grew. A steady rise to the limit may be the way to what the program needs, or
    /// have no end: without tasks, the record doesn't tell.
    pub(in crate::diagnosis) fn growth_without_tasks(&self) -> Measured {
        match &self.anon {
            Err(why) => Measured::Unknown(why.clone()),
            Ok(growth) if growth.is_unclear() && self.tasks().is_some() && !self.is_mostly_shared() => {
                Measured::Unknown(UNCLEAR.to_owned())
            }
            Ok(growth) if growth.steadiness < STEADY || self.is_mostly_shared() => {
                Measured::known(growth.steadiness.min(STEADY - 1))
            }
            Ok(growth) if self.tasks().is_some() => Measured::known(growth.steadiness),
            Ok(_) => Measured::Unknown("it rose steadily, and announces no tasks".to_owned()),
        }
    }

    /// For how long the run stood still at its end, in microseconds.
    pub(in crate::diagnosis) fn standstill_length(&self) -> Measured {
        match &self.standstill {
            Some(still) => Measured::Known(still.length(), Some(still.begin)),
            None if self.record.trailer.is_none() => Measured::not_recorded("end"),
            // It was ended before its standstill was noted, or by a recorder that notes none.
            None if self.record.outcome() == Outcome::TimedOut
                && (self.record.header.limits.no_progress_ms.is_some() || self.record.header.schema < 3) =>
            {
                Measured::not_recorded("what it waited in")
            }
            None => Measured::known(0),
        }
    }

    /// How many threads of children wait in a futex in the standstill, or in something else.
    pub(in crate::diagnosis) fn waits(&self, in_futex: bool) -> Measured {
        let Some(still) = &self.standstill else { return self.standstill_length() };
        let unseen = still.of_children().any(|wait| still.is_futex(wait).is_none());
        let count = still.of_children().filter(|wait| still.is_futex(wait) == Some(in_futex)).count();
        // One that wasn't seen may be of the other kind, and the only one of this kind.
        if unseen && (!in_futex || count == 0) {
            return Measured::not_recorded("what each of them waits in");
        }
        Measured::Known(count as u64, Some(still.begin))
    }

    /// What the kernel has and can't drop, in bytes.
    pub(in crate::diagnosis) fn unreclaimable_kernel(&self) -> Measured {
        let Some(kernel) = self.series("cgroup_kernel") else {
            return Measured::not_recorded("kernel's memory");
        };
        let most = kernel.sampled_highs().max().unwrap_or(0);
        match self.record.peak("cgroup_slab_reclaimable") {
            Some(reclaimable) => Measured::known(most.saturating_sub(reclaimable)),
            // If it's little including droppable memory, it's little without.
            None if most < 32 << 20 => Measured::known(most),
            None => Measured::not_recorded("part of the kernel's memory that can be dropped"),
        }
    }

    /// How often processes were slowed down above the high bound of a group.
    pub(in crate::diagnosis) fn slowed(&self) -> Measured {
        let rises =
            ["cgroup_high", "enclosing_high", "shared_cgroup_high"].map(|name| self.rise(name).value());
        rises
            .into_iter()
            .flatten()
            .max()
            .map_or_else(|| Measured::not_recorded("memory.events"), Measured::known)
    }

    /// In how many hundredths of the run something waited for memory.
    pub(in crate::diagnosis) fn pressure(&self) -> Measured {
        match self.rise("pressure") {
            Measured::Known(waited, _) => Measured::known(percent(waited, self.record.duration())),
            unknown @ Measured::Unknown(_) => unknown,
        }
    }

    /// Swapped-out memory, in bytes.
    pub(in crate::diagnosis) fn swapped(&self) -> Measured {
        let most = self.record.peak("cgroup_swap").max(self.record.peak("swap"));
        most.map_or_else(|| Measured::not_recorded("swap"), Measured::known)
    }

    /// Faults that waited for a disk, each second.
    pub(in crate::diagnosis) fn major_faults(&self) -> Measured {
        match self.rise("major_faults") {
            Measured::Known(faults, _) => {
                Measured::known(faults.saturating_mul(1_000_000) / self.record.duration().max(1))
            }
            unknown @ Measured::Unknown(_) => unknown,
        }
    }

    /// The time of the run, in microseconds.
    pub(in crate::diagnosis) fn length(&self) -> Measured {
        Measured::known(self.record.duration())
    }

    /// How many limits on address space or data were in force.
    pub(in crate::diagnosis) fn address_limits(&self) -> Measured {
        match &self.record.trailer {
            None => Measured::not_recorded("end"),
            Some(trailer) if trailer.rlimits.is_empty() && !self.knows_rlimits() => {
                Measured::not_recorded("limits of setrlimit")
            }
            Some(_) => Measured::known(self.of_addresses().count() as u64),
        }
    }

    /// How much of such a limit was used, in hundredths. What would have been more than all of it was refused, and
    /// never used.
    pub(in crate::diagnosis) fn address_space(&self) -> Measured {
        match self.of_addresses().filter_map(|rlimit| Some(percent(rlimit.used?, rlimit.limit))).max() {
            Some(used) if used >= HALF => Measured::known(used),
            Some(used) => {
                Measured::Unknown(format!("{used} %, and a single request may have been too large"))
            }
            None if self.knows_rlimits() => Measured::known(0),
            None => Measured::not_recorded("limits of setrlimit"),
        }
    }

    fn knows_rlimits(&self) -> bool {
        self.record.header.metrics.contains_key("address_space")
    }

    fn of_addresses(&self) -> impl Iterator<Item = &Rlimit> {
        let rlimits = self.record.trailer.iter().flat_map(|trailer| &trailer.rlimits);
        rlimits.filter(|rlimit| rlimit.name == AS || rlimit.name == DATA)
    }

    /// The process that came nearest to such a limit.
    pub(in crate::diagnosis) fn bound_process(&self) -> Option<String> {
        let rlimit = self.of_addresses().next()?;
        Some(format!("process {}, by {}", rlimit.pid, rlimit.name))
    }

    /// The address space, divided by the threads that there were.
    pub(in crate::diagnosis) fn address_space_per_thread(&self) -> Measured {
        match (self.peak_of("address_space"), self.threads()) {
            (Measured::Known(space, at), Measured::Known(threads, _)) => {
                Measured::Known(space / threads.max(1), at)
            }
            (Measured::Unknown(why), _) | (_, Measured::Unknown(why)) => Measured::Unknown(why),
        }
    }

    /// The most threads of the process with most memory.
    pub(in crate::diagnosis) fn threads(&self) -> Measured {
        match self.largest().and_then(|track| track.peak("threads")) {
            Some(most) => Measured::known(most),
            None => Measured::not_recorded("threads of single processes"),
        }
    }

    /// How many hundredths of its threads the program has in the last tenth of its work.
    pub(in crate::diagnosis) fn threads_left(&self) -> Measured {
        let Some(series) = self.largest().and_then(|track| track.series("threads")) else {
            return Measured::not_recorded("threads of single processes");
        };
        let most = series.sampled_highs().max().unwrap_or(0);
        match (self.late(), most) {
            (Some(late), 1..) => {
                let left = series.at(late).unwrap_or(0);
                Measured::Known(percent(left, most), Some(late))
            }
            _ => Measured::not_recorded("threads"),
        }
    }

    /// How many hundredths of its highest value anonymous memory has in the last tenth of the work.
    pub(in crate::diagnosis) fn kept(&self) -> Measured {
        match (&self.anon, self.late(), self.anonymous()) {
            (Ok(growth), Some(late), Some(series)) => {
                Measured::Known(percent(series.at(late).unwrap_or(0), growth.top.1), Some(late))
            }
            (Err(why), ..) => Measured::Unknown(why.clone()),
            _ => Measured::not_recorded("anonymous memory"),
        }
    }

    /// A moment late in the run, before the program takes its data down.
    fn late(&self) -> Option<u64> {
        self.anon.as_ref().ok().map(|growth| growth.work.1 - (growth.work.1 - growth.work.0) / 10)
    }

    /// What the first process wrote and no disk got, in bytes. The kernel adds to it what its children wrote that it
    /// has waited for.
    pub(in crate::diagnosis) fn sent(&self) -> Measured {
        if let Some(part) = self.lacks() {
            return Measured::not_recorded(part);
        }
        let Some(written) = self.first().and_then(|track| track.peak("wchar")) else {
            return Measured::not_recorded("bytes that the first process wrote");
        };
        let to_disk = self.record.peak("disk_written").unwrap_or(0);
        let to_tmpfs = self.record.peak("tmpfs").unwrap_or(0);
        match written.saturating_sub(self.of_others("wchar")).saturating_sub(to_disk).saturating_sub(to_tmpfs)
        {
            // The kernel counts write(2), but not data sent through a socket by other calls.
            little if little < 32 << 20 => {
                Measured::Unknown("send(2) isn't counted, and write(2) wrote little".to_owned())
            }
            sent => Measured::known(sent),
        }
    }

    /// How many hundredths of that other processes have read.
    pub(in crate::diagnosis) fn received(&self) -> Measured {
        match self.sent() {
            Measured::Known(sent, _) => Measured::known(percent(self.of_others("rchar"), sent)),
            unknown @ Measured::Unknown(_) => unknown,
        }
    }

    /// How often one of those freed its input. That's counted by the falls of its memory, or because it has read so
    /// many times as much as it ever had.
    pub(in crate::diagnosis) fn let_go(&self) -> Measured {
        let times = |track: &ProcessTrack| {
            let (read, anon) = (track.peak("rchar")?, track.series("anon")?);
            let most = track.peak("anon")?.max(1 << 20);
            Some(spikes(anon).max(read / most))
        };
        let readers = self.record.processes.each.values().skip(1);
        match readers.filter(|track| track.peak("rchar") >= Some(MUCH)).filter_map(times).max() {
            Some(times) => Measured::known(times),
            None => Measured::not_recorded("memory of the readers"),
        }
    }

    /// The sum of what the processes but the first had of a metric.
    fn of_others(&self, metric: &str) -> u64 {
        self.record.processes.each.values().skip(1).filter_map(|track| track.peak(metric)).sum()
    }

    /// The same in hundredths of its anonymous memory.
    pub(in crate::diagnosis) fn sent_per_memory(&self) -> Measured {
        match (self.sent(), self.first_anon()) {
            (Measured::Known(sent, _), Some(memory)) => Measured::known(percent(sent, memory)),
            (unknown @ Measured::Unknown(_), _) => unknown,
            (_, None) => Measured::not_recorded("anonymous memory of the first process"),
        }
    }

    /// The most anonymous memory of the first process, in bytes.
    pub(in crate::diagnosis) fn first_anon(&self) -> Option<u64> {
        self.record.peak("root_anon").or_else(|| self.first()?.peak("anon"))
    }

    /// How often the memory of the first process fell by a third of what comes and goes.
    pub(in crate::diagnosis) fn spikes(&self) -> Measured {
        match self.series("root_anon") {
            Some(series) => Measured::known(spikes(series)),
            None => Measured::not_recorded("anonymous memory of the first process"),
        }
    }

    fn first(&self) -> Option<&ProcessTrack> {
        self.record.processes.each.values().next()
    }

    /// How many processes have the name of the largest one, and nearly as much anonymous memory.
    pub(in crate::diagnosis) fn alike(&self) -> Measured {
        match self.group() {
            Some(group) => Measured::known(group.len() as u64),
            None => Measured::not_recorded("single processes"),
        }
    }

    /// What these have together, in bytes.
    pub(in crate::diagnosis) fn of_alike(&self) -> Measured {
        match self.group() {
            Some(group) => Measured::known(group.into_iter().sum()),
            None => Measured::not_recorded("single processes"),
        }
    }

    /// The part of the peak that this is. Without a control group the peak counts shared pages more than once, so the
    /// part may be larger.
    pub(in crate::diagnosis) fn share_of_alike(&self) -> Measured {
        match self.share(self.of_alike()) {
            Measured::Known(part, _) if part < 100 && self.series("cgroup").is_none() => {
                Measured::Unknown(format!("{part} % of a peak in which shared pages count more than once"))
            }
            share => share,
        }
    }

    /// The peaks of the processes that are like the largest one, of the most of them that lived at one time: a pool
    /// may replace each one that's killed.
    fn group(&self) -> Option<Vec<u64>> {
        let largest = self.largest()?;
        let (name, most) = (&largest.process.as_ref()?.name, largest.peak("anon")?);
        let each = self.record.processes.each.values();
        let alike = each.filter(|track| track.process.as_ref().is_some_and(|process| process.name == *name));
        // When each begins and ends, and its peak.
        let alike: Vec<(u64, u64, u64)> = alike
            .filter_map(|track| {
                let begin = *track.series("anon")?.t.first()?;
                Some((begin, track.until(&self.record.ended).unwrap_or(u64::MAX), track.peak("anon")?))
            })
            .filter(|(_, _, peak)| *peak >= most / 10 * 7)
            .collect();
        let living = |t: u64| {
            let live = alike.iter().filter(|(begin, end, _)| *begin <= t && t < *end);
            live.map(|(.., peak)| *peak).collect::<Vec<_>>()
        };
        // Most of them live when one of them begins.
        alike.iter().map(|(begin, ..)| living(*begin)).max_by_key(Vec::len)
    }
}

/// A process that has read this many bytes was sent something.
const MUCH: u64 = 8 << 20;

const UNCLEAR: &str = "it was killed in a rise that isn't even";

/// So much of a limit, in hundredths, shows that it is in the way.
const HALF: u64 = 50;

const AS: &str = "RLIMIT_AS";
const DATA: &str = "RLIMIT_DATA";
