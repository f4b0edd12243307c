//! Watches a program from outside while it runs, and writes its record.
//!
//! The samples come from `sources`; the cheaper one is, the more often it's read. A source that costs microseconds is
//! read at every interval. One that looks at each process or at each of its open files is read some ten times a
//! second. One that may make the program wait (its page tables or its maps, the page cache) gets a quarter of 1 % of
//! the time.
//!
//! At a mark the program waits until all are read, so a mark shows exact numbers. When it counts its tasks it now and
//! then waits for the frequent ones, so the counts belong to the samples.

mod channel;
mod conclusion;
mod counts;
mod ending;
mod exit_log;
pub mod exits;
mod folders;
mod hang;
mod headroom;
mod journal;
mod lines;
mod member;
mod members;
pub mod metrics;
mod movement;
mod output;
mod outside;
mod pace;
mod procfile;
mod readings;
mod rlimits;
mod samples;
mod session;
mod source;
pub(crate) mod sources;
mod talk;
mod ticker;
mod timeline;
mod totals;
mod tracks;
mod watch;

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::model::outcome::Outcome;
use crate::model::record::{Header, Record, Trailer, Writer};
use crate::sandbox::signals::Signals;
use crate::sandbox::{Running, Spec};
use anyhow::Result;
use exit_log::ExitLog;
use exits::Exits;
use journal::Journal;
pub(crate) use journal::Kept;
use serde_json::Value;
use session::Session;

/// How often a scenario's run is sampled.
pub(crate) const RATES: Rates =
    Rates { interval: Duration::from_millis(5), slow: Duration::from_millis(50), adapts: false };

/// How many samples of a track are held in memory. The file has them all.
pub const MAX_SAMPLES: usize = 1 << 12;

/// How often a run is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rates {
    /// The sampling interval of cheap sources.
    pub(crate) interval: Duration,
    /// The least time between two samples of the others.
    pub(crate) slow: Duration,
    /// Whether both grow while nothing moves. They don't if a peak between two samples would be lost, or where
    /// nobody but the recorder holds the run to its limits.
    pub(crate) adapts: bool,
}

/// The subject of the recording.
#[derive(Debug)]
pub(crate) enum Subject<'a> {
    /// A program that is started in its sandbox.
    Started(&'a Spec),
    /// A process that runs already, by its number.
    Attached(i32),
}

impl Subject<'_> {
    /// The process that was already running, if that's the recorded one.
    fn attached(&self) -> Option<i32> {
        match self {
            Subject::Attached(pid) => Some(*pid),
            Subject::Started(_) => None,
        }
    }
}

/// The subject of the recording, and how it's recorded.
#[derive(Debug)]
pub(crate) struct Task<'a> {
    /// The subject of the recording.
    pub(crate) subject: Subject<'a>,
    /// How often.
    pub(crate) rates: Rates,
    /// Files on a disk whose place in the page cache is watched, in addition to the run's own.
    pub(crate) files: &'a [PathBuf],
    /// Holds the record so far, thinned if it's long.
    pub(crate) live: &'a Mutex<Option<Record>>,
    /// Where SIGINT, SIGTERM and SIGHUP arrive. Any of them ends a run that is confined, and is passed
    /// on to one that is watched.
    pub(crate) signals: &'a Signals,
    /// What makes the diagnosis that the record ends with, if it is to have one.
    pub(crate) diagnose: Option<fn(&Record) -> Value>,
}

/// Whether the kernel keeps a peak of all memory of this run that can be reset at each sample.
pub(crate) fn keeps_peaks(running: &Running) -> bool {
    sources::keeps_peaks(running)
}

/// Whether each process of a run is counted, however shortly it lives. If that is without its peak,
/// says why.
///
/// # Errors
///
/// Says why it isn't counted.
pub(crate) fn counts_processes() -> Result<Option<String>, String> {
    Ok(Exits::open()?.no_peaks().map(str::to_owned))
}

/// Starts the program in its sandbox, or looks at one that runs, and records it. `writer` is the file of the
/// record, or why there is none.
///
/// # Errors
///
/// When the recorder itself fails. What the program does is an outcome, and a file that can't be written is
/// a part of the answer.
pub(crate) fn record(task: &Task<'_>, mut header: Header, writer: Result<Writer, String>) -> Result<Kept> {
    let exit_log = ExitLog::open();
    header.interval = u64::try_from(task.rates.interval.as_micros()).unwrap_or(u64::MAX);
    let started = match task.subject {
        Subject::Started(spec) => Running::start(spec),
        Subject::Attached(_) => Running::attached(),
    };
    let mut running = match started {
        Ok(running) => running,
        Err(error) => return Ok(not_started(header, writer, task.live, format!("{error:#}"))),
    };
    let cpu_before = conclusion::processor_time()?;
    let mut session = Session::new(task, &running, exit_log, header, writer)?;
    let ending = session.follow(&mut running)?;
    let mut trailer = session.trailer(ending, cpu_before)?;
    trailer.stays = running.end();
    Ok(session.journal.finish(trailer, task.diagnose))
}

/// Writes the record of a run that never began, and why.
pub(crate) fn not_started(
    header: Header,
    writer: Result<Writer, String>,
    live: &Mutex<Option<Record>>,
    why: String,
) -> Kept {
    let trailer = Trailer { outcome: Outcome::CouldNotStart(why), ..Trailer::default() };
    Journal::begin(writer, live, header, Instant::now()).finish(trailer, None)
}
