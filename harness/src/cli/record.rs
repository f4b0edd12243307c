//! The command line of `lab record`, `lab ls` and `lab compare`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::cmd::record::{FAILED, Options, Told};
use crate::cmd::run::Form;
use crate::cmd::{compare, ls, record};
use crate::model::metric::Metric;
use crate::recorder::metrics;
use crate::report::export::Exports;
use crate::report::live::View;
use crate::sandbox::Streams;
use crate::workbench::command::Request;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Recorder {
    /// Record any command, with all processes that it starts; its exit code is passed on
    #[command(after_help = "\
Without a bound the command is only watched: it has your terminal, its output is its own, and what it
leaves running goes on. With --memory, --shm, --processes, --timeout or --still it runs in a spec of
its own, and what is left of it at the end is killed.

The curve and a summary go to the standard error. A command that knows what it does can mark its
phases: `mark NAME` as a line on the socket whose number is in LAB_CHANNEL.

Examples:
  lab record -- python train.py
  lab record --memory 2G --timeout 10m -- make -j8
  lab record --html report.html -m \"batch of 64\" -- ./train --batch 64
  lab record --attach 4711
  lab ls; lab show -1; lab compare -1 -2

Exit codes:
  that of the command, or 128 and the number of the signal that ended it
  124  the time was up, or nothing moved any more
  125  lab could not do its work, or was used wrongly
  127  the command could not be started")]
    Record(Box<RecordArgs>),
    /// List the commands that were recorded; the latest is -1
    Ls {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Draw several records on one set of axes, with a table of their peaks and ends
    Compare {
        /// Recorded commands (-1 is the latest), files of records, or folders of them
        #[arg(required = true, num_args = 1.., allow_negative_numbers = true)]
        records: Vec<String>,
        /// What is drawn, such as pss; without it, the total
        #[arg(long, value_name = "METRIC", value_parser = metric)]
        curve: Option<&'static Metric>,
        /// Draw it into FILE as SVG as well
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    /// The command and its arguments
    #[arg(last = true, required_unless_present = "attach", value_name = "COMMAND")]
    command: Vec<String>,
    /// Watch a process that runs already, with all that it starts, until it ends or Ctrl-C
    #[arg(long, value_name = "PID", conflicts_with_all = ["command", "memory", "shm", "processes", "timeout", "still"])]
    attach: Option<i32>,
    /// The time from one sample to the next, from 1ms on
    #[arg(short, long, value_name = "TIME", default_value = "10ms", value_parser = interval)]
    interval: Duration,
    /// Confine it: the most memory that it may use, such as 512M or 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// Confine it: the size of a /dev/shm of its own
    #[arg(long, value_name = "SIZE", value_parser = size)]
    shm: Option<u64>,
    /// Confine it: the most processes and threads that it may have
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    processes: Option<u64>,
    /// Confine it: end it after this time, such as 90s or 10m
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Confine it: end it when nothing of it has moved for this time, and tell what each thread waits in
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    still: Option<Duration>,
    /// Watch how much of this file is in the page cache; may be repeated, and is summed
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A word on what it is, for `lab ls` and `lab compare`
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Where the record goes, in place of the store
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A curve to draw, such as cgroup_anon or pss, in place of the total; may be repeated
    #[arg(long = "curve", value_name = "METRIC", value_parser = metric)]
    curves: Vec<&'static Metric>,
    /// Draw the curve while it runs; what the command prints comes at the end
    #[arg(long)]
    live: bool,
    /// Say nothing at the end
    #[arg(short, long)]
    quiet: bool,
    /// Write the summary to FILE as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    exports: Exports,
}

pub(super) fn run(command: Recorder) -> Result<u8> {
    match command {
        // The codes below 125 are the command's.
        Recorder::Record(args) => Ok(record::record(&options(*args)).unwrap_or_else(|error| {
            eprintln!("lab: {error:#}");
            FAILED
        })),
        Recorder::Ls { json } => ls::ls(if json { Form::Json } else { Form::Lines }),
        Recorder::Compare { records, curve, svg } => compare::compare(&records, curve, svg.as_deref()),
    }
}

fn options(args: RecordArgs) -> Options {
    let streams = if args.live { Streams::Kept } else { Streams::Passed };
    Options {
        request: Request {
            words: args.command,
            attach: args.attach,
            interval: args.interval,
            memory: args.memory,
            shm: args.shm,
            processes: args.processes,
            timeout: args.timeout,
            still: args.still,
            message: args.message,
            streams,
        },
        files: args.files,
        output: args.output,
        metrics: args.curves,
        view: if args.live { View::Curve } else { View::Nothing },
        told: if args.quiet { Told::Nothing } else { Told::Summary },
        exports: args.exports,
        json: args.json,
    }
}

fn metric(name: &str) -> Result<&'static Metric, String> {
    metrics::find(name).ok_or_else(|| {
        let names: Vec<&str> = metrics::all().map(|metric| metric.name).collect();
        format!("there are {}", names.join(", "))
    })
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let range = Duration::from_millis(1)..=Duration::from_secs(60);
    range.contains(&interval).then_some(interval).ok_or_else(|| "it must be from 1ms to 60s".to_owned())
}

/// A size in bytes, or with one of K, M, G and T for powers of 1024, as the kernel and systemd read it.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = match text[digits.len()..].trim_end_matches(['i', 'B', 'b']).to_ascii_uppercase().as_str() {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => return Err("it must look like 512M or 2G".to_owned()),
    };
    let number: f64 = digits.parse().map_err(|_| "it must look like 512M or 2G".to_owned())?;
    let bytes = number * (1u64 << power) as f64;
    match bytes >= (1 << 20) as f64 {
        true => Ok(bytes as u64),
        false => Err("it must be at least 1M".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(size("512M"), Ok(512 << 20));
        assert_eq!(size("1.5GiB"), Ok(3 << 29));
        assert_eq!(size("2097152"), Ok(2 << 20));
        for bad in ["", "M", "12X", "-3M", "1K", "nanM"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
