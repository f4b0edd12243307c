//! Watches a program from outside while it runs, and writes its record.
//!
//! Three tracks are sampled, each as often as it is cheap:
//!
//! - `beat`, every 5 ms, at every mark, and when the program waits for it: counters that cost microseconds (statfs of the tmpfs, the
//!   control group's total and peak, statm of each process);
//! - `split`, every 50 ms and at every mark: what the memory is made of;
//! - `walk`, at every mark and else within 1 % of the time: smaps_rollup, which walks the page
//!   tables of the program and keeps it from mapping memory for as long (about 10 ms for 512 MiB).
//!
//! At a mark the program waits until all three are taken, so what a mark shows is exact. When it counts
//! its tasks it waits for the beat now and then, so that the counts belong to what is sampled.

mod beat;
mod channel;
mod counters;
pub mod exits;
pub mod held;
mod lines;
mod samples;
mod session;
mod still;
mod tree;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signalfd::SignalFd;

use crate::outcome::Outcome;
use crate::record::{Cost, Header, Line, Record, Trailer, Writer};
use crate::sandbox::guard::Guard;
use crate::sandbox::{Running, World};
use session::Session;
use still::Still;

/// How often the beat is sampled.
pub const BEAT: Duration = Duration::from_millis(5);
/// How often the split is sampled, and the record written.
const SPLIT: Duration = Duration::from_millis(50);
/// A walk may take this part of the time.
const WALK_DUTY: u32 = 100;
/// How much of the end of the program's output is kept, in bytes.
const OUTPUT: usize = 64 << 10;

/// Runs the program in its world and records it; `live` holds what is recorded so far.
///
/// `signals` is where SIGINT, SIGTERM and SIGHUP arrive: any of them ends the run.
///
/// # Errors
///
/// When the record can not be written. All that the program does is an outcome, not an error.
pub fn record(
    world: &World,
    header: Header,
    mut writer: Writer,
    live: &Mutex<Option<Record>>,
    signals: &SignalFd,
) -> Result<Record> {
    let mut running = match Running::start(world) {
        Ok(running) => running,
        Err(error) => return not_started(header, writer, format!("{error:#}")),
    };
    let guard = Guard::new(&header.limits);
    let deadline = Duration::from_secs(header.limits.seconds);
    let still = Still::new(header.limits.still_ms);
    let mut session = Session::new(&running, header, &mut writer, live, guard)?;
    let ending = session.follow(&mut running, signals, deadline, still)?;
    let trailer = session.trailer(ending)?;
    session.put(Line::Trailer(Box::new(trailer)))?;
    running.end();
    writer.finish()?;
    Ok(live.lock().expect("no thread panics with the record").take().expect("the session began it"))
}

/// Writes the record of a run that never began, and why.
///
/// # Errors
///
/// When it can not be written.
pub fn not_started(header: Header, mut writer: Writer, why: String) -> Result<Record> {
    let trailer = Trailer {
        outcome: Outcome::CouldNotStart(why),
        evidence: Vec::new(),
        facts: BTreeMap::new(),
        peaks: BTreeMap::new(),
        duration: 0,
        cost: Cost::default(),
        output: String::new(),
    };
    writer.write(&Line::Header(Box::new(header.clone())))?;
    writer.write(&Line::Trailer(Box::new(trailer.clone())))?;
    writer.finish()?;
    Ok(Record { trailer: Some(trailer), ..Record::new(header) })
}
