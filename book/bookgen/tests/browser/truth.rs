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
    for (index, run) in figure["runs"].as_array().into_iter().flatten().enumerate() {
        if run["own"] == true {
            continue;
        }
        let record = recorded(&scenario.folder.join("results"), run)?;
        for reading in readings {
            let metrics = [&run["metric"], &reading["metric"], &figure["metric"]];
            let metric = metrics.into_iter().find_map(Value::as_str).ok_or("a figure has a metric")?;
            let points = run["points"][metric].as_u64().unwrap_or(0) as usize;
            row(&record, metric, points, &reading["time"], &reading["rows"][index])?;
        }
    }
    Ok(())
}

/// The record of a run that a figure shows: ours, or the peer's of the same name, which differ by their times.
fn recorded(results: &Path, run: &Value) -> Result<Record, Failed> {
    let name = format!("{}.jsonl", text(&run["variant"]));
    let records = [results.join(&name), results.join(PEER).join(&name)].map(|path| Record::read(&path));
    let of_its_time = |record: &Record| record.header.started == text(&run["started"]);
    let mut found = records.into_iter().flatten().filter(of_its_time);
    Ok(found.next().ok_or_else(|| format!("no record of {name} is of {}", run["started"]))?)
}

/// Holds what a figure says of one run against the record of the run, of which it has so many points.
pub(crate) fn row(
    record: &Record,
    name: &str,
    points: usize,
    time: &Value,
    row: &Value,
) -> Result<(), Failed> {
    let unit = metrics::find(name).ok_or("no such metric")?.unit;
    let time = time.as_u64().ok_or("the time is no count of microseconds")?;
    let series = record.series(name);
    let last = series.and_then(|series| series.t.last().copied()).unwrap_or(0).max(record.duration());
    let mut value = series.filter(|_| time <= last).and_then(|series| series.at(time));
    // Of a long curve a page holds the lowest, highest and last sample of each stretch: what it says
    // may be a sample from earlier in the stretch.
    if let (Some(series), Some(_)) = (series, value) {
        let stretch = steps(series.v).len().div_ceil((points / 3).max(1));
        let before = steps(series.between(0, time).v);
        let shown = text(&row["value"]).parse().ok();
        let is_thinned = points < steps(series.v).len();
        let mut near = before.iter().rev().take(stretch).copied().filter(|_| is_thinned);
        value = near.find(|sample| Some(*sample) == shown).or(value);
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

/// The values without those that are as the one before.
fn steps(values: &[u64]) -> Vec<u64> {
    let mut steps = values.to_vec();
    steps.dedup();
    steps
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
