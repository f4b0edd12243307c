//! A figure as HTML: the picture, its caption, its values as a table, and as JSON for scripts.

use std::collections::BTreeMap;

use anyhow::Result;
use lab::chart::{Curve, seconds, svg};
use lab::model::series::Series;
use serde::Serialize;
use tera::Context;

use super::figure::{Run, Shown, Whose, unit_word};
use super::numbers::shown;
use super::template;
use crate::workbook::stamp;

/// The most points of a curve for scripts.
const POINTS: usize = 300;

/// The most points of all curves of a figure together: a page should stay light.
const TOGETHER: usize = 500;

/// The figure as one block. `link` leads from the page to the CSV.
pub(crate) fn html(figure: &Shown, link: &str) -> Result<String> {
    let id = format!("fig-{}", figure.name.replace('/', "-"));
    let mut context = Context::new();
    context.insert("svg", &svg::draw(&figure.drawn(), &id));
    context.insert("id", &id);
    context.insert("name", &figure.name);
    context.insert("title", figure.title);
    context.insert("link", link);
    context.insert("of_one_run", &figure.of_one_run);
    context.insert("stamp", &stamp(figure.runs[0].record));
    let own = figure.runs.iter().find(|run| run.whose == Whose::Own).map(|run| run.record);
    context.insert("own", &own.map(|record| format!("size {}, {}", record.header.size, stamp(record))));
    let phases = phases(figure);
    context.insert("rows", &figure.runs.iter().map(|run| row(run, &phases)).collect::<Vec<_>>());
    context.insert("phases", &phases);
    context.insert("json", &template::json(&data(figure))?);
    template::block("figure.html", &context)
}

/// The phases of all runs, in the order in which they came.
fn phases<'a>(figure: &Shown<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for mark in figure.runs.iter().flat_map(|run| &run.record.marks) {
        if !names.contains(&mark.name.as_str()) {
            names.push(&mark.name);
        }
    }
    names
}

/// A line of the table: the value where each phase begins, the peak, and the end.
fn row(run: &Run, phases: &[&str]) -> Vec<String> {
    let (record, metric) = (run.record, run.metric);
    let at = |phase: &&str| {
        let value = record.phase(phase).and_then(|(begin, _)| record.series(metric.name)?.at(begin));
        value.map_or_else(|| "never".to_owned(), |value| shown(metric.unit, value))
    };
    let peak =
        record.peak(metric.name).map_or_else(|| "not measured".into(), |peak| shown(metric.unit, peak));
    let end = format!("{}, {}", seconds(record.duration()), record.outcome());
    std::iter::once(run.label.clone()).chain(phases.iter().map(at)).chain([peak, end]).collect()
}

#[derive(Serialize)]
struct Data<'a> {
    scenario: &'a str,
    figure: &'a str,
    unit: &'static str,
    metric: &'static str,
    metrics: Vec<MetricData>,
    levels: Vec<LevelData<'a>>,
    runs: Vec<RunData<'a>>,
}

#[derive(Serialize)]
struct MetricData {
    name: &'static str,
    label: String,
    unit: &'static str,
}

#[derive(Serialize)]
struct LevelData<'a> {
    label: &'a str,
    metric: &'static str,
    value: u64,
}

#[derive(Serialize)]
struct RunData<'a> {
    label: &'a str,
    /// Only where the curves are metrics of one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'static str>,
    variant: &'a str,
    own: bool,
    machine: String,
    started: &'a str,
    duration: u64,
    end: String,
    marks: Vec<(u64, &'a str)>,
    /// The highest values, by metric: the kernel may know of more than any sample has seen.
    peaks: BTreeMap<&'static str, u64>,
    series: serde_json::Map<String, serde_json::Value>,
}

fn data<'a>(figure: &'a Shown) -> Data<'a> {
    let id = figure.name.rsplit('/').next().unwrap_or_default();
    let metrics = figure.metrics.iter().map(|metric| MetricData {
        name: metric.name,
        label: format!("{}: {}", metric.name, metric.meaning),
        unit: unit_word(metric.unit),
    });
    let levels = figure.levels.iter().map(|(metric, level)| LevelData {
        label: &level.label,
        metric: metric.name,
        value: level.value,
    });
    let each = points_each(figure);
    Data {
        scenario: figure.slug,
        figure: id,
        unit: unit_word(figure.metrics[0].unit),
        metric: figure.metrics[0].name,
        metrics: metrics.collect(),
        levels: levels.collect(),
        runs: figure.runs.iter().map(|run| run_data(figure, run, each)).collect(),
    }
}

/// How many points each curve may have, so that all of them are not too many.
fn points_each(figure: &Shown) -> usize {
    let series = figure.runs.iter().flat_map(|run| {
        figure.metrics_of(run).into_iter().filter_map(|metric| run.record.series(metric.name))
    });
    let lengths: Vec<usize> = series.map(|series| steps(series).len()).collect();
    let fit = |each: &usize| lengths.iter().map(|length| length.min(each)).sum::<usize>() <= TOGETHER;
    (30..=POINTS).rev().step_by(15).find(fit).unwrap_or(30)
}

fn run_data<'a>(figure: &'a Shown, run: &'a Run, each: usize) -> RunData<'a> {
    let record = run.record;
    let metrics = figure.metrics_of(run);
    let peak = |name| Some((name, Curve::of(record, name).peak?));
    let series = metrics.iter().filter_map(|metric| {
        let (t, v) = thinned(record.series(metric.name)?, each);
        Some((metric.name.to_owned(), serde_json::json!({ "t": t, "v": v })))
    });
    RunData {
        label: &run.label,
        metric: figure.of_one_run.map(|_| run.metric.name),
        variant: &record.header.variant,
        own: run.whose == Whose::Own,
        machine: stamp(record),
        started: &record.header.started,
        duration: record.duration(),
        end: record.outcome().to_string(),
        marks: record.marks.iter().map(|mark| (mark.t, mark.name.as_str())).collect(),
        peaks: metrics.iter().filter_map(|metric| peak(metric.name)).collect(),
        series: series.collect(),
    }
}

/// The samples at which a step function steps, and the last one.
fn steps(series: Series) -> Vec<(u64, u64)> {
    let points: Vec<(u64, u64)> = series.t.iter().copied().zip(series.v.iter().copied()).collect();
    let is_step = |index: &usize| {
        let before = index.checked_sub(1).map(|before| points[before].1);
        before != Some(points[*index].1) || index + 1 == points.len()
    };
    (0..points.len()).filter(is_step).map(|index| points[index]).collect()
}

/// The steps; where they are more than `most`, the lowest, the highest and the last of each stretch.
/// Every point that is left is a sample of the record.
fn thinned(series: Series, most: usize) -> (Vec<u64>, Vec<u64>) {
    let steps = steps(series);
    if steps.len() <= most {
        return steps.into_iter().unzip();
    }
    steps.chunks(steps.len().div_ceil(most / 3)).flat_map(extremes).unzip()
}

fn extremes(stretch: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let places = 0..stretch.len();
    let low = places.clone().min_by_key(|&place| stretch[place].1).unwrap_or(0);
    let high = places.clone().max_by_key(|&place| stretch[place].1).unwrap_or(0);
    let wanted = |place: &usize| [low, high, stretch.len() - 1].contains(place);
    places.filter(wanted).map(|place| stretch[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thinned_curve_keeps_its_lowest_and_highest_samples_and_its_last() {
        let t: Vec<u64> = (0..5000).collect();
        let mut v: Vec<u64> = (0..5000).map(|place| 1000 + place % 7).collect();
        (v[1234], v[4321]) = (9999, 3);
        let (times, values) = thinned(Series::of(&t, &v), POINTS);
        assert!(times.len() <= POINTS, "{}", times.len());
        let at = |time: u64| times.iter().position(|&t| t == time).map(|place| values[place]);
        assert_eq!([at(1234), at(4321), at(4999)], [Some(9999), Some(3), Some(v[4999])]);
        assert!(times.is_sorted());
    }

    #[test]
    fn what_does_not_step_is_left_out_but_for_the_end() {
        let (times, values) = thinned(Series::of(&[0, 1, 2, 3, 4], &[5, 5, 6, 6, 6]), POINTS);
        assert_eq!((times, values), (vec![0, 2, 4], vec![5, 6, 6]));
    }
}
