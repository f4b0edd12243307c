//! `lab compare`: several records on one set of axes, and a table of their peaks and ends.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::record::named;
use crate::chart::{Figure, svg};
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::command::curve;
use crate::report::run::{shown_figure, table};
use crate::screen::{Screen, print};
use crate::store;

/// Draws the records over one another and tells what each took.
pub(crate) fn compare(what: &[String], metric: Option<&'static Metric>, svg: Option<&Path>) -> Result<u8> {
    let mut records = Vec::new();
    for name in what {
        let path = named(name)?;
        let paths = if path.is_dir() { store::files(&path)? } else { vec![path] };
        for path in paths {
            records.push((name, Record::read_thinned(&path, MAX_SAMPLES)?));
        }
    }
    let metric = metric.unwrap_or_else(|| curve(&records[0].1));
    let records = told_apart(records);
    let all: Vec<&Record> = records.iter().collect();
    let mut figure = Figure::of(&all, metric.name, metric.unit);
    figure.title = metric.meaning.to_owned();
    if let Some(file) = svg {
        std::fs::write(file, svg::draw(&figure, "lab")).with_context(|| file.display().to_string())?;
    }
    let screen = Screen::detect();
    print(&shown_figure(&figure, &screen));
    print(&format!("\n{}", table(metric, &records, &screen)));
    Ok(0)
}

/// The records, each by the name that it is known by: where two would have the same, also by what the user
/// called it.
fn told_apart(records: Vec<(&String, Record)>) -> Vec<Record> {
    let names: Vec<String> = records.iter().map(|(_, record)| name(record)).collect();
    let twice = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
    let called = |what: &str| {
        let path = PathBuf::from(what);
        path.file_stem().map_or_else(|| what.to_owned(), |stem| stem.to_string_lossy().into_owned())
    };
    let renamed = records.into_iter().zip(&names).map(|((what, mut record), name)| {
        record.header.variant = if twice(name) { format!("{} {name}", called(what)) } else { name.clone() };
        record
    });
    renamed.collect()
}

fn name(record: &Record) -> String {
    let message = record.header.command.as_ref().and_then(|command| command.message.clone());
    message.unwrap_or_else(|| record.header.variant.clone())
}
