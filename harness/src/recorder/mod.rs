//! Watches a program from outside while it runs, and writes its record.
//!
//! What is sampled stands in tracks, each as often as it is cheap:
//!
//! - `beat`, at every beat: the tmpfs, and the control group's total and peak. They cost microseconds,
//!   however many processes there are.
//! - `tree`, at every beat as well, as long as it takes a fiftieth of the time: statm of each process.
//! - `split` and `each`, some ten times a second: what the memory is made of, by the control group and
//!   by each process.
//! - `walk` and `cache`, within a half of 1 % of the time each: smaps_rollup, which walks the page tables of
//!   the program and keeps it from mapping memory for as long (about 10 ms for 512 MiB); the open
//!   files of each process; and the page cache.
//!
//! At a mark the program waits until all are taken, so what a mark shows is exact. When it counts
//! its tasks it waits for the first two now and then, so that the counts belong to what is sampled.

mod beat;
mod channel;
mod counters;
mod exit_log;
pub mod exits;
mod hang;
mod lines;
pub mod memory_files;
mod pace;
mod samples;
mod session;
mod text;
mod tree;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Result;
use crate::model::outcome::Outcome;
use crate::model::record::{Cost, Header, Line, Record, Trailer, Writer};
use crate::sandbox::signals::Signals;
use crate::sandbox::{Running, Spec};
use counters::Counters;
use exit_log::ExitLog;
use exits::Exits;
use session::Session;

/// How often a scenario's run is sampled at the beat, and how often it is split.
pub const RATES: Rates = Rates { beat: Duration::from_millis(5), split: Duration::from_millis(50) };

/// How often the record is written: who kills the recorder loses no more.
const FLUSH: Duration = Duration::from_millis(50);
/// A sample of what each process has is followed by so many times its duration without one.
const TREE_REST: u32 = 49;
/// The same for what is dearer, and keeps the program from mapping memory meanwhile.
const WALK_REST: u32 = 199;
/// How much of the end of the program's output is kept, in bytes.
const OUTPUT: usize = 64 << 10;
/// How many samples of a track are held in memory. The file has them all.
pub const HELD: usize = 1 << 15;

/// How often a run is sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// From one beat to the next.
    pub beat: Duration,
    /// From one split to the next.
    pub split: Duration,
}

/// What is recorded.
#[derive(Debug)]
pub enum Subject<'a> {
    /// A program that is started in its sandbox.
    Started(&'a Spec),
    /// A process that runs already, by its number.
    Attached(i32),
}

/// What is recorded, and how.
#[derive(Debug)]
pub struct Task<'a> {
    /// What is recorded.
    pub subject: Subject<'a>,
    /// How often.
    pub rates: Rates,
    /// Files on a disk whose place in the page cache is watched, besides the run's own.
    pub files: &'a [PathBuf],
    /// Holds what is recorded so far, thinned where it is long.
    pub live: &'a Mutex<Option<Record>>,
    /// Where SIGINT, SIGTERM and SIGHUP arrive. Any of them ends a run that is confined, and is passed
    /// on to one that is watched.
    pub signals: &'a Signals,
}

/// Whether the kernel keeps a peak of all memory of this run that can be set back at each beat.
pub fn keeps_peaks(running: &Running) -> bool {
    Counters::open(running).is_ok_and(|counters| counters.keeps_peaks())
}

/// Whether each process of a run is counted, however shortly it lives. Where that is without its peak,
/// says why.
///
/// # Errors
///
/// Says why it is not counted.
pub fn counts_processes() -> Result<Option<String>, String> {
    Ok(Exits::open()?.no_peaks().map(str::to_owned))
}

/// Starts the program in its sandbox, or looks at one that runs, and records it. Returns the file of the record.
///
/// # Errors
///
/// When the record can not be written. All that the program does is an outcome, not an error.
pub fn record(task: &Task<'_>, mut header: Header, mut writer: Writer) -> Result<PathBuf> {
    let exit_log = ExitLog::open();
    let started = match task.subject {
        Subject::Started(spec) => Running::start(spec),
        Subject::Attached(_) => Running::attached(),
    };
    let mut running = match started {
        Ok(running) => running,
        Err(error) => return not_started(header, writer, format!("{error:#}")),
    };
    header.beat = u64::try_from(task.rates.beat.as_micros()).unwrap_or(u64::MAX);
    let mut session = Session::new(task, &running, exit_log, header, &mut writer)?;
    let ending = session.follow(&mut running)?;
    let trailer = session.trailer(ending)?;
    session.put(Line::Trailer(Box::new(trailer)))?;
    running.end();
    Ok(writer.finish()?)
}

/// Writes the record of a run that never began, and why. Returns the file of the record.
///
/// # Errors
///
/// When it can not be written.
pub fn not_started(header: Header, mut writer: Writer, why: String) -> Result<PathBuf> {
    let trailer = Trailer {
        outcome: Outcome::CouldNotStart(why),
        evidence: Vec::new(),
        facts: BTreeMap::new(),
        peaks: BTreeMap::new(),
        processes: None,
        held: Vec::new(),
        unkept: 0,
        duration: 0,
        cost: Cost::default(),
        output: String::new(),
        status: None,
    };
    writer.write(&Line::Header(Box::new(header)))?;
    writer.write(&Line::Trailer(Box::new(trailer)))?;
    Ok(writer.finish()?)
}
