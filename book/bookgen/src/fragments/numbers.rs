//! The numbers that prose includes by name, so that none is ever typed.

use std::collections::BTreeMap;
use std::fmt::Write;

use lab::chart::{amount, seconds};
use lab::learn::predict::size_text;
use lab::model::UnknownName;
use lab::model::metric::Unit;
use lab::model::record::Record;
use lab::model::verdict::Verdict;
use lab::recorder::metrics;
use lab::scenario::Quantity;

use super::template::markdown;
use crate::workbook::{Lesson, stamp};

/// What stands between the parts of a name.
const PART: &str = "__";

/// What stands between two names whose ratio is meant.
const OVER: &str = "__over__";

/// A number with its text, or a text alone.
struct Value {
    text: String,
    number: Option<(f64, Quantity)>,
}

/// What a name stands for, as text for a page.
pub(super) fn number(lesson: &Lesson, name: &str) -> Result<String, String> {
    Ok(markdown(text(lesson, name)?))
}

/// The same as plain text.
pub(super) fn text(lesson: &Lesson, name: &str) -> Result<String, String> {
    match name.split_once(OVER) {
        Some((one, other)) => ratio(&value(lesson, one)?, &value(lesson, other)?),
        None => Ok(value(lesson, name)?.text),
    }
}

/// What a name stands for as a number: memory in MiB, times in seconds.
pub(super) fn quantity(lesson: &Lesson, name: &str) -> Result<f64, String> {
    let (number, _) = value(lesson, name)?.number.ok_or("it isn't a number")?;
    Ok(number)
}

/// The file of numbers: each is an anchor of one line.
pub(super) fn file(numbers: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, number) in numbers {
        writeln!(text, "ANCHOR: {name}\n{number}\nANCHOR_END: {name}").expect("a string takes all text");
    }
    text
}

fn value(lesson: &Lesson, name: &str) -> Result<Value, String> {
    let parts: Vec<&str> = name.split(PART).collect();
    let first = &lesson.records[0];
    match parts[..] {
        ["machine"] => Ok(Value::text(stamp(first))),
        ["size", size] => {
            let sizes = &first.header.sizes;
            let value = *sizes.get(size).ok_or_else(|| unknown_name("size", size, sizes.keys()))?;
            let quantity = if size.ends_with("ib") { Quantity::Mib } else { Quantity::Count };
            let factor = if size.ends_with("_kib") { 1.0 / 1024.0 } else { 1.0 };
            Ok(Value { text: size_text(size, value), number: Some((value as f64 * factor, quantity)) })
        }
        ["peer", ref what @ ..] => {
            let theirs = lesson.peer.as_ref().ok_or("the scenario has no recorded peer")?;
            value(&theirs.lesson, &what.join(PART))
        }
        [variant, ref what @ ..] => {
            let variants = lesson.records.iter().map(|record| &record.header.variant);
            let record = lesson.record(variant).ok_or_else(|| unknown_name("variant", variant, variants))?;
            of_run(lesson, record, what)
        }
        [] => Err("a name is empty".into()),
    }
}

/// The place of a mark among those of a record, by its name with dashes.
fn mark_of(record: &Record, name: &str) -> Result<usize, String> {
    let marks: Vec<String> = record.marks.iter().map(|mark| mark.name.replace(' ', "-")).collect();
    let found = marks.iter().position(|mark| mark == name);
    found.ok_or_else(|| unknown_name("mark", name, marks.iter()))
}

/// A number of one run.
fn of_run(lesson: &Lesson, record: &Record, what: &[&str]) -> Result<Value, String> {
    let verdict = |id: &str| -> Result<&Verdict, String> {
        let mut of_run = lesson.verdicts.iter().filter(|verdict| verdict.variant == record.header.variant);
        let ids = of_run.clone().map(|verdict| &verdict.claim);
        let missing = unknown_name("claim on this variant", id, ids);
        of_run.find(|verdict| verdict.claim == id).ok_or(missing)
    };
    match *what {
        ["end"] => Ok(Value::text(record.outcome().to_string())),
        ["version", library] => {
            let versions = record.header.peer.as_ref().ok_or("it is no run of a peer")?;
            let missing = || unknown_name("library", library, versions.keys());
            Ok(Value::text(versions.get(library).ok_or_else(missing)?))
        }
        ["duration"] => Ok(Value::of(Unit::Microseconds, record.duration())),
        ["peak", metric] => {
            let unit = metric_of(record, metric)?;
            Ok(Value::of(unit, record.peak(metric).ok_or("it has no samples")?))
        }
        ["at", metric, mark] => {
            let unit = metric_of(record, metric)?;
            let t = record.marks[mark_of(record, mark)?].t;
            let value = record.series(metric).and_then(|series| series.at(t));
            Ok(Value::of(unit, value.ok_or("it has no sample before that mark")?))
        }
        ["phase", mark] => {
            let found = mark_of(record, mark)?;
            let next = record.marks.get(found + 1).ok_or("no mark ends that phase")?;
            Ok(Value::of(Unit::Microseconds, next.t - record.marks[found].t))
        }
        ["fact", fact] => {
            let facts = record.trailer.as_ref().map(|trailer| trailer.facts.keys()).into_iter().flatten();
            let value = record.fact(fact).ok_or_else(|| unknown_name("fact", fact, facts))?;
            Ok(Value { text: value.to_string(), number: Some((value as f64, Quantity::Count)) })
        }
        ["claim", id] => {
            let verdict = verdict(id)?;
            let claim = lesson.scenario.claims.iter().find(|claim| claim.id == id);
            let number = claim.and_then(|claim| Some((verdict.measured?, claim.measure.quantity())));
            Ok(Value { text: verdict.measured_text.clone(), number })
        }
        ["bound", id] => Ok(Value::text(&verdict(id)?.bound_text)),
        _ => {
            Err("a number of a run is one of VARIANT__end, __version__LIBRARY, __duration, __peak__METRIC, __at__METRIC__MARK, \
             __phase__MARK, __fact__NAME, __claim__ID, __bound__ID; others are size__NAME and machine; and all \
             of these of the peer, with peer__ before them"
                .into())
        }
    }
}

impl Value {
    fn text(text: impl Into<String>) -> Self {
        Value { text: text.into(), number: None }
    }

    /// A value of a metric of this unit.
    fn of(unit: Unit, value: u64) -> Self {
        let number = match unit {
            Unit::Bytes => (value as f64 / f64::from(1 << 20), Quantity::Mib),
            Unit::Count => (value as f64, Quantity::Count),
            Unit::Microseconds => (value as f64 / 1e6, Quantity::Seconds),
        };
        Value { text: shown(unit, value), number: Some(number) }
    }
}

/// A value of a metric as prose and tables show it: memory with three digits, counts to the last one.
pub(super) fn shown(unit: Unit, value: u64) -> String {
    match unit {
        Unit::Bytes => amount(unit, value),
        Unit::Count => value.to_string(),
        Unit::Microseconds => seconds(value),
    }
}

/// A measured number as prose and tables show it.
pub(super) fn scaled(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Mib => shown(Unit::Bytes, (value * f64::from(1 << 20)).round() as u64),
        Quantity::Seconds => shown(Unit::Microseconds, (value * 1e6).round() as u64),
        Quantity::Count | Quantity::Ratio => quantity.print(value),
    }
}

/// How many times the other the one is, with three digits.
fn ratio(one: &Value, other: &Value) -> Result<String, String> {
    let (Some((one, unit)), Some((other, other_unit))) = (one.number, other.number) else {
        return Err("only numbers have a ratio".into());
    };
    if unit != other_unit {
        return Err(format!("{unit:?} over {other_unit:?} means nothing"));
    }
    let times = one / other;
    if !times.is_finite() {
        return Err("nothing can be divided by 0".into());
    }
    let decimals = match times.abs() {
        _ if times.fract() == 0.0 => 0,
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{times:.decimals$}");
    Ok(match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    })
}

/// The unit of a metric that this record has.
fn metric_of(record: &Record, name: &str) -> Result<Unit, String> {
    let known = record.header.metrics.keys();
    match metrics::find(name) {
        Some(metric) if record.peak(name).is_some() => Ok(metric.unit),
        _ => Err(unknown_name("metric in this record", name, known)),
    }
}

fn unknown_name<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a String>) -> String {
    UnknownName { what: what.into(), name: name.into(), known: known.cloned().collect() }.to_string()
}
