//! `lab record`: any command and all processes that it starts, watched or confined.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::host::Machine;
use crate::model::metric::Metric;
use crate::model::outcome::{Killer, Outcome};
use crate::model::record::{Record, Writer};
use crate::recorder::{Kept, Subject, Task};
use crate::report::export::Exports;
use crate::report::live::{Live, Shown, View};
use crate::screen::{Screen, Stream};
use crate::store::{self, Store};
use crate::workbench::command::Request;
use crate::{report::command, sandbox, workbench::run as runner};

/// How it is recorded, and what is told of it.
pub(crate) struct Options {
    /// The command, and its bounds.
    pub(crate) request: Request,
    /// Files whose place in the page cache is watched.
    pub(crate) files: Vec<PathBuf>,
    /// Where the record goes, in place of the store.
    pub(crate) output: Option<PathBuf>,
    /// The curves that are drawn; none for the total.
    pub(crate) metrics: Vec<&'static Metric>,
    /// What is shown while it runs.
    pub(crate) view: View,
    /// What is told when it has ended.
    pub(crate) told: Told,
    pub(crate) exports: Exports,
    /// A file for the summary as JSON.
    pub(crate) json: Option<PathBuf>,
}

/// What is told of a command when it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The curve and the summary, on the standard error.
    Summary,
    /// Nothing.
    Nothing,
}

/// The exit code where `lab` itself could not do its work, as of env(1) and timeout(1).
pub(crate) const FAILED: u8 = 125;

/// Records the command, and returns its exit code.
pub(crate) fn record(options: &Options) -> Result<u8> {
    let store = Store::anywhere()?;
    // From here on Ctrl-C is not the end of the process: it is the command's to answer.
    let signals = runner::signals()?;
    let machine = Machine::probe();
    sandbox::sweep(machine.cgroup.as_ref().ok(), &store.disk());
    let header = options.request.header(&machine)?;
    let path = match &options.output {
        Some(path) => path.clone(),
        None => store.begin_command(&header.variant)?,
    };
    let (name, confinement) = (header.variant.clone(), header.confinement.join("; "));
    let writer = Ok(Writer::create(&path)?);
    let spec = match options.request.attach {
        Some(_) => None,
        None => Some(options.request.spec(&machine)?),
    };
    let subject = match (&spec, options.request.attach) {
        (Some(spec), _) => Subject::Started(spec),
        (None, pid) => Subject::Attached(pid.context("there is neither a command nor a process")?),
    };
    let task = Task {
        subject,
        rates: options.request.rates(),
        files: &options.files,
        live: &Mutex::default(),
        signals: &signals,
    };
    let screen = Screen::behind(Stream::Err);
    let total = if machine.cgroup.is_ok() && spec.is_some() { "cgroup" } else { "rss" };
    let mut metrics = options.metrics.clone();
    if metrics.is_empty() {
        metrics.extend(crate::recorder::metrics::find(total));
    }
    // Where nothing can be drawn in place, lines tell how far it is.
    let view = if options.view == View::Curve && !screen.moves { View::Lines } else { options.view };
    if options.view == View::Curve {
        screen.print(&screen.wrapped("", &format!("{}: {confinement}.", screen.bold(&name))));
    }
    let mut live = Live::new(Shown { name, metrics }, screen, view);
    let kept = runner::watched(&task, header, writer, |now| live.show(&[], now))?;
    live.clear();
    if let Kept::Lost(why) = kept {
        eprintln!("lab: the record is lost: {why}");
    }
    let record = task.live.lock().expect("no thread panics with the record").take().context("no record")?;
    if options.view == View::Curve {
        screen.print(record.trailer.as_ref().map_or("", |trailer| &trailer.output));
    }
    tell(options, &record, &path, screen)?;
    Ok(exit_code(&record))
}

fn tell(options: &Options, record: &Record, path: &std::path::Path, screen: Screen) -> Result<()> {
    let picture = Exports { svg: Some(path.with_extension("svg")), ..Exports::default() };
    picture.write(record, path, &options.metrics)?;
    options.exports.write(record, path, &options.metrics)?;
    if let Some(file) = &options.json {
        let summary: Value = command::as_json(record, path);
        std::fs::write(file, format!("{summary:#}\n")).with_context(|| file.display().to_string())?;
    }
    if options.told == Told::Summary {
        screen.print(&command::text(record, path, &options.metrics, &screen));
    }
    Ok(())
}

/// The exit code of the command; or what timeout(1), env(1) and the shell make of an end like that.
fn exit_code(record: &Record) -> u8 {
    if let Some(status) = record.trailer.as_ref().and_then(|trailer| trailer.status) {
        return u8::try_from(status).unwrap_or(FAILED);
    }
    match record.outcome() {
        Outcome::TimedOut => 124,
        Outcome::CouldNotStart(_) => 127,
        Outcome::Killed { by: Killer::Watchdog | Killer::Oom | Killer::Other, signal } => {
            u8::try_from(128 + signal).unwrap_or(FAILED)
        }
        Outcome::Interrupted => super::INTERRUPTED,
        Outcome::Gone => 0,
        _ => FAILED,
    }
}

/// The record that a word names: a file, or the latest but so many, from -1 on.
pub(crate) fn named(what: &str) -> Result<PathBuf> {
    if let Some(back) = what.strip_prefix('-').and_then(|number| number.parse::<usize>().ok()) {
        let all = Store::anywhere()?.commands();
        let at = all.len().checked_sub(back.max(1));
        let found = at.and_then(|at| all.get(at));
        return found.cloned().with_context(|| {
            format!(
                "there are {} recorded commands: `lab ls` lists them, and `lab record -- COMMAND` adds one",
                all.len()
            )
        });
    }
    let path = PathBuf::from(what);
    store::records(&path)?;
    Ok(path)
}
