//! `lab record`: any command and all processes that it starts, watched or confined.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::libc::SIGBUS;

use crate::chart::clean;
use crate::command::{Request, watched};
use crate::host::{files, naming, place};
use crate::model::metric::Metric;
use crate::model::outcome::Outcome;
use crate::model::record::{Place, Record, Writer};
use crate::name::{INTERRUPTED, filled, program};
use crate::recorder::{Kept, Subject, Task, metrics};
use crate::report::export::{self, Exports, Picture};
use crate::report::live::{Live, Shown, View};
use crate::report::{command, diagnosis, json};
use crate::sandbox::signals::Signals;
use crate::sandbox::{self, Streams};
use crate::screen::{Output, Screen, say};
use crate::store::Store;

/// What `--help` ends with.
const AFTER: &str = "\
Without a limit the command is only watched: it has your terminal, its output is untouched, and processes
that it leaves running go on. With --memory, --shm, --processes, --timeout or --no-progress it runs in a
sandbox, and leftover processes are killed at the end.

The curve and a summary go to the standard error. A command can mark its phases: it writes `mark NAME`
as a line to the socket whose number is in LAB_CHANNEL.

In names of output files, %j is the job, %s the step, %N the node, %r the rank, %a the task of an
array, %h the host, %p the process of lab, and %% a percent sign. Ranks of one launcher (Slurm, MPI) that share a
name get their numbers, and each is quiet. A file that can't be written never keeps the command from running.

Examples:
  {lab} record -- python train.py
  {lab} record --memory 2G --timeout 10m -- make -j8
  {lab} record --html report.html -m \"batch of 64\" -- ./train --batch 64
  {lab} record --attach 4711
  srun {lab} record -o 'run-%j-%r.jsonl' -- ./train
  {lab} ls; {lab} show -1; {lab} compare -1 -2

Exit codes:
  that of the command, or the signal that ended it, which a shell shows as 128 plus its number; 0 with
  --attach, and 137 if the watchdog ended it
  124  the time was up, or there was no more progress
  125  {lab} couldn't do its work, or was used wrongly
  126  the command couldn't be executed
  127  there is no such command";

/// Record any command with all processes that it starts, and exit with its code
#[derive(Debug, clap::Args)]
#[command(after_help = filled(AFTER))]
pub(super) struct Args {
    /// The command and its arguments
    #[arg(last = true, required_unless_present = "attach", value_name = "COMMAND")]
    command: Vec<OsString>,
    /// Watch a running process, with all that it starts, until it ends or Ctrl-C
    #[arg(long, value_name = "PID", conflicts_with_all = ["command", "memory", "shm", "processes", "timeout", "no_progress"])]
    attach: Option<i32>,
    /// Fix the time from one sample to the next, at least 1ms; by default 10ms, growing to 160ms while
    /// nothing moves
    #[arg(short, long, value_name = "TIME", value_parser = interval)]
    interval: Option<Duration>,
    /// Limit memory, such as 512M or 2G (runs it in a sandbox)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory: Option<u64>,
    /// Give it a private /dev/shm of this size (runs it in a sandbox)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    shm: Option<u64>,
    /// Limit the number of processes and threads (runs it in a sandbox)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    processes: Option<u64>,
    /// End it after this time, such as 90s or 10m (runs it in a sandbox)
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// End it after this time without progress, and show what each thread waits in (runs it in a sandbox)
    #[arg(long, alias = "still", value_name = "TIME", value_parser = humantime::parse_duration)]
    no_progress: Option<Duration>,
    /// In a sandbox: how long it may clean up after Ctrl-C or another request to end
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = humantime::parse_duration)]
    grace: Duration,
    /// Watch how much of this file is in the page cache; may be repeated, and gives the sum
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A note on it, for ls and compare
    #[arg(short, long, value_name = "TEXT")]
    message: Option<String>,
    /// Write the record to FILE, instead of the store
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A curve to draw, such as cgroup_anon or pss, instead of the total; may be repeated
    #[arg(long = "curve", value_name = "METRIC", value_parser = metric)]
    curves: Vec<&'static Metric>,
    /// Draw the curve while it runs; the command's output on the same terminal comes at the end
    #[arg(long)]
    live: bool,
    /// Print nothing at the end, like each of several ranks
    #[arg(short, long)]
    quiet: bool,
    /// Write the summary to FILE as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(flatten)]
    exports: Exports,
}

impl Args {
    pub(super) fn run(mut self) -> Result<u8> {
        // Of this verb, the codes below 125 are the command's.
        match self.record() {
            Ok(record) => {
                // The caller is to see the end that the command had, as under strace(1) and timeout(1).
                if let Some(signal) = deadly_signal(&record) {
                    labkit::sys::end_by(signal);
                }
                Ok(exit_code(&record))
            }
            Err(error) => {
                say(&format!("{error:#}"));
                Ok(FAILED)
            }
        }
    }

    /// Records the command, and describes what happened.
    fn record(&mut self) -> Result<Record> {
        let place = place::here();
        self.quiet |= place.is_one_of_several();
        for file in self.files().flatten() {
            *file = naming::named(file, &place)?;
        }
        self.leave_out();
        // From here on Ctrl-C doesn't end the process: it is the command's to answer.
        let signals = Signals::catch()?;
        sandbox::sweep();
        let request = self.request();
        let machine = request.machine();
        let header = request.header(&machine, place.clone())?;
        let (name, confinement) = (header.variant.clone(), header.confinement.join("; "));
        let writer = self.writer(&name, &place);
        let spec = match self.attach {
            Some(_) => None,
            None => Some(request.spec(&machine)?),
        };
        let subject = match (&spec, self.attach) {
            (Some(spec), _) => Subject::Started(spec),
            (None, pid) => Subject::Attached(pid.context("there is neither a command nor a process")?),
        };
        let (rates, live) = (request.rates(), &Mutex::default());
        let diagnose = Some(diagnosis::json as _);
        let task = Task { subject, rates, files: &self.files, live, signals: &signals, diagnose };
        let screen = Screen::on(Output::Stderr);
        let mut curves = self.curves.clone();
        if curves.is_empty() {
            let total = if machine.cgroup.is_ok() && spec.is_some() { "cgroup" } else { "rss" };
            curves.extend(metrics::find(total));
        }
        if self.live {
            screen.print(&screen.wrapped("", &format!("{}: {confinement}.", screen.bold(&clean(&name)))));
        }
        let mut live = Live::new(Shown { name, metrics: curves }, screen, self.view(&screen));
        let kept = watched(&task, header, writer, &[], &mut live)?;
        live.clear();
        let path = match kept {
            Kept::Whole(path) => Some(path),
            Kept::Elsewhere(path, why) => {
                say(&format!("the record stays in {}: {why}", path.display()));
                Some(path)
            }
            Kept::Lost(why) => {
                say(&format!("the record is lost: {why}"));
                None
            }
        };
        let record =
            task.live.lock().expect("no thread panics with the record").take().context("no record")?;
        if self.live {
            screen.print(record.trailer.as_ref().map_or("", |trailer| &trailer.output));
        }
        if let (Outcome::CouldNotStart(why), true) = (record.outcome(), self.quiet) {
            say(&why);
        }
        self.report(&record, path.as_deref(), screen);
        Ok(record)
    }

    /// The files that it writes, each of which may get another name or be left out.
    fn files(&mut self) -> impl Iterator<Item = &mut Option<PathBuf>> {
        [&mut self.output, &mut self.json].into_iter().chain(self.exports.each())
    }

    /// Finds out before anything is started that a file can't be written, and leaves it out: the command can run
    /// without it, and it can be made later, from the record.
    fn leave_out(&mut self) {
        if let Some(why) = refusal(&mut self.output) {
            say(&format!("{why}; the record goes to the store, and the command runs"));
        }
        for file in [&mut self.json].into_iter().chain(self.exports.each()) {
            if let Some(why) = refusal(file) {
                say(&format!("{why}; it's left out, and the command runs"));
            }
        }
    }

    /// The file of the record: where the user wants it, or else in the store. Without either, the command runs all the
    /// same.
    fn writer(&self, name: &str, place: &Place) -> Result<Writer, String> {
        let failed = |error: anyhow::Error| format!("{error:#}");
        if let Some(path) = &self.output {
            match begin(path, place) {
                Ok(writer) => return Ok(writer),
                Err(error) => say(&format!("{error:#}; the record goes to the store, and the command runs")),
            }
        }
        let name = match place.rank.filter(|_| place.is_one_of_several()) {
            Some(rank) => format!("{name}-{rank}"),
            None => name.to_owned(),
        };
        let path = Store::anywhere().and_then(|store| store.begin_command(&name)).map_err(failed)?;
        begin(&path, place).map_err(failed)
    }

    fn request(&self) -> Request {
        Request {
            words: self.command.clone(),
            attach: self.attach,
            interval: self.interval,
            memory: self.memory,
            shm: self.shm,
            processes: self.processes,
            timeout: self.timeout,
            no_progress: self.no_progress,
            grace: self.grace,
            message: self.message.clone(),
            streams: if self.live { Streams::PassedAround } else { Streams::Passed },
        }
    }

    /// The view while it runs. If nothing can be drawn in place, lines say how far it is.
    fn view(&self, screen: &Screen) -> View {
        match (self.live, screen.moves) {
            (false, _) => View::Nothing,
            (true, false) => View::Lines,
            (true, true) => View::Curve,
        }
    }

    /// Describes what happened. A file that can't be written any more doesn't change how the command ended.
    fn report(&self, record: &Record, path: Option<&Path>, screen: Screen) {
        let summary = || Ok(format!("{:#}\n", json::command(record, path)));
        let reports = self.exports.write(record, path, Picture::Curves(&self.curves));
        let failures = reports.chain(self.json.iter().map(|file| export::write(file, summary)));
        for error in failures.filter_map(Result::err) {
            say(&format!("{error:#}"));
        }
        if !self.quiet {
            screen.print(&command::text(record, path, &self.curves, &screen));
        }
    }
}

/// Begins a record. That of a job which belongs to another file system, as a shared one, is written on this machine and
/// goes there meanwhile.
fn begin(path: &Path, place: &Place) -> Result<Writer> {
    let first = naming::first_place(path).filter(|_| place.is_of_a_job());
    let begun = first.and_then(|first| Writer::create_first_in(&first, path).ok());
    Ok(begun.map_or_else(|| Writer::create(path), Ok)?)
}

/// Takes a file away that can't be written, and says why it can't.
fn refusal(file: &mut Option<PathBuf>) -> Option<String> {
    let error = files::check(file.as_ref()?).err()?;
    Some(format!("{}: {error}", file.take()?.display()))
}

/// The exit code if `lab` itself can't do its work, as of env(1) and timeout(1).
pub(super) const FAILED: u8 = 125;

/// The signal that ended the command, unless it was `lab` that sent it.
fn deadly_signal(record: &Record) -> Option<i32> {
    let trailer = record.trailer.as_ref().filter(|trailer| trailer.status.is_some())?;
    match trailer.outcome {
        Outcome::Killed { signal, .. } => Some(signal),
        Outcome::BusError => Some(SIGBUS),
        _ => None,
    }
}

/// The exit code of the command; or what timeout(1), env(1) and the shell make of an end like that.
fn exit_code(record: &Record) -> u8 {
    if let Some(status) = record.trailer.as_ref().and_then(|trailer| trailer.status) {
        return u8::try_from(status).unwrap_or(FAILED);
    }
    let is_attached = record.header.command.as_ref().is_some_and(|command| command.attached.is_some());
    match record.outcome() {
        // Not every machine reports how a process ended that somebody else has started.
        Outcome::Exited(_) | Outcome::Killed { .. } | Outcome::Gone if is_attached => 0,
        Outcome::TimedOut => 124,
        Outcome::Killed { signal, .. } => u8::try_from(128 + signal).unwrap_or(FAILED),
        Outcome::Interrupted => INTERRUPTED,
        _ => FAILED,
    }
}

/// The record that a word names: a file, or the latest but so many, from -1 on.
pub(super) fn named(what: &str) -> Result<PathBuf> {
    if let Some(back) = what.strip_prefix('-').and_then(|number| number.parse::<usize>().ok()) {
        let all = Store::anywhere()?.commands();
        let at = all.len().checked_sub(back.max(1));
        let found = at.and_then(|at| all.get(at));
        return found.cloned().with_context(|| {
            format!(
                "there are {} recorded commands: `{lab} ls` lists them, and `{lab} record -- COMMAND` adds one",
                all.len(),
                lab = program()
            )
        });
    }
    Ok(PathBuf::from(what))
}

/// The metric of this name.
pub(super) fn metric(name: &str) -> Result<&'static Metric, String> {
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
