//! What both drawings promise of records as they are.

use super::{MIB, figure, lesson, record};
use crate::chart::terminal::{self, Charset, Palette};
use crate::chart::{Figure, Level, Unit, letter, svg, thin};
use crate::model::record::Mark;

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
    let column = record.tracks.get_mut("sample").unwrap().columns.get_mut("tmpfs").unwrap();
    let mut peaks = column.values.clone();
    peaks[50] = 640 * MIB;
    column.peaks = Some(peaks);
    let figure = Figure::of(&[&record], "tmpfs", Unit::Bytes);
    assert_eq!((figure.curves[0].peak, figure.highest()), (Some(640 * MIB), 640 * MIB));
    let extents = thin::thin(&figure.curves[0], figure.span(), 80);
    assert_eq!(extents.iter().flatten().map(|extent| extent.high).max(), Some(640 * MIB));
}

#[test]
fn in_its_own_time_a_short_run_is_as_wide_as_a_long_one() {
    let records = [record("broken", 40_000, |t| t * MIB), record("fixed", 4_000_000, |t| t * MIB)];
    let all: Vec<_> = records.iter().collect();
    let shared = Figure::of(&all, "tmpfs", Unit::Bytes);
    let own = Figure { in_own_time: true, ..shared.clone() };
    let known = |figure: &Figure, at: usize| {
        let curve = &figure.curves[at];
        thin::thin(curve, figure.span_of(curve), 100).into_iter().flatten().count()
    };
    assert_eq!([&shared, &own].map(|figure| [0, 1].map(|at| known(figure, at))), [[1, 100], [100, 100]]);
    let text = svg::draw(&own, "own");
    assert!(text.contains("share of each run's own time") && text.contains(">100 %<"), "{text}");
    assert!(text.contains(">0.040 s<") && text.contains(">4.00 s<"), "{text}");
    let lines = terminal::draw(&own, 80, 24, Palette::Plain, Charset::Unicode);
    assert!(lines.iter().any(|line| line.contains("100 %")), "{lines:#?}");
}

#[test]
fn a_level_far_above_the_curves_is_named_and_does_not_press_them_flat() {
    let records = [record("fixed", 50_000, |_| 32 * MIB)];
    let mut figure = Figure::of(&[&records[0]], "tmpfs", Unit::Bytes);
    figure.levels.push(Level { label: "limit".into(), value: 100 << 30 });
    assert_eq!(figure.highest(), 32 * MIB);
    let lines = terminal::draw(&figure, 80, 24, Palette::Plain, Charset::Unicode);
    assert!(lines.iter().any(|line| line.contains("limit 100 GiB (above the picture)")), "{lines:#?}");
    assert!(svg::draw(&figure, "far").contains("↑ limit, 100 GiB"));
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
    let mut named = 0;
    for (index, curve) in figure.curves.iter().enumerate() {
        let sign = letter(index);
        assert!(
            plot[1..]
                .iter()
                .any(|line| line.split_once(['│', '┤']).is_some_and(|(_, plot)| plot.contains(sign)))
        );
        assert!(legend.iter().any(|line| line.contains(&format!("{sign} {}", curve.label))));
        // In its lane, and at the curve itself if its name has room there.
        named += texts.iter().filter(|text| **text == sign.to_string()).count() - 1;
        assert!(texts.contains(&curve.label.as_str()));
    }
    assert!(named > 0, "no curve has its name");
    assert!(text.len() < 20_000, "{} bytes", text.len());
}

#[test]
fn every_colour_of_a_figure_follows_the_page() {
    let records = lesson();
    let text = svg::draw(&figure(&records), "page");
    let document = roxmltree::Document::parse(&text).unwrap();
    let rule = |ink: &str| {
        let shapes = if ink == "lab-ink" { "text".into() } else { format!(".{ink}") };
        text.contains(&format!("}}\n.lab-figure {shapes}{{color:#"))
            && text.contains(&format!(";color:var(--{ink},#"))
    };
    for node in document.descendants() {
        for what in ["fill", "stroke"] {
            assert!(node.attribute(what).is_none_or(|color| color == "currentColor"), "{node:?}");
        }
        if ["path", "circle", "text"].iter().any(|name| node.has_tag_name(*name)) {
            let ink = node.attribute("class").and_then(|class| class.split(' ').next()).unwrap_or("lab-ink");
            assert!(rule(ink), "{ink}");
        }
        assert!(
            node.attribute("font-size").is_none_or(|size| size.len() <= 2),
            "a height as it was asked for"
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
fn a_program_finds_the_plot_its_axes_and_the_curve_of_each_run() {
    let records = lesson();
    let mut figure = figure(&records);
    figure.levels.push(Level { label: "far away".into(), value: 100 << 30 });
    let text = svg::draw(&figure, "data");
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    let number = |text: &str| text.parse::<f64>().unwrap();
    let edges: Vec<f64> = root.attribute("data-box").unwrap().split(' ').map(number).collect();
    let [left, top, right, bottom] = edges[..] else { panic!("four edges: {edges:?}") };
    let [span, highest] = ["data-span", "data-top"].map(|name| number(root.attribute(name).unwrap()));
    let has = |node: &roxmltree::Node, class| {
        node.attribute("class").is_some_and(|all| all.split(' ').any(|one| one == class))
    };
    let of_class = |class| document.descendants().filter(move |node| has(node, class));
    let mut runs: Vec<usize> = Vec::new();
    for curve in of_class("lab-curve") {
        let run: usize = curve.attribute("data-run").unwrap().parse().unwrap();
        let points = points(curve.attribute("d").unwrap());
        let heights = points.iter().map(|point| point.1);
        let peak = (bottom - heights.fold(bottom, f64::min)) / (bottom - top) * highest;
        let expected = figure.curves[run].peak.unwrap() as f64;
        assert!((peak - expected).abs() <= highest / (bottom - top), "run {run}: {peak} and not {expected}");
        let last = points.last().unwrap().0;
        let end = (last - left) / (right - left) * span;
        let expected = figure.curves[run].end as f64;
        assert!((end - expected).abs() <= span / (right - left), "run {run}: {end} and not {expected}");
        runs.push(run);
    }
    runs.sort_unstable();
    assert_eq!(runs, (0..records.len()).collect::<Vec<_>>());
    assert_eq!(of_class("lab-level").count(), 1, "a level above the picture has no line");
}

#[test]
fn nothing_is_cut_of_the_headline_and_of_thirteen_curves() {
    let records: Vec<_> = (0..13)
        .map(|n| {
            let mut record = record(&format!("fixed-by-a-long-name-{n}"), 100_000 + n, |_| 32 * MIB);
            record.marks.push(Mark { t: 50_000, name: format!("the phase number {n} begins") });
            record
        })
        .collect();
    let records: Vec<_> = records.iter().collect();
    let mut figure = Figure::of(&records, "tmpfs", Unit::Bytes);
    figure.title = "a headline of many words, ".repeat(5);
    figure.levels.push(Level { label: "memory limit".into(), value: 40 * MIB });
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    for charset in [Charset::Unicode, Charset::Ascii] {
        let height = terminal::whole(&figure, 80, charset);
        let lines = terminal::draw(&figure, 80, height, Palette::Plain, charset);
        assert_eq!(lines.len(), usize::from(height), "{}", lines.join("\n"));
        let text = words(&lines.join(" "));
        assert!(text.starts_with(&words(&figure.title)), "{text}");
        for curve in &figure.curves {
            assert!(text.contains(&format!("{} peak 32 MiB", curve.label)), "{}: {text}", curve.label);
        }
        assert!(text.contains("memory limit 40 MiB") && text.contains("9 the phase number"), "{text}");
        // If there isn't room for all, it says so, and the plot keeps its lines.
        let lines = terminal::draw(&figure, 80, 20, Palette::Plain, charset);
        assert!(lines.last().is_some_and(|last| last.ends_with("more lines")), "{}", lines.join("\n"));
    }
    let text = svg::draw(&figure, "many");
    let document = roxmltree::Document::parse(&text).unwrap();
    let texts =
        document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text());
    let texts: Vec<&str> = texts.map(str::trim).collect();
    assert!(texts.iter().all(|text| !text.contains('…')), "{texts:?}");
    assert!(texts.join(" ").starts_with(words(&figure.title).as_str()), "{texts:?}");
    assert!(figure.curves.iter().all(|curve| texts.contains(&curve.label.as_str())), "{texts:?}");
}

/// The points of a path that goes from each to the next by as much as it says.
fn points(way: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    let mut rest = way;
    while let Some(letter) = rest.chars().next() {
        let end = rest[1..].find(char::is_alphabetic).map_or(rest.len(), |end| end + 1);
        let numbers: Vec<f64> = rest[1..end].split(' ').map(|number| number.parse().unwrap()).collect();
        let (x, y) = points.last().copied().unwrap_or_default();
        points.push(match (letter, &numbers[..]) {
            ('M', [x, y]) => (*x, *y),
            ('h', [right]) => (x + right, y),
            ('v', [down]) => (x, y + down),
            ('l', [right, down]) => (x + right, y + down),
            other => panic!("{other:?} in {way}"),
        });
        rest = &rest[end..];
    }
    points
}
