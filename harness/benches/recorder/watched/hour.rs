//! An hour's record is written by one process, and loaded and drawn by another.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use lab::chart::{svg, terminal};
use lab::model::record::{Block, Cost, Header, Line, Record, SCHEMA, Trailer, Writer};
use lab::model::series::Track;
use lab::recorder::MAX_SAMPLES;
use lab::report::command;
use nix::time::{ClockId, clock_gettime};
use procfs::process::Process;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::answer;

/// Samples of the hour.
pub(crate) const SAMPLES: u64 = 3_600_000;

/// So many samples are written together, which is what comes together in 50 ms.
const BLOCK: u64 = 50;

/// The spike of one sample that must not be lost: when it is, and how high.
pub(crate) const SPIKE: (u64, u64) = (1_234_567, 64 << 30);

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
    pub(crate) peak: u64,
}

/// Writes the record, as a session does, and holds what a session holds.
pub(super) fn write(path: &Path, kind: &str) -> Result<()> {
    let mut writer = Writer::create(path)?;
    let header = header()?;
    writer.write(&Line::Header(Box::new(header.clone())))?;
    let mut live = Record::new(header);
    let mut random = fastrand::Rng::with_seed(1);
    let mut values = BTreeMap::new();
    for first in (0..SAMPLES).step_by(BLOCK as usize) {
        for (track, metrics) in TRACKS {
            let mut block = Track::default();
            for sample in first..first + BLOCK {
                block.t.push(sample * 1000 + random.u64(..100));
                for metric in metrics {
                    let value = values.entry(metric).or_insert(100_000 * 4096_u64);
                    if kind == "busy" && *metric != "processes" {
                        *value = value.saturating_add_signed(random.i64(-256..=256) * 4096);
                    }
                    let column = block.columns.entry((*metric).to_owned()).or_default();
                    column.values.push(*value);
                    if *metric == "cgroup" {
                        let peak = if sample == SPIKE.0 { SPIKE.1 } else { *value };
                        column.peaks.get_or_insert_default().push(peak);
                    }
                }
            }
            let line = Line::Samples(Block { track: track.to_owned(), samples: block });
            writer.write(&line)?;
            live.push(line).map_err(anyhow::Error::msg)?;
            live.thin(MAX_SAMPLES);
        }
    }
    writer.write(&Line::Trailer(Box::new(trailer()?)))?;
    writer.finish()?;
    answer(&Written { memory: highest()? })
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
    ensure!(!lines.is_empty() && !picture.is_empty() && !page.is_empty(), "nothing was drawn");
    let peak = figure.curves.first().and_then(|curve| curve.peak).context("there is no curve")?;
    answer(&Drawn { memory: highest()?, load, terminal: in_terminal, svg: as_svg, page: as_page, peak })
}

/// The tracks that are sampled at every interval, with their metrics: those of a run in a control group.
const TRACKS: [(&str, &[&str]); 3] = [
    ("control_group", &["cgroup"]),
    ("shared_memory", &["tmpfs"]),
    ("resident", &["anon", "processes", "root_anon", "rss"]),
];

fn header() -> Result<Header> {
    let metrics = TRACKS.iter().flat_map(|(_, metrics)| *metrics);
    let metrics: BTreeMap<&str, &str> = metrics.map(|metric| (*metric, "made up")).collect();
    Ok(serde_json::from_value(json!({
        "schema": SCHEMA, "lab": env!("CARGO_PKG_VERSION"), "started": "1970-01-01T00:00:00Z",
        "variant": "hour", "title": "made-up values", "interval": 1000, "sizes": {}, "limits": {},
        "confinement": [], "machine": {}, "metrics": metrics,
    }))?)
}

fn trailer() -> Result<Trailer> {
    let cost = serde_json::to_value(Cost::default())?;
    Ok(serde_json::from_value(json!({
        "outcome": { "exited": 0 }, "evidence": [], "facts": {}, "peaks": {}, "duration": SAMPLES * 1000,
        "cost": cost, "output": "",
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
