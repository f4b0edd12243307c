//! A recorded command in other formats, each made from the record alone.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::chart::svg;
use crate::host::files;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::series::{Merged, Track};
use crate::report::{command, processes};

/// What is written, and where to.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Exports {
    /// Write every sample to FILE as CSV, but for those of single processes
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Draw the curve into FILE as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Write a page with every curve and every number to FILE; it loads nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Picture<'a> {
    /// The curves of these metrics, or of the total if there are none.
    Curves(&'a [&'static Metric]),
    /// The processes, stacked.
    Processes,
}

impl Exports {
    /// The files that are written.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.csv.iter().chain(&self.svg).chain(&self.html)
    }

    /// Writes what is wanted of a record, and returns what became of each file. `path` is the file of the
    /// record, if it has one.
    pub(crate) fn write(
        &self,
        record: &Record,
        path: Option<&Path>,
        picture: Picture<'_>,
    ) -> impl Iterator<Item = Result<()>> + use<> {
        // Of a long run, `record` has been thinned for drawing.
        let samples = || match path.filter(|path| path.is_file()) {
            Some(path) => Ok(csv(&Record::read(path)?)),
            None => Ok(csv(record)),
        };
        let picture = || match picture {
            Picture::Curves(metrics) => Ok(svg::draw(&command::figure(record, metrics), "lab")),
            Picture::Processes => processes::drawing(record, "lab"),
        };
        let page = || Ok(command::page(record));
        let written = [
            self.csv.as_ref().map(|file| write(file, &samples)),
            self.svg.as_ref().map(|file| write(file, &picture)),
            self.html.as_ref().map(|file| write(file, &page)),
        ];
        written.into_iter().flatten()
    }
}

/// Writes one report.
///
/// # Errors
///
/// Says which file can't be written.
pub(crate) fn write(file: &Path, text: &dyn Fn() -> Result<String>) -> Result<()> {
    files::write(file, text()?.as_bytes()).with_context(|| file.display().to_string())
}

/// All samples in the order of their times, a row each: the time in seconds, the track, and every metric of
/// that track, with its high-water mark as `NAME_peak` where there is one, and with the extremes of what it stands for
/// as `NAME_low` and `NAME_high` where samples were merged. Marks have rows of their own.
pub(crate) fn csv(record: &Record) -> String {
    let tracks: Vec<_> = record.tracks.iter().map(|(name, track)| (name, &track.t, columns(track))).collect();
    let names: Vec<&str> =
        tracks.iter().flat_map(|(_, _, columns)| columns.iter().map(|(name, _)| name.as_str())).collect();
    let mut text = format!("seconds,track,mark,{}\n", names.join(","));
    let mut rows: Vec<(u64, String)> = Vec::new();
    let mut before = 0;
    for (name, times, columns) in &tracks {
        let after = names.len() - before - columns.len();
        for (index, &t) in times.iter().enumerate() {
            let mut row = format!("{:.6},{name},{}", t as f64 / 1e6, ",".repeat(before));
            for (_, values) in columns {
                write!(row, ",{}", values[index]).expect("a string takes all text");
            }
            row.push_str(&",".repeat(after));
            rows.push((t, row));
        }
        before += columns.len();
    }
    for mark in &record.marks {
        let name = mark.name.replace('"', "\"\"");
        rows.push((mark.t, format!("{:.6},,\"{name}\"{}", mark.t as f64 / 1e6, ",".repeat(names.len()))));
    }
    rows.sort_by_key(|(t, _)| *t);
    for (_, row) in rows {
        text.push_str(&row);
        text.push('\n');
    }
    text
}

/// The columns of a track as the file has them.
fn columns(track: &Track) -> Vec<(String, &[u64])> {
    let mut columns = Vec::new();
    for (name, column) in &track.columns {
        columns.push((name.clone(), column.values.as_slice()));
        columns.extend(column.peaks.as_deref().map(|peaks| (format!("{name}_peak"), peaks)));
        if let Some(Merged { lows, highs }) = &column.merged {
            columns.extend([(format!("{name}_low"), &lows[..]), (format!("{name}_high"), &highs[..])]);
        }
    }
    columns
}
