//! A figure as HTML: the picture, its caption, its values as a table, and as JSON for scripts.

use std::collections::BTreeMap;

use anyhow::Result;
use lab::chart::{Curve, Ink, OWN_TIME, Stack, outline, seconds, svg};
use lab::model::metric::{Metric, human};
use lab::model::series::Series;
use lab::recorder::metrics;
use serde::Serialize;
use tera::Context;

use super::figure::{Run, Shown, Whose, unit_word};
use super::numbers::shown;
use super::template;
use crate::workbook::stamp;

/// Into so many parts a script's picture divides the time of a figure; finer than that nobody can point.
const COLUMNS: usize = 200;

/// Memory comes in pages: where all values of a curve do, they're written as such.
const PAGE: u64 = 4096;

/// The figure as one block. `link` leads from the page to the CSV.
pub(crate) fn html(figure: &Shown, link: &str) -> Result<String> {
    let id = format!("fig-{}", figure.name.replace('/', "-"));
    if let Some((total, parts)) = figure.parts() {
        return still(figure, total, parts, &id, link);
    }
    let mut context = common(figure, &id, link);
    // The picture is of the same points as a script's, so nothing moves when a reader touches it.
    let outlines = outlines(figure);
    let mut drawn = figure.drawn();
    for ((curve, run), outlines) in drawn.curves.iter_mut().zip(&figure.runs).zip(&outlines) {
        if let Some((t, v)) = outlines.get(run.metric.name) {
            curve.series = Series::of(t, v);
        }
    }
    context.insert("svg", &template::without_rules(&svg::draw(&drawn, &id)));
    context.insert("name", &figure.name);
    let own = figure.runs.iter().find(|run| run.whose == Whose::Own).map(|run| run.record);
    context.insert("own", &own.map(|record| format!("size {}, {}", record.header.size, stamp(record))));
    context.insert("json", &template::json(&data(figure, &outlines))?);
    template::block("figure.html", &context)
}

/// A figure of stacked areas: its picture and its table.
fn still(figure: &Shown, total: &Metric, parts: &[&Metric], id: &str, link: &str) -> Result<String> {
    let record = figure.runs[0].record;
    // The parts are read less often than the total. What isn't of the same moments can't be compared.
    let moments = record.series(parts[0].name).map(|series| series.t).unwrap_or_default();
    let at = |&t: &u64| Some((t, record.series(total.name)?.at(t)?));
    let (t, v): (Vec<u64>, Vec<u64>) = moments.iter().filter_map(at).unzip();
    let total = Curve { series: Series::of(&t, &v), ..Curve::of(record, total.name) };
    let stack = Stack::of_kinds(figure.title, record, total, parts);
    let heads: Vec<&str> = ["Kind"].into_iter().chain(phases(figure)).chain(["peak", "end"]).collect();
    let mut context = common(figure, id, link);
    let narrow = svg::draw_stack_narrow(&stack, &template::narrow(id));
    context.insert("drawn", &template::drawn(&svg::draw_stack(&stack, id), &narrow));
    context.insert("heads", &heads);
    template::block("points.html", &context)
}

/// What the page of any figure has, but for its picture.
fn common(figure: &Shown, id: &str, link: &str) -> Context {
    let phases = phases(figure);
    let mut context = Context::new();
    context.insert("id", id);
    context.insert("title", figure.title);
    context.insert("link", link);
    context.insert("of_one_run", &figure.of_one_run);
    context.insert("stamp", &stamp(figure.runs[0].record));
    context.insert("rows", &figure.runs.iter().map(|run| row(run, &phases)).collect::<Vec<_>>());
    context.insert("phases", &phases);
    context
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
    // Prose and records have a metric by its own name.
    let name = if run.label == human(metric.name) && run.label != metric.name {
        format!("{} ({})", run.label, metric.name)
    } else {
        run.label.clone()
    };
    std::iter::once(name).chain(phases.iter().map(at)).chain([peak, end]).collect()
}

#[derive(Serialize)]
struct Data<'a> {
    scenario: &'a str,
    figure: &'a str,
    unit: &'static str,
    axis: &'static str,
    metric: &'static str,
    metrics: Vec<MetricData>,
    levels: Vec<LevelData<'a>>,
    /// What the axis of time is of, if each run has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_time: Option<&'static str>,
    runs: Vec<RunData<'a>>,
}

#[derive(Serialize)]
struct MetricData {
    name: &'static str,
    title: &'static str,
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
    /// The number of its colour, from 1 on.
    ink: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    twin: bool,
    /// Only where the curves are metrics of one run.
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<&'static str>,
    variant: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    own: bool,
    started: &'a str,
    duration: u64,
    end: String,
    marks: Vec<(u64, &'a str)>,
    /// The highest values, by metric: the kernel may know of more than any sample has seen.
    peaks: BTreeMap<&'static str, u64>,
    /// As in a record: the first, and then differences.
    series: serde_json::Map<String, serde_json::Value>,
}

/// Every metric with its unit, for the page that draws a reader's own record.
pub(super) fn units() -> Result<String> {
    let json = template::json(&metrics::all().map(metric_data).collect::<Vec<_>>())?;
    Ok(format!("<script type=\"application/json\" class=\"lab-units\">{json}</script>\n"))
}

fn metric_data(metric: &Metric) -> MetricData {
    MetricData {
        name: metric.name,
        title: human(metric.name),
        label: format!("{}: {}", metric.name, metric.meaning),
        unit: unit_word(metric.unit),
    }
}

fn data<'a>(figure: &'a Shown, outlines: &[Outlines]) -> Data<'a> {
    let id = figure.name.rsplit('/').next().unwrap_or_default();
    let metrics = figure.metrics.iter().map(|metric| metric_data(metric));
    let levels = figure.levels.iter().map(|(metric, level)| LevelData {
        label: &level.label,
        metric: metric.name,
        value: level.value,
    });
    let inks = figure.drawn().inks();
    let runs = figure.runs.iter().zip(inks).zip(outlines);
    Data {
        scenario: figure.slug,
        figure: id,
        unit: unit_word(figure.metrics[0].unit),
        axis: figure.axis(),
        metric: figure.metrics[0].name,
        metrics: metrics.collect(),
        levels: levels.collect(),
        own_time: figure.in_own_time().then_some(OWN_TIME),
        runs: runs.map(|((run, ink), outlines)| run_data(figure, run, ink, outlines)).collect(),
    }
}

fn run_data<'a>(figure: &'a Shown, run: &'a Run, ink: Ink, outlines: &Outlines) -> RunData<'a> {
    let record = run.record;
    let metrics = figure.metrics_of(run);
    let peak = |name| Some((name, Curve::of(record, name).peak?));
    let series = outlines.iter().map(|(name, (t, v))| {
        let of = if v.iter().all(|value| value % PAGE == 0) { PAGE } else { 1 };
        let values: Vec<u64> = v.iter().map(|value| value / of).collect();
        let points = serde_json::json!({ "t": differences(t), "v": differences(&values), "of": of });
        ((*name).to_owned(), points)
    });
    RunData {
        label: &run.label,
        ink: ink.number + 1,
        twin: ink.is_twin,
        metric: figure.of_one_run.map(|_| run.metric.name),
        variant: &record.header.variant,
        own: run.whose == Whose::Own,
        started: &record.header.started,
        duration: record.duration(),
        end: record.outcome().to_string(),
        marks: record.marks.iter().map(|mark| (mark.t, mark.name.as_str())).collect(),
        peaks: metrics.iter().filter_map(|metric| peak(metric.name)).collect(),
        series: series.collect(),
    }
}

/// The times and values of the curves of a run, by metric, each as few as show it.
type Outlines = BTreeMap<&'static str, (Vec<u64>, Vec<u64>)>;

/// What can be drawn of each run.
fn outlines(figure: &Shown) -> Vec<Outlines> {
    let outlines = figure.runs.iter().map(|run| {
        let record = run.record;
        let there = figure.metrics_of(run).into_iter().filter(|metric| record.series(metric.name).is_some());
        let points = there.map(|metric| {
            let points = outline(&Curve::of(record, metric.name), span_of(figure, run), COLUMNS);
            (metric.name, points.into_iter().unzip())
        });
        points.collect()
    });
    outlines.collect()
}

/// What the width of the picture stands for with this run.
fn span_of(figure: &Shown, run: &Run) -> u64 {
    if figure.in_own_time() { run.record.duration() } else { figure.span() }
}

/// The first value, and then what each adds to the one before.
fn differences(values: &[u64]) -> Vec<i64> {
    let before = std::iter::once(0).chain(values.iter().copied());
    values.iter().zip(before).map(|(&value, before)| value.wrapping_sub(before) as i64).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::super::figure::placed;
    use super::*;
    use crate::workbook::Workbook;

    /// The lowest, highest and last value in each part of the time, where a value is kept until the next.
    fn extents(points: impl Iterator<Item = (u64, [u64; 3])>, span: u64, end: u64) -> Vec<Option<[u64; 3]>> {
        let column = |t: u64| ((t as f64 * (COLUMNS as f64 / span as f64)) as usize).min(COLUMNS - 1);
        let mut all: Vec<Option<[u64; 3]>> = vec![None; COLUMNS];
        let mut latest = 0;
        for (t, [low, high, last]) in points {
            let extent = all[column(t)].get_or_insert([low, high, last]);
            *extent = [extent[0].min(low), extent[1].max(high), last];
            latest = column(t);
        }
        let mut kept: Option<u64> = None;
        for extent in &mut all[..=column(end).max(latest)] {
            if let Some(kept) = kept {
                let [low, high, last] = extent.unwrap_or([kept; 3]);
                *extent = Some([low.min(kept), high.max(kept), last]);
            }
            kept = extent.map(|extent| extent[2]);
        }
        all
    }

    fn sums(steps: &Value) -> Vec<u64> {
        let steps = steps.as_array().expect("differences").iter();
        let mut sum = 0;
        steps
            .map(|step| {
                sum += step.as_i64().expect("a whole number");
                sum as u64
            })
            .collect()
    }

    fn all_of(series: Series<'_>) -> Vec<(u64, [u64; 3])> {
        let peaks = series.peaks.unwrap_or(series.v);
        let all = series.t.iter().zip(series.v).zip(peaks);
        all.map(|((&t, &value), &peak)| (t, [value, value.max(peak), value])).collect()
    }

    #[test]
    fn a_run_that_a_longer_one_squeezes_has_its_own_time_or_a_reason() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let workbook = Workbook::open(root).expect("the workbook can be read");
        for placed in placed(&workbook).expect("every figure can be drawn") {
            let figure = &placed.figure;
            let shortest = figure.runs.iter().map(|run| run.record.duration()).min().unwrap_or(0);
            let is_squeezed = shortest * 8 < figure.span();
            let name = &figure.name;
            assert!(!is_squeezed || figure.says_whose_time(), "{name}: state own_time, and if not, say why");
        }
    }

    #[test]
    fn no_curve_on_a_page_is_off_by_a_hundredth_of_the_axis() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let workbook = Workbook::open(root).expect("the workbook can be read");
        let mut compared = 0;
        for placed in placed(&workbook).expect("every figure can be drawn") {
            let figure = &placed.figure;
            let shown = serde_json::to_value(data(figure, &outlines(figure))).expect("it is JSON");
            for (run, shown) in figure.runs.iter().zip(shown["runs"].as_array().expect("runs")) {
                let span = span_of(figure, run);
                for metric in figure.metrics_of(run) {
                    let Some(series) = run.record.series(metric.name) else { continue };
                    let points = &shown["series"][metric.name];
                    let of = points["of"].as_u64().expect("a size");
                    let (t, v) = (sums(&points["t"]), sums(&points["v"]));
                    let v: Vec<u64> = v.into_iter().map(|value| value * of).collect();
                    let end = run.record.duration();
                    let record = extents(all_of(series).into_iter(), span, end);
                    let page = extents(t.iter().zip(&v).map(|(&t, &v)| (t, [v; 3])), span, end);
                    let most = run.record.peak(metric.name).unwrap_or(0) / 100;
                    for (column, pair) in record.iter().zip(&page).enumerate() {
                        let near = match pair {
                            (Some(one), Some(other)) => {
                                one.iter().zip(other).all(|(one, other)| one.abs_diff(*other) <= most)
                            }
                            (one, other) => one == other,
                        };
                        let name = format!("{} of {} in {}", metric.name, run.label, figure.name);
                        assert!(near, "{name}: in column {column} the record and the page have {pair:?}");
                    }
                    compared += 1;
                }
            }
        }
        assert!(compared > 150, "only {compared} curves");
    }
}
