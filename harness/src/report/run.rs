//! The report on a run: picture, table, claims, lesson.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::json;
use super::table::{Column, render};
use crate::chart::terminal;
use crate::chart::{Figure, Level, amount, clean, describe, svg};
use crate::judge::{CHECKSUM, judge};
use crate::learn::short;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict, overall};
use crate::recorder::metrics;
use crate::scenario::Scenario;
use crate::screen::{Screen, print, say};

/// The lines of the picture in a report, if its legend doesn't need more.
const HEIGHT: u16 = 20;

/// The figure of a scenario's curve over all variants that were run.
pub(crate) fn figure<'a>(scenario: &Scenario, records: &'a [Record]) -> Figure<'a> {
    figure_of(scenario, scenario.curve, records)
}

/// The figure of any metric over these records of a scenario.
pub(crate) fn figure_of<'a>(scenario: &Scenario, metric: &Metric, records: &'a [Record]) -> Figure<'a> {
    let records: Vec<&Record> = records.iter().collect();
    let mut figure = Figure::of(&records, metric.name, metric.unit);
    let scaled = records.first().and_then(|record| scaled(scenario, record)).unwrap_or_default();
    figure.title = format!("{}{scaled}: {}", scenario.title, metric.meaning);
    if metric.name == "tmpfs" {
        figure.levels.extend(records.first().and_then(|record| Level::limit(metric, record)));
    }
    figure
}

/// What a title says of a run whose sizes were halved for lack of room.
fn scaled(scenario: &Scenario, record: &Record) -> Option<String> {
    let (usual, sizes) = (scenario.sizes.get(&record.header.size)?, &record.header.sizes);
    let smaller = |name: &&String| sizes.get(*name) < usual.get(*name);
    let smaller = scenario.scale.iter().filter(smaller);
    let changes: Vec<String> =
        smaller.map(|name| format!("{name} = {}, not {}", sizes[name], usual[name])).collect();
    (!changes.is_empty()).then(|| format!(" (scaled: {})", changes.join("; ")))
}

/// How a result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Json,
}

impl Format {
    /// What the option `--json` asks for.
    pub(crate) fn of(json: bool) -> Self {
        if json { Format::Json } else { Format::Text }
    }
}

/// Judges the records, prints the report, and returns the verdict on all of it. `stand_ins` are runs of the
/// reference machine, in the place of those that were not started; `folder` is that of the records.
pub(crate) fn report(
    scenario: &Scenario,
    records: &[Record],
    stand_ins: &[Record],
    folder: &Path,
    format: Format,
    screen: &Screen,
) -> Status {
    let verdicts = judge(scenario, records);
    print(&match format {
        Format::Json => format!("{:#}\n", json::run(scenario, records, &verdicts, folder)),
        Format::Text => text(scenario, records, stand_ins, &verdicts, folder, screen),
    });
    overall(&verdicts)
}

fn text(
    scenario: &Scenario,
    records: &[Record],
    stand_ins: &[Record],
    verdicts: &[Verdict],
    folder: &Path,
    screen: &Screen,
) -> String {
    let mut text = shown(scenario, &[scenario.curve], records, stand_ins, screen);
    text.push('\n');
    text.push_str(&claims(verdicts, screen));
    text.push('\n');
    text.push_str(&screen.wrapped("", &format!("Learnt: {}", scenario.lesson)));
    let chapter = scenario.folder.join(&scenario.chapter);
    writeln!(text, "Read:    {}", short(&chapter).display()).expect(STRING);
    text.push_str(&places(PICTURE, folder));
    text
}

/// Where the picture is, if there is one, and the records.
pub(crate) fn places(picture: &str, folder: &Path) -> String {
    let mut text = String::new();
    let picture = folder.join(picture);
    if picture.is_file() {
        writeln!(text, "Picture: {}", short(&picture).display()).expect(STRING);
    }
    writeln!(text, "Records: {}", short(folder).display()).expect(STRING);
    text
}

/// Draws a figure into a file next to the records.
pub(crate) fn draw(figure: &Figure<'_>, slug: &str, folder: &Path) {
    let picture = folder.join(PICTURE);
    // A picture that can't be written is no reason to lose the run's verdicts.
    if let Err(error) = std::fs::write(&picture, svg::draw(figure, slug)) {
        say(&format!("{}: {error}", picture.display()));
    }
}

/// Curves of these metrics and the table, for the runs that were done here and those of the reference machine in the
/// place of the others. What it has run at other sizes is shown by itself, since it can't be compared.
pub(crate) fn shown(
    scenario: &Scenario,
    metrics: &[&Metric],
    records: &[Record],
    stand_ins: &[Record],
    screen: &Screen,
) -> String {
    let drawn = |records: &[Record]| {
        let picture = |metric: &&Metric| shown_figure(&figure_of(scenario, metric, records), screen) + "\n";
        metrics.iter().map(picture).collect::<String>() + &table(scenario.curve, records, screen)
    };
    let sizes = records.first().map(|record| &record.header.sizes);
    let (beside, apart): (Vec<_>, Vec<_>) =
        stand_ins.iter().cloned().partition(|record| Some(&record.header.sizes) == sizes);
    let mut text = String::new();
    if !records.is_empty() {
        let in_place = |record: &Record| {
            let other = beside.iter().find(|other| other.header.variant == record.header.variant);
            other.unwrap_or(record).clone()
        };
        text.push_str(&drawn(&records.iter().map(in_place).collect::<Vec<_>>()));
    }
    if !beside.is_empty() {
        text.push_str(&screen.wrapped("", &format!("{INSTEAD}: {}.", names(&beside))));
    }
    if let Some(first) = apart.first() {
        let all: Vec<String> =
            first.header.sizes.iter().map(|(name, size)| format!("{name} = {size}")).collect();
        let at = format!("{INSTEAD}, at {}: {}.", all.join(", "), names(&apart));
        let gap = if text.is_empty() { "" } else { "\n" };
        text.push_str(&format!("{gap}{}{}", screen.wrapped("", &at), drawn(&apart)));
    }
    text
}

/// What is said of a run of the reference machine.
pub(crate) const INSTEAD: &str = "Here it can't be run; this is the run of the reference machine";

/// The names of runs, as they stand in pictures and tables.
fn names(records: &[Record]) -> String {
    records.iter().map(|record| clean(&record.header.name())).collect::<Vec<_>>().join(", ")
}

/// The curves of the records.
pub(crate) fn picture(scenario: &Scenario, records: &[Record], screen: &Screen) -> String {
    shown_figure(&figure(scenario, records), screen)
}

/// A figure as this screen shows it: drawn, or described.
pub(crate) fn shown_figure(figure: &Figure, screen: &Screen) -> String {
    if figure.curves.iter().all(|curve| curve.series.t.is_empty()) {
        return screen.wrapped("", &format!("{}: nothing was measured.", figure.title));
    }
    if screen.describes {
        return describe(figure).iter().map(|line| screen.wrapped("", line)).collect();
    }
    // It grows for many curves: there is room below, and a name that is cut names nothing.
    let height = HEIGHT.max(terminal::whole(figure, screen.width, screen.charset));
    let lines = terminal::draw(figure, screen.width, height, screen.palette, screen.charset);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A figure as this screen draws it, in at most so many lines.
pub(crate) fn low_figure(figure: &Figure, height: u16, screen: &Screen) -> String {
    let lines = terminal::draw(figure, screen.width, height, screen.palette, screen.charset);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The name of the picture next to the records.
pub(crate) const PICTURE: &str = "curve.svg";

const STRING: &str = "a string takes all text";

/// A line for each variant: how it ended, what it took, what it stated.
pub(crate) fn table(curve: &Metric, records: &[Record], screen: &Screen) -> String {
    let names = records.iter().map(|record| clean(&record.header.name()));
    let ends = records.iter().map(|record| clean(&record.outcome().in_short()));
    let mut columns =
        vec![Column::left("variant", names), Column::left("outcome", ends), peaks(curve, records)];
    columns.extend(metrics::find("pss").filter(|pss| *pss != curve).map(|pss| peaks(pss, records)));
    let times = records.iter().map(|record| format!("{:.2} s", record.duration() as f64 / 1e6));
    columns.push(Column::right("time", times));
    columns.extend(facts(records));
    render(columns, screen)
}

/// The peaks of a metric.
fn peaks(metric: &Metric, records: &[Record]) -> Column {
    let cells = records.iter().map(|record| match record.peak(metric.name) {
        Some(peak) => amount(metric.unit, peak),
        None => "-".to_owned(),
    });
    Column::right(&format!("{} peak", metric.name), cells)
}

/// A column for each fact that any variant has stated, but for the proof of its work.
fn facts(records: &[Record]) -> Vec<Column> {
    let stated = records.iter().filter_map(|record| record.trailer.as_ref());
    let names: BTreeSet<&String> = stated.flat_map(|trailer| trailer.facts.keys()).collect();
    let column = |name: &&String| {
        let cell =
            |record: &Record| record.fact(name).map_or_else(|| "-".to_owned(), |fact| fact.to_string());
        Column::right(&clean(&name.replace('_', " ")), records.iter().map(cell))
    };
    names.iter().filter(|name| ***name != CHECKSUM).map(column).collect()
}

/// Every claim with its verdicts: the number, and what it must be.
pub(crate) fn claims(verdicts: &[Verdict], screen: &Screen) -> String {
    format!("{}\n{}", each(verdicts, screen), count(verdicts))
}

/// The same of those that don't hold.
pub(crate) fn open_claims(verdicts: &[Verdict], screen: &Screen) -> String {
    let open = verdicts.iter().filter(|verdict| verdict.status != Status::Holds);
    format!("{}{}", each(&open.cloned().collect::<Vec<_>>(), screen), count(verdicts))
}

fn each(verdicts: &[Verdict], screen: &Screen) -> String {
    let mut text = String::new();
    let mut reasons = BTreeSet::new();
    for claim in verdicts.chunk_by(|one, next| one.claim == next.claim) {
        text.push_str(&screen.wrapped("", &claim[0].says));
        for alike in claim.chunk_by(read_alike) {
            text.push_str(&line(alike, &mut reasons, screen));
        }
    }
    text
}

/// How many verdicts there are of each kind.
fn count(verdicts: &[Verdict]) -> String {
    let count =
        |wanted: fn(&Status) -> bool| verdicts.iter().filter(|verdict| wanted(&verdict.status)).count();
    let holds = count(|status| *status == Status::Holds);
    let fails = count(|status| *status == Status::Fails);
    let unknown = verdicts.len() - holds - fails;
    format!("{holds} verdicts hold, {fails} fail, {unknown} are unknown.\n")
}

/// Whether two variants can share a line.
fn read_alike(one: &Verdict, other: &Verdict) -> bool {
    let said =
        |verdict: &Verdict| (verdict.measured_text.clone(), verdict.bound_text.clone(), verdict.post.clone());
    one.status == other.status && said(one) == said(other)
}

/// One line for verdicts that read alike, with the reason if they don't hold. What is unknown for a reason that was
/// given before is so for the same reason.
fn line<'a>(alike: &'a [Verdict], reasons: &mut BTreeSet<&'a str>, screen: &Screen) -> String {
    const INDENT: usize = 10;
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
    let new = match &verdict.status {
        Status::Unknown(why) if reasons.insert(why) => Some(why),
        Status::Unknown(_) => {
            line.push_str(" (for the reason above)");
            None
        }
        Status::Holds | Status::Fails => None,
    };
    let mut text = screen.item(&format!("  {word}"), INDENT, &line);
    if let Some(why) = new {
        text.push_str(&screen.item("", INDENT, why));
    }
    if verdict.status != Status::Holds
        && let Some(hint) = &verdict.hint
    {
        text.push_str(&screen.item("", INDENT, hint));
    }
    text
}
