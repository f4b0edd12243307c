//! `lab gather`: the records of all ranks of a job as one picture.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::record::metric;
use crate::gather::Job;
use crate::host::files;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::recorder::{MAX_SAMPLES, metrics};
use crate::report::gather::Gathered;
use crate::screen::{Screen, print};
use crate::store;

/// Draw the records of all ranks of a job as one picture, with the worst rank and the sums of each node
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  srun {lab} record -o 'run-%j-%r.jsonl' -- ./train
  {lab} gather run-4711-*.jsonl
  {lab} gather --align 'after barrier' --html job.html run-4711-*.jsonl

Without a mark that all ranks make at one moment, their times are aligned by the clocks of their machines.")]
pub(super) struct Args {
    /// The records, or folders of them
    #[arg(required = true, num_args = 1.., value_name = "FILES")]
    records: Vec<PathBuf>,
    /// Align the times on this mark, which all make at the same moment, such as after a barrier
    #[arg(long, value_name = "MARK")]
    align: Option<String>,
    /// The metric to draw, such as pss; by default the total
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    curve: Option<&'static Metric>,
    /// Also draw it into FILE as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write a page with every rank and every node to FILE; it loads nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Print JSON, as the book describes it
    #[arg(long)]
    json: bool,
}

/// The metric to draw: the first one that every rank has.
const TOTALS: [&str; 2] = ["cgroup", "rss"];

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let mut paths = Vec::new();
        for path in &self.records {
            match path.is_dir() {
                true => paths.extend(store::files(path)?),
                false => paths.push(path.clone()),
            }
        }
        if paths.is_empty() {
            bail!("there is no record (*.jsonl)");
        }
        let wanted = self.curve.map_or_else(|| TOTALS.to_vec(), |metric| vec![metric.name]);
        let job = Job::read(&paths, &wanted, self.align.as_deref())?;
        let metric = metrics::find(&job.metric).context("no source has this metric")?;
        let worst = job.worst().map(|rank| Record::read_thinned(&rank.path, MAX_SAMPLES)).transpose()?;
        let gathered = Gathered { job: &job, metric, worst: worst.as_ref() };
        let written = [
            self.svg.as_ref().map(|file| (file, gathered.svg())),
            self.html.as_ref().map(|file| (file, gathered.page())),
        ];
        for (file, text) in written.into_iter().flatten() {
            files::write(file, text.as_bytes()).with_context(|| file.display().to_string())?;
        }
        print(&match self.json {
            true => format!("{:#}\n", gathered.json()),
            false => gathered.text(&Screen::detect()),
        });
        Ok(0)
    }
}
