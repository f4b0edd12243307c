//! What came of a run, as text for a person: picture, table, claims, lesson.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use crate::chart::terminal::draw;
use crate::chart::{Figure, Level, amount, describe};
use crate::judge::{CHECKSUM, Status, Verdict};
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::recorder::metrics;
use crate::scenario::Scenario;
use crate::screen::Screen;

/// The lines of the picture in a report.
const HEIGHT: u16 = 20;

/// The figure of a scenario's curve over all variants that were run.
pub fn figure<'a>(scenario: &Scenario, records: &'a [Record]) -> Figure<'a> {
    figure_of(scenario, scenario.curve, records)
}

/// The figure of any metric over these records of a scenario.
pub fn figure_of<'a>(scenario: &Scenario, metric: &Metric, records: &'a [Record]) -> Figure<'a> {
    let records: Vec<&Record> = records.iter().collect();
    let mut figure = Figure::of(&records, metric.name, metric.unit);
    figure.title = format!("{}: {}", scenario.title, metric.meaning);
    if metric.name == "tmpfs" {
        figure.levels.extend(records.first().and_then(|record| Level::limit(metric, record)));
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
    let mut text = picture(scenario, records, screen);
    text.push('\n');
    text.push_str(&table(scenario.curve, records, screen));
    text.push('\n');
    text.push_str(&claims(verdicts, screen));
    text.push('\n');
    text.push_str(&screen.wrapped("", &format!("Learnt: {}", scenario.lesson)));
    let chapter = scenario.folder.join(&scenario.chapter);
    writeln!(text, "Read:    {}", shown_path(&chapter)).expect(STRING);
    writeln!(text, "Picture: {}", shown_path(&folder.join(PICTURE))).expect(STRING);
    writeln!(text, "Records: {}", shown_path(folder)).expect(STRING);
    text
}

/// The curves of the records.
pub fn picture(scenario: &Scenario, records: &[Record], screen: &Screen) -> String {
    shown_figure(&figure(scenario, records), screen)
}

/// A figure as this screen shows it: drawn, or told.
pub fn shown_figure(figure: &Figure, screen: &Screen) -> String {
    if screen.tells {
        return describe(figure).iter().map(|line| screen.wrapped("", line)).collect();
    }
    let lines = draw(figure, screen.width, HEIGHT, screen.palette, screen.charset);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The name of the picture beside the records.
pub const PICTURE: &str = "curve.svg";

const STRING: &str = "a string takes all text";

/// A line for each variant: how it ended, what it took, what it stated.
///
/// What is too wide for the screen goes on below, in tables that begin with the variants again.
pub fn table(curve: &Metric, records: &[Record], screen: &Screen) -> String {
    let names = records.iter().map(|record| record.header.name());
    let names = Column::new("variant", Side::Left, names);
    let ends = records.iter().map(|record| record.outcome().to_string());
    let mut columns = vec![Column::new("outcome", Side::Left, ends), peaks(curve, records)];
    columns.extend(metrics::find("pss").filter(|pss| *pss != curve).map(|pss| peaks(pss, records)));
    let times = records.iter().map(|record| format!("{:.2} s", record.duration() as f64 / 1e6));
    columns.push(Column::new("time", Side::Right, times));
    columns.extend(facts(records));
    if screen.tells {
        return in_sentences(&names, &columns, screen);
    }
    let mut text = String::new();
    while !columns.is_empty() {
        let mut width = names.width;
        let fit = columns.iter().take_while(|column| {
            width += GAP.len() + column.width;
            width <= usize::from(screen.width)
        });
        // A column that is wider than the screen is still shown, on lines that the terminal breaks.
        let fit = fit.count().max(1);
        let shown: Vec<Column> = std::iter::once(names.clone()).chain(columns.drain(..fit)).collect();
        text.push_str(&side_by_side(&shown, screen));
    }
    text
}

/// The columns as a sentence for each variant, as what is listened to has no columns.
fn in_sentences(names: &Column, columns: &[Column], screen: &Screen) -> String {
    let sentence = |row: usize| {
        let cell = |column: &Column| format!("{} {}", column.heading.join(" "), column.cells[row]);
        let cells: Vec<String> = columns.iter().map(cell).collect();
        screen.wrapped("", &format!("{}: {}.", names.cells[row], cells.join(", ")))
    };
    (0..names.cells.len()).map(sentence).collect()
}

/// One column of a table: its heading, broken into lines where the cells are narrower, and its cells.
#[derive(Clone)]
struct Column {
    heading: Vec<String>,
    cells: Vec<String>,
    side: Side,
    width: usize,
}

/// Where the cells of a column are aligned.
#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// What stands between two columns.
const GAP: &str = "  ";

impl Column {
    fn new(heading: &str, side: Side, cells: impl Iterator<Item = String>) -> Self {
        let cells: Vec<String> = cells.collect();
        let words = heading.split(' ').map(str::to_owned);
        let width = words.chain(cells.iter().cloned()).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let mut lines: Vec<String> = Vec::new();
        for word in heading.split(' ') {
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        Column { heading: lines, cells, side, width }
    }

    /// A cell, or nothing, in the width of the column.
    fn padded(&self, cell: Option<&String>) -> String {
        let (cell, width) = (cell.map(String::as_str).unwrap_or_default(), self.width);
        match self.side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        }
    }
}

/// The peaks of a metric.
fn peaks(metric: &Metric, records: &[Record]) -> Column {
    let cells = records.iter().map(|record| match record.peak(metric.name) {
        Some(peak) => amount(metric.unit, peak),
        None => "-".to_owned(),
    });
    Column::new(&format!("{} peak", metric.name), Side::Right, cells)
}

/// A column for each fact that any variant has stated, but for the proof of its work.
fn facts(records: &[Record]) -> Vec<Column> {
    let stated = records.iter().filter_map(|record| record.trailer.as_ref());
    let names: BTreeSet<&String> = stated.flat_map(|trailer| trailer.facts.keys()).collect();
    let column = |name: &&String| {
        let told =
            |record: &Record| record.fact(name).map_or_else(|| "-".to_owned(), |fact| fact.to_string());
        Column::new(&name.replace('_', " "), Side::Right, records.iter().map(told))
    };
    names.iter().filter(|name| ***name != CHECKSUM).map(column).collect()
}

/// The columns as lines, the headings at the bottom of their space.
fn side_by_side(columns: &[Column], screen: &Screen) -> String {
    let height = columns.iter().map(|column| column.heading.len()).max().unwrap_or(0);
    let line = |cells: Vec<String>| cells.join(GAP).trim_end().to_owned();
    let mut text = String::new();
    for number in 0..height {
        let word = |column: &Column| {
            let above = height - column.heading.len();
            column.padded(number.checked_sub(above).and_then(|number| column.heading.get(number)))
        };
        writeln!(text, "{}", screen.bold(&line(columns.iter().map(word).collect()))).expect(STRING);
    }
    for row in 0..columns[0].cells.len() {
        let cells = columns.iter().map(|column| column.padded(column.cells.get(row)));
        writeln!(text, "{}", line(cells.collect())).expect(STRING);
    }
    text
}

/// Every claim with its verdicts: the number, and what it must be.
pub fn claims(verdicts: &[Verdict], screen: &Screen) -> String {
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
pub fn shown_path(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
