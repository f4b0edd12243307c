//! What can be asked of a mystery, and what its record answers. The same is asked of each: a choice would be a hint.
//!
//! No name of a program, a folder or a file is in it.

use lab::chart::{Curve, Figure, amount, seconds};
use lab::model::metric::{Metric, Unit, human};
use lab::model::outcome::{Finding, signal_name};
use lab::model::record::{ProcessTrack, Record, Status, What};
use lab::recorder::metrics;
use serde::Serialize;

use super::super::template;

/// So many processes and moments are listed.
const LISTED: usize = 12;

/// A question, and its answer: lines, a picture, a table, as far as the record has them.
#[derive(Serialize)]
pub(super) struct Evidence {
    asks: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<String>,
    /// The first row has the heads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Vec<String>>,
}

/// Everything that can be asked.
pub(super) fn all(record: &Record, number: usize) -> Vec<Evidence> {
    let plain = |asks, lines| Evidence { asks, lines, svg: None, rows: Vec::new() };
    let drawn = |asks, lines, names: &[&str], letter: char| {
        let svg = picture(record, names, &format!("mystery-{number}-{letter}"));
        Evidence { asks, lines, svg, rows: Vec::new() }
    };
    let group = ["cgroup_anon", "cgroup_file", "cgroup_shmem", "cgroup_kernel"];
    let is_charged = group.iter().any(|name| record.series(name).is_some());
    let kinds = if is_charged { &group[..] } else { &["anon", "file", "shmem"] };
    vec![
        plain("How did it end?", end(record)),
        plain("What does the kernel say?", kernel(record)),
        plain("What happened, and when?", moments(record)),
        drawn("What is the memory made of?", Vec::new(), kinds, 'a'),
        drawn("What is in shared memory?", shared(record), &["tmpfs"], 'b'),
        drawn(
            "What do the processes have?",
            Vec::new(),
            &["rss", "anon", "root_anon", "children_private_dirty"],
            'c',
        ),
        Evidence {
            asks: "Which processes were there?",
            lines: Vec::new(),
            svg: None,
            rows: processes(record),
        },
        plain("What do page faults, files and pipes say?", counts(record)),
        plain("Does it work, or does it wait?", work(record)),
    ]
}

fn end(record: &Record) -> Vec<String> {
    vec![format!("{}.", record.outcome()), format!("It ran for {}.", seconds(record.duration()))]
}

fn kernel(record: &Record) -> Vec<String> {
    let evidence = record.trailer.iter().flat_map(|trailer| &trailer.evidence).map(|evidence| {
        let source = &evidence.source;
        match &evidence.finding {
            Finding::Fired(detail) => format!("{source}: yes, {detail}"),
            Finding::DidNotFire => format!("{source}: no"),
            Finding::CouldNotLook(why) => format!("{source}: nobody could look ({why})"),
        }
    });
    let counters = ["cgroup_max", "cgroup_oom_kills", "cgroup_high"];
    evidence.chain(counters.iter().filter_map(|name| peak(record, name))).collect()
}

fn moments(record: &Record) -> Vec<String> {
    let is_seldom = |what: &What| {
        !matches!(
            what,
            What::Started { .. } | What::Executed(_) | What::Gone | What::Files(_) | What::LeftOut(_)
        )
    };
    let events = record.events.iter().filter(|event| is_seldom(&event.what));
    let mut all: Vec<(u64, String)> = events.map(|event| (event.t, event.what.to_string())).collect();
    all.extend(record.ended.iter().filter_map(|ended| match ended.status? {
        Status::Killed(signal) => Some((ended.t, format!("a process was ended by {}", signal_name(signal)))),
        Status::Exited(_) => None,
    }));
    all.sort();
    let mut lines: Vec<String> =
        all.iter().take(LISTED).map(|(t, what)| format!("{}: {what}", seconds(*t))).collect();
    let started = record.events.iter().filter(|event| matches!(event.what, What::Started { .. })).count();
    // An older recorder kept no time line.
    if started > 0 {
        lines.push(format!("processes that started: {started}; that ended: {}", record.ended.len()));
    }
    lines
}

fn shared(record: &Record) -> Vec<String> {
    let Some(trailer) = &record.trailer else { return Vec::new() };
    let bytes = |value| amount(Unit::Bytes, value);
    let mut lines: Vec<String> = peak(record, "shm_files").into_iter().collect();
    for folder in &trailer.shared_folders {
        lines.push(format!(
            "files in one folder: {}, {} together, half of them with {} or less",
            folder.files,
            bytes(folder.bytes),
            bytes(folder.typical)
        ));
        let of = |is_alive: bool| {
            folder
                .makers
                .iter()
                .filter(move |maker| maker.is_alive == is_alive)
                .map(|maker| maker.files)
                .sum::<u64>()
        };
        lines.push(format!(
            "of processes that lived then: {}; of dead ones: {}; of nobody knows whom: {}",
            of(true),
            of(false),
            folder.of_unknown_makers
        ));
    }
    for file in trailer.open_memory_files.iter().take(LISTED / 2) {
        let kind = match &file.name {
            name if name.starts_with("/memfd:") => "a file that was never in a folder",
            name if name.ends_with(" (deleted)") => "a file without a name",
            _ => "a file",
        };
        lines.push(format!(
            "{kind} of {}; processes that hold it open: {}",
            bytes(file.bytes),
            file.holders.len()
        ));
    }
    if lines.is_empty() {
        lines.push("Nothing was seen in it.".to_owned());
    }
    lines
}

fn processes(record: &Record) -> Vec<Vec<String>> {
    let mut tracks: Vec<&ProcessTrack> =
        record.processes.each.values().filter(|track| track.process.is_some()).collect();
    let began =
        |track: &ProcessTrack| track.process.as_ref().map_or(0, |process| process.began.unwrap_or(process.t));
    tracks.sort_by_key(|track| began(track));
    let heads = ["process", "began", "until", "most anonymous", "most resident", "end"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for (place, track) in (1..).zip(tracks.iter().take(LISTED)) {
        let most = |metric| track.peak(metric).map_or_else(nothing, |peak| amount(Unit::Bytes, peak));
        let end = match track.end(&record.ended).and_then(|ended| ended.status) {
            Some(Status::Exited(code)) => format!("exited with {code}"),
            Some(Status::Killed(signal)) => format!("ended by {}", signal_name(signal)),
            None => nothing(),
        };
        let until = track.until(&record.ended).map_or_else(|| "the end".to_owned(), seconds);
        rows.push(vec![place.to_string(), seconds(began(track)), until, most("anon"), most("rss"), end]);
    }
    rows
}

fn nothing() -> String {
    "–".to_owned()
}

fn counts(record: &Record) -> Vec<String> {
    let names = [
        "minor_faults",
        "major_faults",
        "cgroup_huge_pages",
        "file",
        "disk_cached",
        "cgroup_active_file",
        "cgroup_refaults_file",
        "disk_read",
        "rchar",
        "wchar",
    ];
    names.iter().filter_map(|name| peak(record, name)).collect()
}

fn work(record: &Record) -> Vec<String> {
    let took = record.series("cpu").and_then(|series| series.peak()).map(|(_, took)| took);
    let took = took.map(|took| {
        format!(
            "{} of processor time were seen, in the {} of its run.",
            seconds(took),
            seconds(record.duration())
        )
    });
    let stands = record.events.iter().filter(|event| matches!(event.what, What::Standstill { .. }));
    let stands = stands.map(|event| format!("{}: {}", seconds(event.t), event.what));
    took.into_iter()
        .chain(stands)
        .chain(["threads", "processes"].iter().filter_map(|name| peak(record, name)))
        .collect()
}

/// The highest value of a metric, with what it means.
fn peak(record: &Record, name: &str) -> Option<String> {
    let metric = metrics::find(name)?;
    let peak = amount(metric.unit, record.peak(name)?);
    Some(format!("{}, {}: {peak} at the most", metric.name, metric.meaning))
}

/// A picture of these metrics, as far as the record has them; none where nothing was ever there.
fn picture(record: &Record, names: &[&str], prefix: &str) -> Option<String> {
    let found: Vec<&'static Metric> = names.iter().filter_map(|name| metrics::find(name)).collect();
    let there = found.into_iter().filter(|metric| record.series(metric.name).is_some());
    let there: Vec<_> = there.filter(|metric| record.peak(metric.name).unwrap_or(0) > 0).collect();
    let curves = there.iter().map(|metric| Curve {
        label: human(metric.name).to_owned(),
        marks: &[],
        ..Curve::of(record, metric.name)
    });
    let figure = Figure {
        title: "all of one run".into(),
        axis: "memory".into(),
        unit: there.first()?.unit,
        curves: curves.collect(),
        levels: Vec::new(),
        in_own_time: false,
    };
    Some(template::figure(&figure, prefix))
}
