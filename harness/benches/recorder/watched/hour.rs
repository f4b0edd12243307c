//! A long record is written by one process, and loaded and drawn by another.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lab::chart::{svg, terminal};
use lab::diagnosis::diagnose;
use lab::model::record::{Block, Cost, Header, Line, Record, SCHEMA, Trailer, Writer};
use lab::model::series::Track;
use lab::recorder::MAX_SAMPLES;
use lab::report::command;
use nix::time::{ClockId, clock_gettime};
use procfs::process::Process;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer;

/// A record that is made up.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    /// How many samples, and from one to the next, in microseconds.
    samples: u64,
    interval: u64,
    /// So many samples are written together: of an hour, what comes together in 50 ms. Of a day, what comes in a
    /// second, since no bench waits for 20 million lines.
    together: u64,
    /// Whether values are others at each sample.
    changes: bool,
    made: &'static [Made],
}

/// A track, with so many metrics, that is sampled at each interval or at each tenth.
struct Made {
    track: &'static str,
    metrics: usize,
    every: u64,
}

const fn made(track: &'static str, metrics: usize, every: u64) -> Made {
    Made { track, metrics, every }
}

/// The tracks of a run in a control group that are sampled at every interval.
const FREQUENT: &[Made] = &[made("control_group", 1, 1), made("shared_memory", 2, 1), made("resident", 4, 1)];

/// Those of a run with eight processes, as many metrics in each as its source has.
const ALL: &[Made] = &[
    made("control_group", 1, 1),
    made("shared_memory", 2, 1),
    made("resident", 4, 1),
    made("group_events", 2, 10),
    made("composition", 16, 10),
    made("host", 11, 10),
    made("processes", 14, 10),
    made("memory_files", 3, 10),
    made("page_tables", 7, 10),
    made("process 0", 5, 10),
    made("process 0 io", 2, 10),
    made("process 1", 5, 10),
    made("process 1 io", 2, 10),
    made("process 2", 5, 10),
    made("process 2 io", 2, 10),
    made("process 3", 5, 10),
    made("process 3 io", 2, 10),
    made("process 4", 5, 10),
    made("process 4 io", 2, 10),
    made("process 5", 5, 10),
    made("process 5 io", 2, 10),
    made("process 6", 5, 10),
    made("process 6 io", 2, 10),
    made("process 7", 5, 10),
    made("process 7 io", 2, 10),
];

pub(crate) const KINDS: [Kind; 3] = [
    Kind {
        name: "quiet",
        says: "an hour at 1 kHz, quiet",
        samples: 3_600_000,
        interval: 1000,
        together: 50,
        changes: false,
        made: FREQUENT,
    },
    Kind {
        name: "busy",
        says: "an hour at 1 kHz, busy",
        samples: 3_600_000,
        interval: 1000,
        together: 50,
        changes: true,
        made: FREQUENT,
    },
    Kind {
        name: "day",
        says: "a day at 100 Hz, busy",
        samples: 8_640_000,
        interval: 10_000,
        together: 100,
        changes: true,
        made: ALL,
    },
];

/// The spike that must not be lost, of one sample at the third part of the time.
pub(crate) const SPIKE: u64 = 64 << 30;

impl Kind {
    fn of(name: &str) -> Result<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name).with_context(|| format!("there is no record {name}"))
    }

    /// How many samples five minutes have.
    pub(crate) fn recent(&self) -> usize {
        // Times are off by a little, so the first one may be a moment too early.
        (300_000_000 / self.interval) as usize - 2
    }
}

/// What it took to write the record.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written {
    /// The most memory of the process, in bytes.
    pub(crate) memory: u64,
}

/// What it took to load the record and to draw it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Drawn {
    pub(crate) memory: u64,
    /// In seconds.
    pub(crate) load: f64,
    pub(crate) terminal: f64,
    pub(crate) svg: f64,
    pub(crate) page: f64,
    pub(crate) diagnosis: f64,
    pub(crate) peak: u64,
    /// How many samples of the last five minutes are left.
    pub(crate) recent: usize,
}

/// Five minutes, in microseconds.
const RECENT: u64 = 300_000_000;

/// Writes the record, as a session does, and holds what a session holds.
pub(super) fn write(path: &Path, kind: &str) -> Result<()> {
    let kind = Kind::of(kind)?;
    let mut writer = Writer::create(path)?;
    let header = header(kind)?;
    writer.write(&Line::Header(Box::new(header.clone())))?;
    let mut live = Record::new(header);
    let mut random = fastrand::Rng::with_seed(1);
    let mut values = vec![100_000 * 4096_u64; kind.made.iter().map(|made| made.metrics).sum()];
    let together = kind.together;
    for first in (0..kind.samples).step_by(together as usize) {
        let mut values = values.iter_mut();
        for made in kind.made {
            let mine: Vec<&mut u64> = values.by_ref().take(made.metrics).collect();
            let block = block(kind, made, first..first + together, mine, &mut random);
            if block.t.is_empty() {
                continue;
            }
            let line = Line::Samples(Block { track: made.track.to_owned(), samples: block });
            writer.write(&line)?;
            writer.wait_until_shorter();
            live.push(line).map_err(anyhow::Error::msg)?;
            live.thin(MAX_SAMPLES);
        }
    }
    writer.write(&Line::Trailer(Box::new(trailer(kind)?)))?;
    writer.finish()?;
    answer(&Written { memory: highest()? })
}

/// Samples of one track.
fn block(
    kind: &Kind,
    made: &Made,
    samples: Range<u64>,
    mut values: Vec<&mut u64>,
    random: &mut fastrand::Rng,
) -> Track {
    let mut block = Track::default();
    for sample in samples.filter(|sample| sample % made.every == 0) {
        block.t.push(sample * kind.interval + random.u64(..100));
        for (number, value) in values.iter_mut().enumerate() {
            if kind.changes {
                **value = value.saturating_add_signed(random.i64(-256..=256) * 4096);
            }
            let is_total = made.track == "control_group";
            let name = if is_total { "cgroup".to_owned() } else { format!("{} {number}", made.track) };
            let column = block.columns.entry(name).or_default();
            column.values.push(**value);
            if is_total {
                let peak = if sample == kind.samples / 3 { SPIKE } else { **value };
                column.peaks.get_or_insert_default().push(peak);
            }
        }
    }
    block
}

/// Loads the record and draws it in all three ways.
pub(super) fn read(path: &Path) -> Result<()> {
    let (load, record) = timed(|| Record::read_thinned(path, MAX_SAMPLES))?;
    let record = record?;
    let figure = command::figure(&record, &[]);
    let (in_terminal, lines) =
        timed(|| terminal::draw(&figure, 120, 40, terminal::Palette::Ansi, terminal::Charset::Unicode))?;
    let (as_svg, picture) = timed(|| svg::draw(&figure, "lab"))?;
    let (as_page, page) = timed(|| command::page(&record))?;
    let (diagnosis, diagnosed) = timed(|| diagnose(&record))?;
    ensure!(!lines.is_empty() && !picture.is_empty() && !page.is_empty(), "nothing was drawn");
    ensure!(!diagnosed.modes.is_empty(), "nothing was judged");
    let peak = figure.curves.first().and_then(|curve| curve.peak).context("there is no curve")?;
    let memory = highest()?;
    // The record is whole in the file alone.
    let whole = Record::read(path)?;
    let series = whole.series("cgroup").context("there is no total")?;
    let recent = series.t.iter().filter(|&&t| t + RECENT >= whole.duration()).count();
    answer(&Drawn {
        memory,
        load,
        terminal: in_terminal,
        svg: as_svg,
        page: as_page,
        diagnosis,
        peak,
        recent,
    })
}

fn header(kind: &Kind) -> Result<Header> {
    Ok(serde_json::from_value(json!({
        "schema": SCHEMA, "lab": env!("CARGO_PKG_VERSION"), "started": "1970-01-01T00:00:00Z",
        "variant": kind.name, "title": "made-up values", "interval": kind.interval, "sizes": {}, "limits": {},
        "confinement": [], "machine": {}, "metrics": { "cgroup": "made up" },
    }))?)
}

fn trailer(kind: &Kind) -> Result<Trailer> {
    let cost = serde_json::to_value(Cost::default())?;
    Ok(serde_json::from_value(json!({
        "outcome": { "exited": 0 }, "evidence": [], "facts": {}, "peaks": {},
        "duration": kind.samples * kind.interval, "cost": cost, "output": "",
    }))?)
}

/// The most memory that this process had, in bytes.
fn highest() -> Result<u64> {
    Ok(Process::myself()?.status()?.vmhwm.context("VmHWM")? * 1024)
}

/// Does the work, and says what processor time it took, in seconds. It is done by one thread, which waits
/// for nothing but a processor: the file has just been written, and is in the page cache.
fn timed<T>(work: impl FnOnce() -> T) -> Result<(f64, T)> {
    let time = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from);
    let begin = time()?;
    let result = work();
    Ok(((time()? - begin).as_secs_f64(), result))
}
