//! A record in the terms of a diagnosis. Anything that's not in the record is unknown, never 0.

mod commands;
mod ending;
mod growth;
mod measures;
mod processes;
mod shared;
mod standstill;

use super::rule::Measured;
use crate::model::record::Record;
use crate::model::series::Series;

pub(crate) use commands::command_line;
pub(super) use growth::Growth;
use growth::STEADY;
pub(super) use standstill::Standstill;

/// A record, and what several modes ask of it.
pub(super) struct View<'a> {
    pub(super) record: &'a Record,
    /// The highest memory use, in bytes, by the best total that there is.
    pub(super) peak: Option<u64>,
    /// How anonymous memory has grown.
    pub(super) anon: Result<Growth, String>,
    /// The standstill in which the run ended, if it did in one.
    pub(super) standstill: Option<Standstill>,
}

/// A limit on the memory of the run.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    pub(super) bytes: u64,
    /// Whose it is, as words.
    pub(super) whose: String,
    /// The most that was used of it.
    pub(super) used: Option<u64>,
}

impl<'a> View<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        let mut view = View {
            record,
            peak: total(record),
            anon: Err(String::new()),
            standstill: Standstill::of(record),
        };
        view.anon = match view.anonymous() {
            Some(series) => view.growth_of(series),
            None => Err("the record has no anonymous memory".to_owned()),
        };
        view
    }

    /// A metric over time.
    pub(super) fn series(&self, metric: &str) -> Option<Series<'a>> {
        self.record.series(metric)
    }

    /// How many samples of the total there are.
    pub(super) fn samples(&self) -> usize {
        ["cgroup", "rss"].iter().filter_map(|name| Some(self.series(name)?.t.len())).max().unwrap_or(0)
    }

    /// The peak of a metric, and when it was.
    pub(super) fn peak_of(&self, metric: &str) -> Measured {
        let Some(series) = self.series(metric) else { return Measured::not_recorded(metric) };
        match (series.peak(), self.record.peak(metric)) {
            (Some((at, sampled)), Some(peak)) if sampled == peak => Measured::Known(peak, Some(at)),
            (_, Some(peak)) => Measured::known(peak),
            (_, None) => Measured::not_recorded(metric),
        }
    }

    /// By how much a count that never falls has risen in the run.
    pub(super) fn rise(&self, metric: &str) -> Measured {
        let Some(series) = self.series(metric) else { return Measured::not_recorded(metric) };
        match (series.v.first(), series.highs().max()) {
            (Some(first), Some(most)) => Measured::known(most.saturating_sub(*first)),
            _ => Measured::not_recorded(metric),
        }
    }

    /// How many hundredths of the peak so many bytes are.
    pub(super) fn share(&self, bytes: Measured) -> Measured {
        match (bytes, self.peak) {
            (Measured::Known(bytes, at), Some(peak)) => Measured::Known(percent(bytes, peak), at),
            (Measured::Known(..), None) => Measured::not_recorded("total"),
            (unknown, _) => unknown,
        }
    }

    /// The same of what may be a larger part: without a control group, the pages of programs and libraries are in the
    /// peak, once for each process.
    pub(super) fn share_or_more(&self, bytes: Measured, least: u64) -> Measured {
        let without = without_files(self.record).filter(|_| self.series("cgroup").is_none());
        match (bytes.value(), without, self.share(bytes)) {
            (Some(bytes), Some(without), Measured::Known(part, _))
                if part < least && percent(bytes, without) >= least =>
            {
                Measured::Unknown(format!(
                    "{part} % of a peak in which programs and shared pages count repeatedly"
                ))
            }
            (.., share) => share,
        }
    }

    /// The lowest limit on memory that the record knows.
    pub(super) fn limit(&self) -> Option<Limit> {
        let header = &self.record.header;
        let own = header.limits.memory.map(|bytes| Limit {
            bytes,
            whose: "the run's own limit".to_owned(),
            used: self.peak,
        });
        let enclosing = header.enclosing.as_ref().map(|group| Limit {
            bytes: group.limit,
            whose: format!("the limit of the enclosing group {}", group.path),
            used: self.record.peak("enclosing_cgroup"),
        });
        own.into_iter().chain(enclosing).min_by_key(|limit| limit.bytes)
    }

    /// How many hundredths of the lowest limit were used.
    pub(super) fn nearness(&self) -> Measured {
        match self.limit() {
            Some(Limit { used: Some(used), bytes, .. }) => Measured::known(percent(used, bytes)),
            Some(_) => Measured::not_recorded("use of the lowest limit"),
            None if self.record.header.schema < 3 => Measured::not_recorded("enclosing groups"),
            None => Measured::known(0),
        }
    }

    /// When the tasks of the work were done, if the program announces them: the first of them and the last.
    pub(super) fn tasks(&self) -> Option<(u64, u64)> {
        let progress = &self.record.progress;
        match (progress.first(), progress.last()) {
            (Some(first), Some(last)) if progress.len() >= TASKS => Some((first.t, last.t)),
            _ => None,
        }
    }

    /// The time of the work. That's the time of the announced tasks, or until memory begins to fall with them. Without
    /// tasks it's while a metric is neither near its beginning nor near its end.
    pub(super) fn work(&self, series: Series<'_>) -> (u64, u64) {
        let most = series.sampled_highs().max().unwrap_or(0);
        let time = |index: Option<usize>| index.and_then(|index| series.t.get(index)).copied().unwrap_or(0);
        let last = |least: u64| time(series.v.iter().rposition(|&value| value >= least));
        let (end, high) = (last(most / 2), last(most / 10 * 9));
        let begin = time(series.v.iter().position(|&value| value >= most / 20));
        match (self.tasks(), self.oom_kill()) {
            // What a program announced may be read only when it has been killed, and its memory is gone.
            (Some((first, last)), Measured::Known(1.., _)) => (first, last.min(high)),
            (Some((first, last)), _) => match self.longest_queue(series) {
                // With a queue that is filled before the first of it is done, the work is to fill it.
                Some(longest) => (if first < longest { first } else { begin }, longest),
                None => (first, last),
            },
            // Memory given back in the last moments is given back because the work is over.
            (None, _) if end - high <= end.saturating_sub(begin) / 10 => (begin, high),
            (None, _) => (begin, end),
        }
    }

    /// When most was waiting to be done, if memory went steadily, and nearly all of it, with the tasks after that.
    fn longest_queue(&self, series: Series<'_>) -> Option<u64> {
        let (longest, most) = series.peak()?;
        let after = self.record.progress.iter().map(|progress| progress.t).filter(|&t| t > longest);
        let done: Vec<u64> = after.collect();
        if done.len() < TASKS {
            return None;
        }
        // It may be worked off within a few samples, so halves must do.
        let [first, middle, last] = [0, done.len() / 2, done.len() - 1].map(|index| series.at(done[index]));
        let (first, middle, last) = (first?, middle?, last?);
        let least = first.saturating_sub(middle).min(middle.saturating_sub(last));
        let is_steady = percent(least * 2, first.saturating_sub(last)) >= STEADY;
        let mut low = most;
        let rises_again = series.between(longest, *done.last()?).lows().any(|value| {
            low = low.min(value);
            value > low + most / 8
        });
        (is_steady && !rises_again && last <= most / 4).then_some(longest)
    }

    /// Whether the program ran before it was recorded.
    fn is_attached(&self) -> bool {
        self.record.header.command.as_ref().is_some_and(|command| command.attached.is_some())
    }

    /// Whether anonymous memory is that of work that waits.
    pub(super) fn is_queue(&self) -> bool {
        self.anonymous().and_then(|series| self.longest_queue(series)).is_some()
    }

    /// Anonymous memory, in which no page counts twice: of the control group, or of the only process, or of the
    /// largest one.
    pub(super) fn anonymous(&self) -> Option<Series<'a>> {
        let is_alone = self.record.peak("processes").is_some_and(|most| most <= 1);
        let summed = self.series("anon").filter(|_| is_alone);
        let charged = || self.series("cgroup_anon").filter(|series| series.t.len() >= FINE);
        let largest = || self.largest()?.series("anon");
        summed.or_else(charged).or_else(largest).or_else(|| self.series("root_anon"))
    }

    fn lacks_the_beginning(&self) -> bool {
        let first = self.record.tracks.values().filter_map(|track| track.t.first()).min();
        first.is_none_or(|&first| first > self.record.duration() / 10 && first > LATE)
    }

    /// The missing part of the run as a whole, if any.
    fn lacks(&self) -> Option<&'static str> {
        match self.record.trailer {
            None => Some("end"),
            Some(_) => self.lacks_the_beginning().then_some("beginning"),
        }
    }

    /// How a metric grew over the work.
    fn growth_of(&self, series: Series<'_>) -> Result<Growth, String> {
        if self.lacks_the_beginning() {
            return Err("the record lacks the beginning".to_owned());
        }
        Growth::of(series, self.work(series), self.record.header.interval)
    }
}

/// So many tasks make a trend.
pub(super) const TASKS: usize = 8;

/// A series with fewer samples shows no course.
const FINE: usize = 12;

/// A record whose samples begin later, in microseconds, and after a tenth of the run, lacks its beginning.
const LATE: u64 = 100_000;

/// The highest use of memory by the control group; or the processes' resident memory plus shared memory.
fn total(record: &Record) -> Option<u64> {
    record.peak("cgroup").or_else(|| {
        let rss = record.series("rss")?;
        let mapped = sampled(record, "shmem").unwrap_or(0);
        Some(rss.peak()?.1 + memory_files(record).saturating_sub(mapped))
    })
}

/// The highest sum of anonymous memory, plus files in memory.
fn without_files(record: &Record) -> Option<u64> {
    Some(sampled(record, "anon")? + memory_files(record))
}

fn memory_files(record: &Record) -> u64 {
    let [tmpfs, open] = ["tmpfs", "open_memory_files"].map(|name| sampled(record, name).unwrap_or(0));
    tmpfs.max(open)
}

/// The highest value of a metric among the samples.
fn sampled(record: &Record, metric: &str) -> Option<u64> {
    Some(record.series(metric)?.peak()?.1)
}

/// How many hundredths of a whole a part is.
pub(super) fn percent(part: u64, whole: u64) -> u64 {
    (u128::from(part) * 100 / u128::from(whole.max(1))) as u64
}
