//! The mysteries of the page: stored records under no name, each with its curve, what can be asked of it, and why it
//! is what it is.
//!
//! The page has the curves and, folded away, the answers. What can be asked is a file for each mystery, which a
//! script loads once somebody asks.

mod evidence;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use lab::chart::{Curve, Figure, Level, amount, seconds};
use lab::diagnosis::{Answer, Diagnosis, Judged, Mode, Quantity, diagnose};
use lab::learn::mystery::{HEALTHY, veiled};
use lab::model::metric::{Unit, human};
use lab::model::record::Record;
use lab::recorder::metrics;
use lab::scenario::{Kind, Scenario};
use serde::{Deserialize, Serialize};
use tera::Context;

use super::Fragments;
use super::template;
use crate::workbook::Workbook;
use evidence::Evidence;

/// The folder of what can be asked, a file for each mystery.
pub(super) const FOLDER: &str = "book/src/mysteries";

/// The list of all.
const LIST: &str = "book/mysteries.toml";

/// Where the test of the diagnosis has its records, and what is in its programs.
const PROGRAMS: &str = "tests/diagnosis/records/programs";
const HEALTHY_COMMANDS: &str = "tests/diagnosis/records/healthy";
const TABLE: &str = "tests/diagnosis/programs.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    looks: BTreeMap<String, String>,
    mystery: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    record: PathBuf,
    tells: String,
    #[serde(default)]
    also: BTreeMap<String, String>,
    #[serde(default)]
    not: BTreeMap<String, String>,
}

/// What the page has of a mystery.
#[derive(Serialize)]
struct Shown {
    number: usize,
    svg: String,
    /// What is said of it before any question.
    about: String,
    answer: String,
    /// As HTML.
    because: Vec<String>,
    numbers: Vec<String>,
}

/// What a script loads of it.
#[derive(Serialize)]
struct File<'a> {
    answer: &'a str,
    /// Other answers that are right as well, and why.
    also: &'a BTreeMap<String, String>,
    /// Why each of the others isn't right.
    not: BTreeMap<&'a str, String>,
    evidence: Vec<Evidence>,
}

/// A program as the test of the diagnosis has it.
#[derive(Deserialize)]
struct Programs {
    program: Vec<Program>,
}

#[derive(Deserialize)]
struct Program {
    name: Option<String>,
    file: String,
    language: String,
    expected: String,
}

/// The fragment of the page, and a file for each mystery.
///
/// # Errors
///
/// Names the mystery whose record isn't there, whose answer can't be found, or that doesn't say why a wrong answer is
/// wrong.
pub(super) fn all(workbook: &Workbook) -> Result<Fragments> {
    let list = fs::read_to_string(workbook.root.join(LIST)).context(LIST)?;
    let list: List = toml::from_str(&list).context(LIST)?;
    let mut made = Fragments::new();
    let mut shown = Vec::new();
    for (number, entry) in (1..).zip(&list.mystery) {
        let name = || format!("{LIST}: {}", entry.record.display());
        let record = Record::read(&workbook.root.join(&entry.record)).with_context(name)?;
        let truth = Truth::of(workbook, &entry.record, &record).with_context(name)?;
        let diagnosis = diagnose(&record);
        let file = File {
            answer: truth.name(),
            also: &entry.also,
            not: wrong(workbook, &list.looks, entry, &truth, &diagnosis).with_context(name)?,
            evidence: evidence::all(&veiled(record.clone()), number),
        };
        let text = format!("labMystery({number}, {});\n", template::json(&file)?);
        made.insert(Path::new(FOLDER).join(number.to_string()).with_extension("js"), text);
        shown.push(Shown {
            number,
            svg: template::figure(&curve(&record), &format!("mystery-{number}")),
            about: about(&record),
            answer: truth.name().to_owned(),
            because: because(entry, &truth),
            numbers: telling(&truth, &diagnosis),
        });
    }
    let choices = workbook.lessons.iter().map(|lesson| {
        let Scenario { slug, title, .. } = &lesson.scenario;
        (slug.as_str(), title.as_str())
    });
    let choices: Vec<_> = choices.chain([(HEALTHY, "nothing is wrong with it")]).collect();
    let mut context = Context::new();
    context.insert("mysteries", &shown);
    context.insert("json", &template::json(&choices)?);
    made.insert("book/src/made/mysteries.html".into(), template::block("mysteries.html", &context)?);
    Ok(made)
}

/// What a mystery is.
struct Truth<'a> {
    /// The scenario that it shows; `None` if nothing is wrong with it.
    scenario: Option<&'a Scenario>,
    /// Whose program it is.
    program: String,
}

impl<'a> Truth<'a> {
    /// What a record is, by where it is.
    fn of(workbook: &'a Workbook, path: &Path, record: &Record) -> Result<Self> {
        if path.starts_with("scenarios") {
            return Self::of_scenario(workbook, record);
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if path.starts_with(HEALTHY_COMMANDS) {
            let program =
                format!("a command that the test of the diagnosis knows as healthy: {}", spaced(&stem));
            return Ok(Truth { scenario: None, program });
        }
        ensure!(path.starts_with(PROGRAMS), "whether it is healthy can't be known from where it is");
        let table = fs::read_to_string(workbook.root.join(TABLE)).context(TABLE)?;
        let table: Programs = toml::from_str(&table).context(TABLE)?;
        let is_it = |program: &&Program| hyphened(program.name.as_ref().unwrap_or(&program.file)) == *stem;
        let found = table.program.iter().find(is_it).with_context(|| format!("{TABLE} has no {stem}"))?;
        let program = format!("a program in {} of the test of the diagnosis, {}", found.language, found.file);
        let scenario = match Mode::find(&found.expected) {
            None => None,
            Some(mode) => {
                Some(taught(workbook, mode).with_context(|| format!("{} is no scenario's", mode.id))?)
            }
        };
        Ok(Truth { scenario, program })
    }

    fn of_scenario(workbook: &'a Workbook, record: &Record) -> Result<Self> {
        let header = &record.header;
        let lesson =
            workbook.lesson(&header.scenario).with_context(|| format!("no scenario {}", header.scenario))?;
        let variant = lesson.scenario.variants.iter().find(|variant| variant.name == header.variant);
        let program = format!("{} of {}: {}", header.variant, header.scenario, header.title);
        match variant.map(|variant| variant.kind) {
            Some(Kind::Broken) => Ok(Truth { scenario: Some(&lesson.scenario), program }),
            Some(Kind::Fixed) => Ok(Truth { scenario: None, program }),
            _ => bail!("{} is neither broken nor fixed", header.variant),
        }
    }

    fn name(&self) -> &'a str {
        self.scenario.map_or(HEALTHY, |scenario| &scenario.slug)
    }
}

/// The scenario whose chapter explains a failure mode.
fn taught<'a>(workbook: &'a Workbook, mode: &Mode) -> Option<&'a Scenario> {
    let slug = mode.chapter.strip_prefix("scenarios/")?.strip_suffix("/chapter")?;
    Some(&workbook.lesson(slug)?.scenario)
}

/// The name of a record of the test of the diagnosis.
fn hyphened(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

fn spaced(stem: &str) -> String {
    stem.replace('-', " ")
}

/// The total of all memory: what is drawn first must not be a hint.
fn curve(record: &Record) -> Figure<'_> {
    let name = if record.series("cgroup").is_some() { "cgroup" } else { "rss" };
    let metric = metrics::find(name).expect("the recorder measures both");
    let curve = Curve { label: "the mystery".into(), marks: &[], ..Curve::of(record, name) };
    Figure {
        title: format!("{}: {}", metric.name, metric.meaning),
        axis: human(metric.name).to_owned(),
        unit: metric.unit,
        curves: vec![curve],
        levels: Level::limit(metric, record).into_iter().collect(),
        in_own_time: false,
    }
}

fn about(record: &Record) -> String {
    let limit =
        |name: &str| Level::limit(metrics::find(name)?, record).map(|level| amount(Unit::Bytes, level.value));
    let limits = [("a memory limit", limit("cgroup")), ("room in shared memory", limit("tmpfs"))];
    let limits: Vec<String> =
        limits.into_iter().filter_map(|(what, value)| Some(format!("{what} of {}", value?))).collect();
    let limits = if limits.is_empty() { "no limits".to_owned() } else { limits.join(" and ") };
    format!("It was recorded for {}, with {limits}.", seconds(record.duration()))
}

/// Why it is what it is, as HTML.
fn because(entry: &Entry, truth: &Truth<'_>) -> Vec<String> {
    let lesson = truth.scenario.map(|scenario| {
        let chapter =
            format!("scenarios/{}/{}", scenario.slug, scenario.chapter.with_extension("html").display());
        let title = template::html(&scenario.title);
        format!("<a href=\"{chapter}\">{title}</a>: {}", template::html(&scenario.lesson))
    });
    let also = entry.also.values().map(|why| template::html(why));
    let program = format!("It was {}.", template::html(&truth.program));
    [template::html(&entry.tells)].into_iter().chain(also).chain(lesson).chain([program]).collect()
}

/// The numbers that tell, by the rules of its failure mode; none where no rule names it.
fn telling(truth: &Truth<'_>, diagnosis: &Diagnosis) -> Vec<String> {
    let Some(scenario) = truth.scenario else { return Vec::new() };
    let mut of_chapter = diagnosis.modes.iter().filter(|judged| is_of(judged, &scenario.slug));
    let Some(judged) = of_chapter.find(|judged| judged.story.is_some()) else { return Vec::new() };
    let seen = judged.answers.iter().filter_map(|answer| match answer {
        Answer::Seen(quantity) => Some(rule(quantity)),
        Answer::NotSeen(_) | Answer::CouldNotLook(_) => None,
    });
    seen.collect()
}

/// Why each wrong answer is wrong: in the words of the list, or by the numbers that speak against it.
fn wrong<'a>(
    workbook: &'a Workbook,
    looks: &BTreeMap<String, String>,
    entry: &Entry,
    truth: &Truth<'_>,
    diagnosis: &Diagnosis,
) -> Result<BTreeMap<&'a str, String>> {
    let slugs: Vec<&str> = workbook.lessons.iter().map(|lesson| lesson.scenario.slug.as_str()).collect();
    let known = |name: &str| slugs.contains(&name) || name == HEALTHY;
    if let Some(unknown) = entry.not.keys().chain(entry.also.keys()).find(|name| !known(name)) {
        bail!("{unknown} is no answer");
    }
    let mut wrong = BTreeMap::new();
    for slug in slugs.into_iter().chain([HEALTHY]) {
        if slug == truth.name() || entry.also.contains_key(slug) {
            continue;
        }
        let why = match entry.not.get(slug) {
            Some(why) => why.clone(),
            None if slug == HEALTHY => "Something is wrong with it.".to_owned(),
            None => against(diagnosis, slug)
                .or_else(|| looks.get(slug).cloned())
                .unwrap_or_else(|| format!("That is something else. {}", lesson(workbook, slug))),
        };
        wrong.insert(slug, why);
    }
    Ok(wrong)
}

fn lesson<'a>(workbook: &'a Workbook, slug: &str) -> &'a str {
    workbook.lesson(slug).map_or("", |lesson| &lesson.scenario.lesson)
}

/// So many numbers are enough to say no.
const AGAINST: usize = 2;

/// The numbers that speak against a scenario's failure mode: of several, against the one that fits best.
fn against(diagnosis: &Diagnosis, slug: &str) -> Option<String> {
    let each = diagnosis.modes.iter().filter(|judged| is_of(judged, slug)).map(|judged| {
        let not_seen = judged.answers.iter().filter_map(|answer| match answer {
            Answer::NotSeen(quantity) => Some(rule(quantity)),
            Answer::Seen(_) | Answer::CouldNotLook(_) => None,
        });
        not_seen.collect::<Vec<_>>()
    });
    let numbers = each.filter(|numbers| !numbers.is_empty()).min_by_key(Vec::len)?;
    Some(format!("What speaks against it: {}.", numbers[..numbers.len().min(AGAINST)].join("; ")))
}

fn is_of(judged: &Judged, slug: &str) -> bool {
    judged.mode.chapter.strip_prefix("scenarios/").and_then(|rest| rest.strip_suffix("/chapter"))
        == Some(slug)
}

/// A number of the record, with what its rule requires. What is either so or not has no number to tell.
fn rule(quantity: &Quantity) -> String {
    match quantity.what.strip_suffix(" (1 if so)") {
        Some(what) if quantity.value == 1 => format!("{what}: so it is"),
        Some(what) => format!("{what}: it isn't so"),
        None => format!("{quantity}, and the rule asks for {}", quantity.bound.text(quantity.unit)),
    }
}
