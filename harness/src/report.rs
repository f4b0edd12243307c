//! What came of a run, as text for a person: picture, table, claims, lesson.

use std::fmt::Write;
use std::path::Path;

use crate::catalog::Scenario;
use crate::chart::terminal::draw;
use crate::chart::{Figure, Level};
use crate::claim::{Status, Verdict};
use crate::record::Record;
use crate::screen::Screen;

/// The lines of the picture in a report.
const HEIGHT: u16 = 20;

/// The figure of a scenario's curve over all variants that were run.
pub fn figure<'a>(scenario: &Scenario, records: &'a [Record]) -> Figure<'a> {
    let records: Vec<&Record> = records.iter().collect();
    let mut figure = Figure::of(&records, scenario.curve.name, scenario.curve.unit);
    figure.title = format!("{}: {}", scenario.title, scenario.curve.meaning);
    if let (Some(record), "tmpfs") = (records.first(), scenario.curve.name) {
        figure.levels.push(Level { label: "tmpfs limit".into(), value: record.header.limits.tmpfs });
    }
    figure
}

/// The whole report. `folder` is where the records and the picture are.
pub fn report(
    scenario: &Scenario,
    records: &[Record],
    verdicts: &[Verdict],
    folder: &Path,
    screen: &Screen,
) -> String {
    let mut text = String::new();
    for line in draw(&figure(scenario, records), screen.width, HEIGHT, screen.palette, screen.charset) {
        text.push_str(&line);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&table(scenario, records, screen));
    text.push('\n');
    text.push_str(&claims(verdicts, screen));
    text.push('\n');
    text.push_str(&screen.wrapped("", &format!("Learnt: {}", scenario.lesson)));
    let chapter = scenario.folder.join(&scenario.chapter);
    writeln!(text, "Read:    {}", shown(&chapter)).expect(STRING);
    writeln!(text, "Picture: {}", shown(&folder.join(PICTURE))).expect(STRING);
    writeln!(text, "Records: {}", shown(folder)).expect(STRING);
    text
}

/// The name of the picture beside the records.
pub const PICTURE: &str = "curve.svg";

const STRING: &str = "a string takes all text";

/// A line for each variant: how it ended, what it took, what it stated.
pub fn table(scenario: &Scenario, records: &[Record], screen: &Screen) -> String {
    let mut facts: Vec<&String> = records
        .iter()
        .filter_map(|record| record.trailer.as_ref())
        .flat_map(|trailer| trailer.facts.keys())
        .collect();
    facts.sort();
    facts.dedup();
    facts.retain(|fact| *fact != "checksum");
    let curve = scenario.curve.name;
    let mut rows = vec![vec!["variant".to_owned(), "how it ended".into(), format!("{curve} peak")]];
    if curve != "pss" {
        rows[0].push("PSS peak".into());
    }
    rows[0].extend(facts.iter().map(|fact| fact.replace('_', " ")));
    rows[0].push("time".into());
    for record in records {
        let mib = |metric: &str| match record.peak(metric) {
            Some(bytes) => format!("{} MiB", bytes >> 20),
            None => "?".to_owned(),
        };
        let mut row = vec![record.header.variant.clone(), record.outcome().to_string(), mib(curve)];
        if curve != "pss" {
            row.push(mib("pss"));
        }
        let fact = |name: &&String| record.fact(name).map_or_else(|| "?".to_owned(), |fact| fact.to_string());
        row.extend(facts.iter().map(fact));
        row.push(format!("{:.2} s", record.duration() as f64 / 1e6));
        rows.push(row);
    }
    aligned(&rows, screen)
}

/// Columns side by side: the first two to the left, numbers to the right.
fn aligned(rows: &[Vec<String>], screen: &Screen) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 | 1 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = if number == 0 { screen.bold(line.trim_end()) } else { line.trim_end().to_owned() };
        writeln!(text, "{line}").expect(STRING);
    }
    text
}

/// Every claim with its verdicts: the number, and what it must be.
fn claims(verdicts: &[Verdict], screen: &Screen) -> String {
    let mut text = String::new();
    for claim in verdicts.chunk_by(|one, next| one.claim == next.claim) {
        text.push_str(&screen.wrapped("", &claim[0].says));
        for alike in claim.chunk_by(told_alike) {
            text.push_str(&told(alike, screen));
        }
    }
    let count =
        |wanted: fn(&Status) -> bool| verdicts.iter().filter(|verdict| wanted(&verdict.status)).count();
    let holds = count(|status| *status == Status::Holds);
    let fails = count(|status| *status == Status::Fails);
    let unknown = verdicts.len() - holds - fails;
    writeln!(text, "\n{holds} verdicts hold, {fails} fail, {unknown} are unknown.").expect(STRING);
    text
}

/// Whether two variants can share a line.
fn told_alike(one: &Verdict, other: &Verdict) -> bool {
    let said =
        |verdict: &Verdict| (verdict.measured_text.clone(), verdict.bound_text.clone(), verdict.post.clone());
    one.status == other.status && said(one) == said(other)
}

/// One line for verdicts that are told alike, with the reason where one does not hold.
fn told(alike: &[Verdict], screen: &Screen) -> String {
    let verdict = &alike[0];
    let word = match verdict.status {
        Status::Holds => screen.green("HOLDS"),
        Status::Fails => screen.red("FAILS"),
        Status::Unknown(_) => screen.yellow("UNKNOWN"),
    };
    let names: Vec<&str> = alike.iter().map(|verdict| verdict.variant.as_str()).collect();
    let mut line = format!("{}: {}", names.join(", "), verdict.measured_text);
    if verdict.bound_text != verdict.measured_text {
        write!(line, "; {}", verdict.bound_text).expect(STRING);
    }
    if let Some(post) = &verdict.post {
        write!(line, " (the post: {post})").expect(STRING);
    }
    let indent = "          ";
    let wrapped = screen.wrapped(indent, &line);
    // The word takes the place of the first line's indent; it may hold escapes, so it is not measured.
    let pad = " ".repeat(indent.len() - 2 - word_length(&verdict.status));
    let mut text = format!("  {word}{pad}{}", wrapped.trim_start());
    if let Status::Unknown(why) = &verdict.status {
        text.push_str(&screen.wrapped(indent, why));
    }
    if verdict.status != Status::Holds
        && let Some(hint) = &verdict.hint
    {
        text.push_str(&screen.wrapped(indent, hint));
    }
    text
}

fn word_length(status: &Status) -> usize {
    match status {
        Status::Holds | Status::Fails => 5,
        Status::Unknown(_) => 7,
    }
}

/// A path as short as it can be from the working directory.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
