//! One number out of a record.

use super::end::place;
use super::fit;
use crate::model::metric::{Metric, Unit};
use crate::model::record::{Progress, Record, What};
use crate::model::series::Series;
use crate::scenario::Measure;

/// The fewest samples that a line is fitted to. Any two points are on one.
const FEWEST: usize = 8;

/// A number out of a record.
#[derive(Debug)]
pub(super) struct Seen {
    /// The number, in the unit of the measure.
    pub(super) value: f64,
    /// Where it came about and where to look, as a sentence.
    pub(super) hint: Option<String>,
}

/// Why a record doesn't have a number.
#[derive(Debug)]
pub(super) enum Missing {
    /// The program didn't do the measured thing.
    Undone(String),
    /// It may have been done, and wasn't seen.
    Unseen(String),
}

/// Reads a measure out of a record.
pub(super) fn measure(measure: &Measure, record: &Record) -> Result<Seen, Missing> {
    match measure {
        Measure::Fact(name) => {
            let undone = || Missing::Undone(format!("The program never stated the fact '{name}'."));
            let value = record.fact(name).ok_or_else(undone)? as f64;
            let hint = format!("The program counts it itself: look where it states the fact '{name}'.");
            Ok(Seen { value, hint: Some(hint) })
        }
        Measure::Peak(metric) => peak(metric, record),
        Measure::Least(metric) => {
            let lowest = lowest(&series(metric, record)?);
            let (t, value) = lowest.ok_or_else(|| few(metric, "at all"))?;
            let hint = format!("It was lowest {}.", place(record, t));
            Ok(Seen { value: scaled(metric, value), hint: Some(hint) })
        }
        Measure::At { metric, mark } => {
            let (t, value) = at(metric, mark, record)?;
            let hint = format!("It is the value {}.", place(record, t));
            Ok(Seen { value: scaled(metric, value), hint: Some(hint) })
        }
        Measure::Gain { metric, from, to } => {
            let (before, after) = (at(metric, from, record)?.1, at(metric, to, record)?.1);
            let hint = format!("It went from {} to {}.", shown(metric, before), shown(metric, after));
            Ok(Seen { value: scaled(metric, after) - scaled(metric, before), hint: Some(hint) })
        }
        Measure::Change { metric, from, to } => change(metric, window(metric, record, from, to)?, record),
        Measure::Rise { metric, or, from, to } => {
            let metric = or.filter(|_| !has_marks(metric, record)).unwrap_or(metric);
            rise(metric, window(metric, record, from, to)?, record)
        }
        Measure::Line { metric, from, to } => {
            line(metric, window(metric, record, from, to)?, &tasks_done(record, time(from, record)?))
        }
    }
}

/// The name of the fact or of the phase that a program states where this number comes about.
pub(crate) fn origin(measure: &Measure, record: &Record) -> Option<String> {
    let name = match measure {
        Measure::Fact(name) => name,
        Measure::At { mark, .. } => mark,
        Measure::Change { from, .. }
        | Measure::Rise { from, .. }
        | Measure::Gain { from, .. }
        | Measure::Line { from, .. } => from,
        Measure::Peak(metric) | Measure::Least(metric) => {
            let series = record.series(metric.name)?;
            let (t, _) = match measure {
                Measure::Peak(_) => series.peak()?,
                _ => lowest(&series)?,
            };
            &record.marks.iter().rfind(|mark| mark.t <= t)?.name
        }
    };
    Some(name.clone())
}

/// The time of a mark, and the value of a metric there.
fn at(metric: &'static Metric, mark: &str, record: &Record) -> Result<(u64, u64), Missing> {
    let t = time(mark, record)?;
    let value = series(metric, record)?.at(t).ok_or_else(|| few(metric, "before the mark"))?;
    seen_at(metric, mark, record)?;
    Ok((t, value))
}

/// Whether the sample that belongs to a mark was taken at all. If it was left out, the last one before the mark is of
/// another moment.
fn seen_at(metric: &'static Metric, mark: &str, record: &Record) -> Result<(), Missing> {
    let t = time(mark, record)?;
    let Some((name, track)) = record.tracks.iter().find(|(_, track)| track.columns.contains_key(metric.name))
    else {
        return Ok(());
    };
    let last = track.t[..track.t.partition_point(|&time| time <= t)].last();
    let left_out = What::LeftOut(name.clone());
    let mut since = record.events.iter().filter(|event| event.t <= t && Some(&event.t) > last);
    match since.any(|event| event.what == left_out) {
        true => Err(Missing::Unseen(format!(
            "{} wasn't read at the mark '{mark}': memory was so near a limit that reading it could have changed \
             whom the OOM killer takes",
            metric.name
        ))),
        false => Ok(()),
    }
}

/// A value with its unit.
fn shown(metric: &'static Metric, value: u64) -> String {
    match metric.unit {
        Unit::Bytes => format!("{:.2} MiB", scaled(metric, value)),
        Unit::Count => value.to_string(),
        Unit::Microseconds => format!("{:.3} s", scaled(metric, value)),
    }
}

fn peak(metric: &'static Metric, record: &Record) -> Result<Seen, Missing> {
    let peak = record.peak(metric.name).ok_or_else(|| unread(metric, record))?;
    let highest = record.series(metric.name).and_then(|series| series.peak());
    let hint = highest.map(|(t, value)| {
        let place = place(record, t);
        if value == peak {
            format!("The peak was {place}: look at what the program keeps there.")
        } else {
            format!("The peak was between two samples; the highest sample was {place}.")
        }
    });
    Ok(Seen { value: scaled(metric, peak), hint })
}

fn change(metric: &'static Metric, samples: Series<'_>, record: &Record) -> Result<Seen, Missing> {
    let few = || few(metric, "between the marks: two samples are the fewest that show a change");
    let (low, high) = lowest(&samples).zip(highest(&samples)).ok_or_else(few)?;
    if samples.t.len() < 2 {
        return Err(few());
    }
    let hint = format!("Lowest {}; highest {}.", place(record, low.0), place(record, high.0));
    Ok(Seen { value: scaled(metric, high.1 - low.1), hint: Some(hint) })
}

/// Whether the record has high-water marks of a metric. If it has those of the whole run, it has none of the
/// processes, and the other way round.
fn has_marks(metric: &'static Metric, record: &Record) -> bool {
    record.series(metric.name).is_some_and(|series| series.peaks.is_some())
}

fn rise(metric: &'static Metric, samples: Series<'_>, record: &Record) -> Result<Seen, Missing> {
    let few = || few(metric, "between the marks: two samples are the fewest that show a rise");
    let (&begin, &first) = samples.t.first().zip(samples.v.first()).ok_or_else(few)?;
    // The high-water mark of the first sample is from before the mark.
    let (t, highest) = samples.between(begin.saturating_add(1), u64::MAX).peak().ok_or_else(few)?;
    let (low, high) = (shown(metric, first), shown(metric, highest));
    let hint = format!("It was {low} at the first mark, and up to {high} {}.", place(record, t));
    Ok(Seen { value: scaled(metric, highest.saturating_sub(first)), hint: Some(hint) })
}

fn line(metric: &'static Metric, samples: Series<'_>, done: &[(u64, f64)]) -> Result<Seen, Missing> {
    let points = samples.t.iter().zip(samples.v);
    let mut points: Vec<(f64, f64)> = points.map(|(&t, &v)| (fit::between(done, t), v as f64)).collect();
    // While the program waits, the same point comes again and again, and must not weigh the more for it.
    points.dedup();
    let mut amounts: Vec<f64> = points.iter().map(|point| point.0).collect();
    amounts.sort_by(f64::total_cmp);
    amounts.dedup();
    if amounts.len() < FEWEST {
        return Err(few(metric, &format!("for a line: {} of {FEWEST} amounts of tasks done", amounts.len())));
    }
    let undone = || Missing::Undone(format!("The metric {} doesn't move as tasks are done.", metric.name));
    let value = fit::r_squared(&points).ok_or_else(undone)?;
    Ok(Seen { value, hint: Some(format!("The line was fitted to {} samples.", points.len())) })
}

/// The samples from one mark to another.
///
/// A mark is acknowledged after a sample was taken for it, so the sample that belongs to a mark is the
/// last one at or before its time. The window begins with that one.
fn window<'a>(
    metric: &'static Metric,
    record: &'a Record,
    from: &str,
    to: &str,
) -> Result<Series<'a>, Missing> {
    let (begin, end) = (time(from, record)?, time(to, record)?);
    if end < begin {
        return Err(backwards());
    }
    let series = series(metric, record)?;
    [from, to].into_iter().try_for_each(|mark| seen_at(metric, mark, record))?;
    let before = series.t.partition_point(|&t| t <= begin).checked_sub(1);
    Ok(series.between(before.map_or(begin, |index| series.t[index]), end))
}

/// How many tasks were done when, from the time `begin` on.
fn tasks_done(record: &Record, begin: u64) -> Vec<(u64, f64)> {
    let points = record.progress.iter().map(|&Progress { t, count }| (t, count as f64));
    // The first task is under way from the first mark on, if none was done before.
    let origin = record.progress.first().is_none_or(|first| first.t > begin).then_some((begin, 0.0));
    let mut points: Vec<(u64, f64)> = origin.into_iter().chain(points).collect();
    points.sort_by_key(|point| point.0);
    points
}

/// The first sample with the lowest value, as time and value.
fn lowest(series: &Series<'_>) -> Option<(u64, u64)> {
    let value = series.lows().min()?;
    Some((series.t[series.lows().position(|low| low == value)?], value))
}

/// The first sample with the highest value, as time and value. What happened between the samples doesn't count.
fn highest(series: &Series<'_>) -> Option<(u64, u64)> {
    let value = series.sampled_highs().max()?;
    Some((series.t[series.sampled_highs().position(|high| high == value)?], value))
}

fn scaled(metric: &'static Metric, value: u64) -> f64 {
    match metric.unit {
        Unit::Bytes => value as f64 / f64::from(1 << 20),
        Unit::Count => value as f64,
        Unit::Microseconds => value as f64 / 1e6,
    }
}

fn time(mark: &str, record: &Record) -> Result<u64, Missing> {
    record.phase(mark).map(|(begin, _)| begin).ok_or_else(|| never(mark))
}

fn series<'a>(metric: &'static Metric, record: &'a Record) -> Result<Series<'a>, Missing> {
    record.series(metric.name).ok_or_else(|| unread(metric, record))
}

fn never(mark: &str) -> Missing {
    Missing::Undone(format!("The program never announced the phase '{mark}'."))
}

fn unread(metric: &'static Metric, record: &Record) -> Missing {
    let Metric { name, meaning, .. } = metric;
    Missing::Unseen(match record.header.metrics.contains_key(*name) {
        true => format!("the record has no samples of {name}"),
        false => format!("the record has no {name} ({meaning}): the machine that made it couldn't read it"),
    })
}

fn few(metric: &'static Metric, what: &str) -> Missing {
    Missing::Unseen(format!("the record has too few samples of {} {what}", metric.name))
}

fn backwards() -> Missing {
    Missing::Unseen("the marks of the record are not in the order of their times".into())
}
