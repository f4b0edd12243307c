//! What both drawings promise, on records made by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::svg;
use super::terminal::{self, Charset, Palette};
use super::*;
use crate::record::{Column, Header, Limits, SCHEMA, Track};

const MIB: u64 = 1 << 20;

/// Six variants of the first lesson, as the harness records them: one climbs to 640 MiB in 0.9 s,
/// four stay at 32 MiB for a twentieth of that time, and one never uses the tmpfs.
fn lesson() -> Vec<Record> {
    let broken = record("broken", 900_000, |t| (t.saturating_sub(40_000) / 43_000 + 1).min(20) * 32 * MIB);
    let fixed =
        [("fixed", 52_000), ("fixed_whole", 47_000), ("fixed_memmap", 61_000), ("initializer", 55_000)];
    let fixed = fixed.map(|(name, end)| record(name, end, |t| if t < 9_000 { 0 } else { 32 * MIB }));
    let threads = record("threads", 38_000, |_| 0);
    [broken].into_iter().chain(fixed).chain([threads]).collect()
}

/// A run of so many microseconds whose tmpfs is sampled each millisecond.
fn record(variant: &str, end: u64, tmpfs: impl Fn(u64) -> u64) -> Record {
    let mut record = Record::new(header(variant));
    let t: Vec<u64> = (0..end).step_by(1000).collect();
    let column = Column(t.iter().map(|&t| tmpfs(t)).collect());
    record.tracks.insert("beat".into(), Track { t, columns: BTreeMap::from([("tmpfs".into(), column)]) });
    let phases = [
        (2_000, "array made"),
        (end / 20 + 8_000, "tasks begin"),
        (end * 9 / 10, "tasks done"),
        (end - 1, "pool closed"),
    ];
    record.marks = phases.map(|(t, name)| Mark { t, name: name.into() }).into();
    record
}

fn header(variant: &str) -> Header {
    Header {
        schema: SCHEMA,
        lab: "0.1.0".into(),
        started: "2026-11-22T12:00:00Z".into(),
        scenario: "slice-dup".into(),
        variant: variant.into(),
        title: String::new(),
        size: "lab".into(),
        sizes: BTreeMap::new(),
        limits: Limits { tmpfs: 704 * MIB, memory: 1 << 30, seconds: 60 },
        confinement: Vec::new(),
        seed: 7,
        machine: BTreeMap::new(),
        metrics: BTreeMap::new(),
    }
}

fn figure(records: &[Record]) -> Figure<'_> {
    let mut figure = Figure::of(&records.iter().collect::<Vec<_>>(), "tmpfs", Unit::Bytes);
    figure.title = "Every slice is a new file: shared memory in use".into();
    figure.levels.push(Level { label: "tmpfs limit".into(), value: 704 * MIB });
    figure
}

/// A figure whose every part may be anything.
fn anything() -> impl Strategy<Value = (Vec<Record>, Vec<(String, u64)>, String)> {
    let values = proptest::collection::vec((any::<u64>(), any::<u64>()), 0..20);
    let marks = proptest::collection::vec((any::<u64>(), ".*"), 0..14);
    let run = (".*", values, marks).prop_map(|(variant, samples, marks)| {
        let mut record = Record::new(header(&variant));
        let (t, tmpfs): (Vec<u64>, Vec<u64>) = samples.into_iter().unzip();
        let columns = BTreeMap::from([("tmpfs".into(), Column(tmpfs))]);
        record.tracks.insert("beat".into(), Track { t, columns });
        record.marks = marks.into_iter().map(|(t, name)| Mark { t, name }).collect();
        record
    });
    let levels = proptest::collection::vec((".*", any::<u64>()), 0..4);
    (proptest::collection::vec(run, 0..9), levels, ".*")
}

fn figure_of(records: &[Record], levels: Vec<(String, u64)>, title: String, unit: Unit) -> Figure<'_> {
    let mut figure = Figure::of(&records.iter().collect::<Vec<_>>(), "tmpfs", unit);
    figure.title = title;
    figure.levels = levels.into_iter().map(|(label, value)| Level { label, value }).collect();
    figure
}

proptest! {
    #[test]
    fn no_figure_breaks_the_terminal(
        (records, levels, title) in anything(),
        (width, height) in (0u16..320, 0u16..80),
        unit in prop_oneof![Just(Unit::Bytes), Just(Unit::Count)],
    ) {
        let figure = figure_of(&records, levels, title, unit);
        for charset in [Charset::Unicode, Charset::Ascii] {
            let lines = terminal::draw(&figure, width, height, Palette::Plain, charset);
            prop_assert!(lines.len() <= usize::from(height));
            for line in &lines {
                prop_assert!(label::width(line) <= usize::from(width), "{line:?}");
                prop_assert!(!line.chars().any(char::is_control), "{line:?}");
                prop_assert!(charset == Charset::Unicode || line.is_ascii(), "{line:?}");
            }
            let colored = terminal::draw(&figure, width, height, Palette::Ansi, charset);
            prop_assert_eq!(colored.iter().map(|line| without_colors(line)).collect::<Vec<_>>(), lines);
        }
    }

    #[test]
    fn every_figure_is_well_formed_svg(
        (records, levels, title) in anything(),
        prefix in ".*",
        unit in prop_oneof![Just(Unit::Bytes), Just(Unit::Count)],
    ) {
        let text = svg::draw(&figure_of(&records, levels, title, unit), &prefix);
        let document = roxmltree::Document::parse(&text);
        prop_assert!(document.is_ok(), "{:?}\n{text}", document.err());
    }
}

/// The line as it is without the escapes that set colours.
fn without_colors(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn a_spike_of_one_sample_among_a_million_is_seen() {
    let mut record = record("spike", 3_600_000_000, |t| if t == 1_234_567_000 { 201 * MIB } else { MIB });
    record.marks.clear();
    let figure = Figure::of(&[&record], "tmpfs", Unit::Bytes);
    let lines = terminal::draw(&figure, 80, 24, Palette::Plain, Charset::Ascii);
    let rise =
        lines.iter().filter(|line| line.split_once(['|', '+']).is_some_and(|(_, plot)| plot.contains('a')));
    assert!(rise.count() >= 18, "{}", lines.join("\n"));
    let text = svg::draw(&figure, "spike");
    assert!(text.contains("peak 201 MiB") && text.len() < 20_000, "{text}");
}

#[test]
fn a_peak_that_only_the_kernel_saw_is_the_top_of_the_curve() {
    let mut record = record("broken", 100_000, |_| 32 * MIB);
    let track = record.tracks.get_mut("beat").unwrap();
    let mut peaks = track.columns["tmpfs"].clone();
    peaks.0[50] = 640 * MIB;
    track.columns.insert("tmpfs_peak".into(), peaks);
    let figure = Figure::of(&[&record], "tmpfs", Unit::Bytes);
    assert_eq!((figure.curves[0].peak, figure.highest()), (Some(640 * MIB), 640 * MIB));
    let extents = thin::thin(&figure.curves[0], figure.span(), 80);
    assert_eq!(extents.iter().flatten().map(|extent| extent.high).max(), Some(640 * MIB));
}

#[test]
fn a_level_far_above_the_curves_is_named_and_does_not_press_them_flat() {
    let records = [record("fixed", 50_000, |_| 32 * MIB)];
    let mut figure = Figure::of(&[&records[0]], "tmpfs", Unit::Bytes);
    figure.levels.push(Level { label: "limit".into(), value: 100 << 30 });
    assert_eq!(figure.highest(), 32 * MIB);
    let lines = terminal::draw(&figure, 80, 24, Palette::Plain, Charset::Unicode);
    assert!(lines.iter().any(|line| line.contains("limit 100 GiB (above the picture)")), "{lines:#?}");
    assert!(svg::draw(&figure, "far").contains("↑ 100 GiB"));
}

#[test]
fn a_metric_that_was_not_to_be_had_is_called_not_measured() {
    let records = lesson();
    let figure = Figure::of(&[&records[0]], "pss", Unit::Bytes);
    let lines = terminal::draw(&figure, 80, 24, Palette::Plain, Charset::Unicode);
    assert!(lines.iter().any(|line| line.contains("broken  peak not measured")), "{lines:#?}");
    assert!(svg::draw(&figure, "none").contains("not measured"));
}

#[test]
fn every_run_of_a_lesson_is_found_in_both_pictures() {
    let records = lesson();
    let figure = figure(&records);
    let lines = terminal::draw(&figure, 80, 24, Palette::Plain, Charset::Unicode);
    let (plot, legend) = lines.split_at(20);
    let text = svg::draw(&figure, "lesson");
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.is_text())
        .filter_map(|node| node.text())
        .map(str::trim)
        .collect();
    for (index, curve) in figure.curves.iter().enumerate() {
        let sign = letter(index);
        assert!(
            plot[1..]
                .iter()
                .any(|line| line.split_once(['│', '┤']).is_some_and(|(_, plot)| plot.contains(sign)))
        );
        assert!(legend.iter().any(|line| line.contains(&format!("{sign} {}", curve.label))));
        assert_eq!(texts.iter().filter(|text| **text == sign.to_string()).count(), 2, "its end and its lane");
        assert!(texts.contains(&curve.label.as_str()));
    }
    assert!(text.len() < 20_000, "{} bytes", text.len());
}

#[test]
fn every_colour_of_a_figure_follows_the_page() {
    let records = lesson();
    let text = svg::draw(&figure(&records), "page");
    let document = roxmltree::Document::parse(&text).unwrap();
    for node in document.descendants() {
        for what in ["fill", "stroke"] {
            if let Some(color) = node.attribute(what).filter(|color| *color != "none") {
                assert!(
                    text.contains(&format!(".lab-figure [{what}=\"{color}\"]{{{what}:var(--lab-")),
                    "{color}"
                );
            }
        }
        assert!(
            node.attribute("font-size").is_none_or(|size| size.len() <= 2),
            "the backend's heights are rounded"
        );
    }
}

#[test]
fn figures_of_one_page_have_ids_of_their_own() {
    let records = lesson();
    let text = svg::draw(&figure(&records), "slice-dup \"tmpfs\"");
    let document = roxmltree::Document::parse(&text).unwrap();
    let ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    assert_eq!(ids, ["slice-duptmpfs-title", "slice-duptmpfs-desc"]);
}

#[test]
fn show() {
    let records = lesson();
    let fig = figure(&records);
    let begin = std::time::Instant::now();
    for _ in 0..100 {
        terminal::draw(&fig, 80, 24, Palette::Ansi, Charset::Unicode);
    }
    println!("terminal {:?}", begin.elapsed() / 100);
    let long = record("long", 3_600_000_000, |t| t % 1_000_003);
    let fig2 = Figure::of(&[&long], "tmpfs", Unit::Bytes);
    let begin = std::time::Instant::now();
    let s = svg::draw(&fig2, "x");
    println!("svg 3.6M {:?} {}", begin.elapsed(), s.len());
    let begin = std::time::Instant::now();
    terminal::draw(&fig2, 80, 24, Palette::Ansi, Charset::Unicode);
    println!("terminal 3.6M {:?}", begin.elapsed());
    std::fs::write("/tmp/target-chart/a.svg", svg::draw(&fig, "x")).unwrap();
    let mut noisy: Vec<Record> = Vec::new();
    for i in 0..3u64 {
        noisy.push(record(
            ["rss", "pss & <uss>", "日本 long long long name"][i as usize],
            60_000_000 - i * 9_000_000,
            |t| (t * (i + 1) * 7919 % 40 + 60 * i) * MIB + (t / 1000 % 997) * 100_000,
        ));
    }
    noisy.push(Record::new(header("none")));
    let mut fig3 = Figure::of(&noisy.iter().collect::<Vec<_>>(), "tmpfs", Unit::Bytes);
    fig3.levels.push(Level { label: "claim bound".into(), value: 150 * MIB });
    fig3.levels.push(Level { label: "fixed at most".into(), value: 155 * MIB });
    fig3.levels.push(Level { label: "memory".into(), value: 15500 * MIB });
    let s = svg::draw(&fig3, "x");
    println!("noisy {}", s.len());
    std::fs::write("/tmp/target-chart/b.svg", s).unwrap();
    for l in terminal::draw(&fig3, 100, 30, Palette::Plain, Charset::Unicode) {
        println!("{l}");
    }
}
