//! What a figure must say, from the record itself.

use std::path::Path;

use lab::chart::amount;
use lab::model::record::Record;
use lab::recorder::metrics;
use lab::reference::PEER;
use lab::scenario::Catalog;
use libtest_mimic::Failed;
use serde_json::Value;

/// Holds every reading of a figure against the records of its runs.
pub(crate) fn check(catalog: &Catalog, figure: &Value) -> Result<(), Failed> {
    let slug = text(&figure["scenario"]);
    let scenario =
        catalog.scenarios().iter().find(|scenario| scenario.slug == slug).ok_or("no such scenario")?;
    let readings = figure["readings"].as_array().ok_or("nothing was read")?;
    let results = scenario.folder.join("results");
    let runs = figure["runs"].as_array().ok_or("a figure has runs")?;
    let runs: Vec<(usize, &Value)> = runs.iter().enumerate().filter(|(_, run)| run["own"] != true).collect();
    let records: Vec<Record> =
        runs.iter().map(|(_, run)| recorded(&results, run)).collect::<Result<_, Failed>>()?;
    for reading in readings {
        let metric = |run: &Value| {
            let metrics = [&run["metric"], &reading["metric"], &figure["metric"]];
            metrics.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
        };
        let shown = runs.iter().zip(&records);
        let longest = shown.clone().map(|((_, run), record)| last(record, &metric(run))).max().unwrap_or(0);
        for ((index, run), record) in shown {
            let metric = metric(run);
            let time = reading["time"].as_u64().ok_or("the time is no count of microseconds")?;
            // In its own time, a run is as far as the longest one is.
            let (span, time) = match figure["own_time"].as_str() {
                Some(_) => (last(record, &metric), part(time, longest, last(record, &metric))),
                None => (longest, time),
            };
            row(record, &metric, Some(span / COLUMNS + 1), time, &reading["rows"][*index])?;
        }
    }
    Ok(())
}

/// The end of a curve: that of the run, or its last sample.
fn last(record: &Record, metric: &str) -> u64 {
    record.series(metric).and_then(|series| series.t.last().copied()).unwrap_or(0).max(record.duration())
}

/// The moment of a run of `own` microseconds that's as far into it as `time` is into one of `longest`.
fn part(time: u64, longest: u64, own: u64) -> u64 {
    (time as f64 / longest as f64 * own as f64).round() as u64
}

/// A page divides the time of a figure into so many parts.
const COLUMNS: u64 = 250;

/// A page may be off by so small a part of a curve's own peak, which is at most that of the axis.
const FINENESS: u64 = 100;

/// The record of a run that a figure shows: ours, or the peer's of the same name, which differ by their times.
fn recorded(results: &Path, run: &Value) -> Result<Record, Failed> {
    let name = format!("{}.jsonl", text(&run["variant"]));
    let records = [results.join(&name), results.join(PEER).join(&name)].map(|path| Record::read(&path));
    let of_its_time = |record: &Record| record.header.started == text(&run["started"]);
    let mut found = records.into_iter().flatten().filter(of_its_time);
    Ok(found.next().ok_or_else(|| format!("no record of {name} is of {}", run["started"]))?)
}

/// Holds what a figure says of one run against the record of the run: it's near to the sample, or, if there was more
/// in the same `column` of time, to one of those. Without a column, it's the sample itself.
pub(crate) fn row(
    record: &Record,
    name: &str,
    column: Option<u64>,
    time: u64,
    row: &Value,
) -> Result<(), Failed> {
    let unit = metrics::find(name).ok_or("no such metric")?.unit;
    let series = record.series(name);
    let mut value = series.filter(|_| time <= last(record, name)).and_then(|series| series.at(time));
    if let (Some(series), Some(_), Some(column)) = (series, value, column) {
        let begin = time.saturating_sub(column);
        let near = series.between(begin, time);
        let highs = near.peaks.unwrap_or_default();
        let known = near.v.iter().chain(highs).copied().chain(series.at(begin)).chain(value);
        let off = record.peak(name).unwrap_or(0) / FINENESS;
        let shown: Option<u64> = text(&row["value"]).parse().ok();
        let is_near = |said: &u64| known.clone().any(|known| known.abs_diff(*said) <= off);
        value = shown.filter(is_near).or(value);
    }
    let expected = value.map_or_else(Default::default, |value| (value.to_string(), amount(unit, value)));
    let said = (text(&row["value"]).to_owned(), text(&row["text"]).to_owned());
    let place = format!("{name} of {} at {time} us", record.header.variant);
    assert_eq!(said, expected, "the figure (left) and the record (right) on {place}");
    if let Some(phase) = record.marks.iter().rfind(|mark| mark.t <= time).filter(|_| value.is_some()) {
        assert_eq!(text(&row["phase"]), phase.name, "the phase of {place}");
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
