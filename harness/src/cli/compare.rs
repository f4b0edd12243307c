//! `lab compare`: several records on one set of axes, and a table of their peaks and ends.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::record::{metric, named};
use crate::chart::{Figure, svg};
use crate::host::files;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::recorder::MAX_SAMPLES;
use crate::report::command::curve;
use crate::report::several::{shown_figure, table};
use crate::screen::{Screen, print};
use crate::store;

/// Draw several records on one set of axes, with a table of their peaks and ends
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Recorded commands (-1 is the latest), files of records, or folders of them
    #[arg(required = true, num_args = 1.., allow_negative_numbers = true)]
    records: Vec<String>,
    /// The metric to draw, such as pss; by default the total
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    curve: Option<&'static Metric>,
    /// Also draw it into FILE as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Args {
    /// Draws the records over one another, with the peaks and the end of each.
    pub(super) fn run(self) -> Result<u8> {
        let mut records = Vec::new();
        for name in &self.records {
            let path = named(name)?;
            let paths = if path.is_dir() { store::files(&path)? } else { vec![path] };
            if paths.is_empty() {
                bail!("{name} holds no record (*.jsonl)");
            }
            for path in paths {
                records.push((name, Record::read_thinned(&path, MAX_SAMPLES)?));
            }
        }
        let metric = self.curve.unwrap_or_else(|| curve(&records[0].1));
        let records = distinct(records);
        let all: Vec<&Record> = records.iter().collect();
        let mut figure = Figure::of(&all, metric.name, metric.unit);
        figure.title = metric.meaning.to_owned();
        if let Some(file) = &self.svg {
            files::write(file, svg::draw(&figure, "lab").as_bytes())
                .with_context(|| file.display().to_string())?;
        }
        let screen = Screen::detect();
        print(&shown_figure(&figure, &screen));
        print(&format!("\n{}", table(metric, &records, &screen)));
        Ok(0)
    }
}

/// The records, each by the name that it is known by: if two would have the same, also by what the user
/// called it.
fn distinct(records: Vec<(&String, Record)>) -> Vec<Record> {
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
