//! A recorded command in other formats, each made from the record alone.

mod csv;
mod perfetto;
mod prometheus;
mod protobuf;
mod summary;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::chart::svg;
use crate::host::files;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::report::{command, processes};

/// The files to write.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Exports {
    /// Write every sample to FILE as CSV, except those of single processes
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Write every sample to FILE as CSV with a row for each value, for pandas and the like; includes single
    /// processes
    #[arg(long, value_name = "FILE")]
    pub(crate) csv_long: Option<PathBuf>,
    /// Draw the curve into FILE as SVG
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Write a page with every curve and every number to FILE; it loads nothing else
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Append a summary to FILE as Markdown, such as the job summary of CI ("$GITHUB_STEP_SUMMARY")
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
    /// Write curves, phases and events to FILE as a trace for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    pub(crate) perfetto: Option<PathBuf>,
    /// Write peaks, end and diagnosis to FILE for the textfile collector of Prometheus' node_exporter
    #[arg(long, value_name = "FILE")]
    pub(crate) prometheus: Option<PathBuf>,
}

/// The picture to draw.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Picture<'a> {
    /// The curves of these metrics, or of the total if there are none.
    Curves(&'a [&'static Metric]),
    /// The processes, stacked.
    Processes,
}

impl Exports {
    /// The files that are written, each of which may get another name or be left out.
    pub(crate) fn each(&mut self) -> impl Iterator<Item = &mut Option<PathBuf>> {
        let Exports { csv, csv_long, svg, html, summary, perfetto, prometheus } = self;
        [csv, csv_long, svg, html, summary, perfetto, prometheus].into_iter()
    }

    /// The picture of a run of a scenario, which is all that there is of one.
    ///
    /// # Errors
    ///
    /// Names the option that is for recorded commands.
    pub(crate) fn only_svg(&self) -> Result<Option<&Path>> {
        let Exports { csv, csv_long, svg: _, html, summary, perfetto, prometheus } = self;
        let others = [
            ("--csv", csv),
            ("--csv-long", csv_long),
            ("--html", html),
            ("--summary", summary),
            ("--perfetto", perfetto),
            ("--prometheus", prometheus),
        ];
        if let Some((option, _)) = others.into_iter().find(|(_, file)| file.is_some()) {
            bail!("{option} is for recorded commands; a run of a scenario has --svg");
        }
        Ok(self.svg.as_deref())
    }

    /// Writes the requested files of a record, and returns the fate of each. `path` is the file of the record, if it
    /// has one.
    pub(crate) fn write(
        &self,
        record: &Record,
        path: Option<&Path>,
        picture: Picture<'_>,
    ) -> impl Iterator<Item = Result<()>> + use<> {
        // Of a long run, `record` has been thinned for drawing.
        let whole = |make: &dyn Fn(&Record) -> Vec<u8>| match path.filter(|path| path.is_file()) {
            Some(path) => Ok(make(&Record::read(path)?)),
            None => Ok(make(record)),
        };
        let picture = || match picture {
            Picture::Curves(metrics) => Ok(svg::draw(&command::figure(record, metrics), "lab")),
            Picture::Processes => processes::drawing(record, "lab"),
        };
        let written = [
            self.csv.as_ref().map(|file| write(file, || whole(&|record| csv::wide(record).into()))),
            self.csv_long.as_ref().map(|file| write(file, || whole(&|record| csv::long(record).into()))),
            self.svg.as_ref().map(|file| write(file, picture)),
            self.html.as_ref().map(|file| write(file, || Ok(command::page(record)))),
            self.summary.as_ref().map(|file| append(file, &summary::markdown(record))),
            self.perfetto.as_ref().map(|file| write(file, || whole(&perfetto::trace))),
            self.prometheus.as_ref().map(|file| write(file, || Ok(prometheus::text(record)))),
        ];
        written.into_iter().flatten()
    }
}

/// Writes one report.
///
/// # Errors
///
/// Says which file can't be written.
pub(crate) fn write<T: AsRef<[u8]>>(file: &Path, make: impl Fn() -> Result<T>) -> Result<()> {
    files::write(file, make()?.as_ref()).with_context(|| file.display().to_string())
}

/// Adds a report to what others have written.
fn append(file: &Path, text: &str) -> Result<()> {
    files::append(file, text.as_bytes()).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use crate::model::outcome::Outcome;
    use crate::model::record::tests::example::{header, trailer};
    use crate::model::record::{Line, Record};

    /// A run of ten seconds with two phases, a process that is followed, and others that aren't.
    pub(super) fn record() -> Record {
        let mut record = Record::new(header("broken"));
        let lines = [
            r#"{"samples":{"track":"control_group","t":[0,5000],"columns":{"cgroup":[4096,4096]},"peaks":{"cgroup":[4096,61440]}}}"#,
            r#"{"mark":{"t":1000,"name":"load | it"}}"#,
            r#"{"process":{"n":0,"pid":4711,"t":900,"name":"a \"python\"","words":["/bin/python","train.py"],"over":{"ended":6000}}}"#,
            r#"{"samples":{"track":"process 0","t":[1000],"columns":{"rss":[8192],"anon":[4096]}}}"#,
            r#"{"samples":{"track":"other processes","t":[1000],"columns":{"rss":[1],"processes":[2]}}}"#,
            r#"{"mark":{"t":4000,"name":"train"}}"#,
            r#"{"event":{"t":1700,"pid":4712,"what":{"executed":"make"}}}"#,
        ];
        for line in lines {
            record.push(serde_json::from_str(line).unwrap()).unwrap();
        }
        record.push(Line::Trailer(Box::new(trailer(Outcome::Exited(0))))).unwrap();
        record
    }
}
