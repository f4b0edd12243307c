//! The report on a run: picture, table, claims, lesson.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::Format;
pub(crate) use super::several::{shown_figure, table};
use crate::chart::terminal;
use crate::chart::{Figure, Level, clean, svg};
use crate::judge::judge;
use crate::model::metric::Metric;
use crate::model::record::Record;
use crate::model::verdict::{Status, Verdict, overall};
use crate::name::short;
use crate::scenario::Scenario;
use crate::screen::{Screen, print, say};

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

/// Judges the records, prints the report, and returns the verdict on all of it. `stand_ins` are runs of the reference
/// machine, instead of those that weren't started; `folder` is that of the records.
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
        Format::Json => format!("{:#}\n", json(scenario, records, &verdicts, folder)),
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
    // If a picture can't be written, the run's verdicts aren't lost.
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

/// The words for a run of the reference machine.
pub(crate) const INSTEAD: &str = "Here it can't be run; this is the run of the reference machine";

/// The names of runs, as they stand in pictures and tables.
fn names(records: &[Record]) -> String {
    records.iter().map(|record| clean(&record.header.name())).collect::<Vec<_>>().join(", ")
}

/// The curves of the records.
pub(crate) fn picture(scenario: &Scenario, records: &[Record], screen: &Screen) -> String {
    shown_figure(&figure(scenario, records), screen)
}

/// A figure as this screen draws it, in at most so many lines.
pub(crate) fn low_figure(figure: &Figure, height: u16, screen: &Screen) -> String {
    let lines = terminal::draw(figure, screen.width, height, screen.palette, screen.charset);
    lines.into_iter().map(|line| line + "\n").collect()
}

/// The name of the picture next to the records.
pub(crate) const PICTURE: &str = "curve.svg";

const STRING: &str = "a string takes all text";

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

/// One line for verdicts that read alike, with the reason if they don't hold. A verdict that's unknown for an earlier
/// reason refers to that reason.
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

/// A run of a scenario for programs. `folder` is that of its records.
pub(crate) fn json(scenario: &Scenario, records: &[Record], verdicts: &[Verdict], folder: &Path) -> Value {
    let runs = records.iter().map(|record| {
        let facts = record.trailer.as_ref().map(|trailer| trailer.facts.clone()).unwrap_or_default();
        let metrics = record.header.metrics.keys();
        let peaks: BTreeMap<&String, Option<u64>> =
            metrics.map(|metric| (metric, record.peak(metric))).collect();
        json!({ "variant": record.header.variant, "outcome": record.outcome(), "facts": facts,
                "peaks": peaks, "seconds": record.duration() as f64 / 1e6 })
    });
    let judged = verdicts.iter().map(|verdict| {
        let why = match &verdict.status {
            Status::Unknown(why) => Some(why),
            Status::Holds | Status::Fails => None,
        };
        json!({ "claim": verdict.claim, "variant": verdict.variant, "status": verdict.status.word(),
                "why": why, "measured": verdict.measured, "bound": verdict.bound, "says": verdict.says,
                "measured_text": verdict.measured_text, "bound_text": verdict.bound_text,
                "post": verdict.post, "hint": verdict.hint })
    });
    let header = &records[0].header;
    json!({ "scenario": scenario.slug, "status": overall(verdicts).word(), "size": header.size,
            "sizes": header.sizes, "seed": header.seed, "confinement": header.confinement,
            "machine": header.machine, "folder": folder.display().to_string(), "runs": runs.collect::<Vec<_>>(),
            "verdicts": judged.collect::<Vec<_>>() })
}
