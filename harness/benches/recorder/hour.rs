//! An hour at 1 kHz. Its values are made up: nobody waits an hour for a bench. All else is as it would be.

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

use crate::recorder::{Bench, MIB, Recorder};
use crate::table::{Goal, Spread, Table};
use crate::watched::answer;

/// Beats of the hour.
const BEATS: u64 = 3_600_000;

/// So many beats are written together, which is what comes together in 50 ms.
const BLOCK: u64 = 50;

/// The spike of one beat that must not be lost: when it is, and how high.
const SPIKE: (u64, u64) = (1_234_567, 64 << 30);

/// How the values come: all the same, or each memory another one at each beat.
const KINDS: [&str; 2] = ["quiet", "busy"];

/// What it took to write the record.
#[derive(Serialize, Deserialize)]
struct Written {
    /// The most memory of the process, in bytes.
    memory: u64,
}

/// What it took to load the record and to draw it.
#[derive(Serialize, Deserialize)]
struct Drawn {
    memory: u64,
    /// In seconds.
    load: f64,
    terminal: f64,
    svg: f64,
    page: f64,
    peak: u64,
}

pub(crate) fn table(bench: &Bench, rounds: usize) -> Result<Table> {
    let mut table = Table::new(
        format!(
            "An hour at 1 kHz: a record of {BEATS} beats, as the recorder writes it, with made-up values"
        ),
        &[
            "hour",
            "file",
            "memory while it is written",
            "loads in",
            "memory to load it",
            "terminal",
            "SVG",
            "page",
            "its spike of one beat",
        ],
    );
    for kind in KINDS {
        let path = bench.file("hour.jsonl");
        let role = path.display().to_string();
        let (_, Written { memory }) = bench.run(Recorder::None, &["write", &role, kind])?;
        let size = std::fs::metadata(&path)?.len();
        let mut drawn = Vec::new();
        for _ in 0..rounds {
            drawn.push(bench.run::<Drawn>(Recorder::None, &["read", &role])?.1);
        }
        std::fs::remove_file(&path)?;
        let spread = |number: &dyn Fn(&Drawn) -> f64| Spread::of(drawn.iter().map(number));
        let load = spread(&|drawn| drawn.load);
        let draws =
            [spread(&|drawn| drawn.terminal), spread(&|drawn| drawn.svg), spread(&|drawn| drawn.page)];
        let is_kept = drawn.iter().all(|drawn| drawn.peak == SPIKE.1);
        let most = drawn.iter().map(|drawn| drawn.memory).max().unwrap_or(memory).max(memory);
        let met =
            most < 64 << 20 && load.median < 1.0 && draws.iter().all(|draw| draw.median < 0.5) && is_kept;
        let mut cells = vec![kind.to_owned(), format!("{:.0} MiB", size as f64 / MIB)];
        cells.push(format!("{:.1} MiB", memory as f64 / MIB));
        cells.push(load.shown(2, "s"));
        cells.push(spread(&|drawn| drawn.memory as f64 / MIB).shown(1, "MiB"));
        cells.extend(draws.map(|draw| draw.shown(3, "s")));
        cells.push(if is_kept { "kept" } else { "lost" }.to_owned());
        table.row(cells, Some(Goal { says: "64 MiB, loads in 1 s, draws in 0.5 s, no peak is lost", met }));
    }
    Ok(table)
}

/// Writes the record, as a session does, and holds what a session holds.
pub(crate) fn write(path: &Path, kind: &str) -> Result<()> {
    let mut writer = Writer::create(path)?;
    let header = header()?;
    writer.write(&Line::Header(Box::new(header.clone())))?;
    let mut live = Record::new(header);
    let mut random = fastrand::Rng::with_seed(1);
    let mut values = BTreeMap::new();
    for first in (0..BEATS).step_by(BLOCK as usize) {
        for (track, metrics) in TRACKS {
            let mut samples = Track::default();
            for beat in first..first + BLOCK {
                samples.t.push(beat * 1000 + random.u64(..100));
                for metric in metrics {
                    let value = values.entry(metric).or_insert(100_000 * 4096_u64);
                    if kind == "busy" && *metric != "processes" {
                        *value = value.saturating_add_signed(random.i64(-256..=256) * 4096);
                    }
                    let column = samples.columns.entry((*metric).to_owned()).or_default();
                    column.values.push(*value);
                    if *metric == "cgroup" {
                        let peak = if beat == SPIKE.0 { SPIKE.1 } else { *value };
                        column.peaks.get_or_insert_default().push(peak);
                    }
                }
            }
            let line = Line::Samples(Block { track: track.to_owned(), samples });
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
pub(crate) fn read(path: &Path) -> Result<()> {
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
        "outcome": { "exited": 0 }, "evidence": [], "facts": {}, "peaks": {}, "duration": BEATS * 1000,
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
