//! A class's submissions: a file of each learner, made by `lab progress --export`, and one of each machine, made by
//! `lab doctor --export`.
//!
//! The files come from other people. So each has a size limit, the code looks only for data that this workbook knows,
//! and a flaw in one affects only that one.

pub(crate) mod bundle;
pub(crate) mod cross;
pub(crate) mod machine;
pub(crate) mod page;
pub(crate) mod recheck;
mod scratch;
mod text;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use self::machine::State;
use self::recheck::Found;
use self::text::decoded;
use crate::chart::clean;
use crate::learn::export::{SCHEMA, Solved};
use crate::learn::guess::Guess;
use crate::learn::predict::choices;
use crate::learn::progress::{Done, EXERCISES, MYSTERIES, PREDICTIONS, SEEDS};
use crate::scenario::{Catalog, Scenario};

/// The largest file that is read, in bytes: many times what an honest one takes.
const LARGEST: u64 = 4 << 20;

/// The largest source that is compiled, in bytes.
const LARGEST_SOURCE: usize = 64 << 10;

/// The most files that are read.
const MOST_FILES: usize = 500;

/// The most points of a curve, and the most curves of a learner.
const MOST_POINTS: usize = 1000;
const MOST_CURVES: usize = 100;

/// No guess is so large.
const MOST: f64 = 1e12;

/// So many characters of a name are shown.
const NAME: usize = 40;

/// All that was handed in.
#[derive(Debug)]
pub(crate) struct Room {
    /// The learners, by the names of their files.
    pub(crate) learners: Vec<Learner>,
    /// The machines, likewise.
    pub(crate) machines: Vec<State>,
    /// Whether submissions that say they passed were judged again.
    pub(crate) rechecked: bool,
    /// The files that were skipped, and why.
    pub(crate) skipped: Vec<(String, String)>,
}

impl Room {
    /// The results of all second judgements.
    pub(crate) fn found(&self) -> impl Iterator<Item = &Found> {
        self.learners.iter().flat_map(|learner| learner.found.values())
    }
}

impl Learner {
    /// What the learner is called on the page: the name of the file, without its end.
    pub(crate) fn label(&self) -> &str {
        stem(&self.file)
    }
}

/// The name of a file without its end.
fn stem(file: &str) -> &str {
    file.strip_suffix(".json").unwrap_or(file)
}

/// What one learner has done.
#[derive(Debug)]
pub(crate) struct Learner {
    /// The name of the file, by which people are known here.
    pub(crate) file: String,
    /// As the file says; not to be trusted.
    pub(crate) name: String,
    /// The progress on each exercise, by scenario and name.
    pub(crate) done: BTreeMap<(String, String), Done>,
    /// The guess at each question that there is, by scenario and id.
    pub(crate) guesses: BTreeMap<(String, String), Guess>,
    /// The mysteries solved at the first try, and those answered.
    pub(crate) mysteries: (usize, usize),
    /// The curves of the exercises that there are.
    pub(crate) curves: Vec<Course>,
    /// The sources of the exercises that there are, by scenario and name.
    pub(crate) sources: BTreeMap<(String, String), Solved>,
    /// The results of judging them again, likewise.
    pub(crate) found: BTreeMap<(String, String), Found>,
}

/// The curve of a program that has passed.
#[derive(Debug)]
pub(crate) struct Course {
    /// The scenario and the exercise.
    pub(crate) of: (String, String),
    /// The name of the table of sizes, and the sizes themselves; a file of an old lab has only the name.
    pub(crate) size: String,
    pub(crate) sizes: BTreeMap<String, u64>,
    /// When each value was taken, in microseconds.
    pub(crate) t: Vec<u64>,
    /// The values.
    pub(crate) v: Vec<u64>,
    /// How long the run took, in microseconds.
    pub(crate) span: u64,
}

/// The file as it is written; whatever else is in it isn't read.
#[derive(Deserialize)]
struct Raw {
    schema: u32,
    name: String,
    progress: Value,
    curves: Vec<RawCurve>,
    #[serde(default)]
    sources: Vec<Solved>,
}

#[derive(Deserialize)]
struct RawCurve {
    scenario: String,
    exercise: String,
    metric: String,
    #[serde(default)]
    size: String,
    #[serde(default)]
    sizes: BTreeMap<String, u64>,
    span: u64,
    values: Vec<Option<u64>>,
}

/// Reads every file of the folder that is named like JSON.
///
/// # Errors
///
/// When the folder can't be read, or no file in it can.
pub(crate) fn read(catalog: &Catalog, folder: &Path) -> Result<Room> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten();
    let is_json = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_json).collect();
    files.sort();
    let (learners, machines, skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut room = Room { learners, machines, skipped, rechecked: false };
    for (number, file) in files.iter().enumerate() {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let read = match number < MOST_FILES {
            true => handed_in(catalog, file, cut(&name)),
            false => Err(anyhow::anyhow!("more than {MOST_FILES} files")),
        };
        match read {
            Ok(HandedIn::Learner(learner)) => room.learners.push(*learner),
            Ok(HandedIn::Machine(state)) => room.machines.push(*state),
            Err(error) => room.skipped.push((short(&name), short(&format!("{error:#}")))),
        }
    }
    match room.learners.is_empty() && room.machines.is_empty() {
        false => Ok(room),
        true => {
            let skipped = room.skipped.iter().map(|(name, why)| format!("\n  {name}: {why}"));
            let skipped: String = skipped.collect();
            bail!(
                "{} holds nothing that `lab progress --export NAME.json` or `lab doctor --export NAME.json` has \
                 written{skipped}",
                folder.display()
            )
        }
    }
}

/// An untrusted text, without control characters and cut to the length that is shown.
fn short(text: &str) -> String {
    clean(text).chars().take(3 * NAME).collect()
}

/// An untrusted name, likewise.
fn cut(name: &str) -> String {
    clean(name).chars().take(NAME).collect()
}

/// The contents of one file.
enum HandedIn {
    Learner(Box<Learner>),
    Machine(Box<State>),
}

fn handed_in(catalog: &Catalog, path: &Path, file: String) -> Result<HandedIn> {
    // A pipe would never end, and a link may lead anywhere.
    if !path.symlink_metadata()?.is_file() {
        bail!("it isn't a file");
    }
    let mut text = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LARGEST {
        bail!("it is larger than {} KiB", LARGEST >> 10);
    }
    let text = decoded(&text);
    if text.trim().is_empty() {
        bail!("it is empty");
    }
    if let Some(state) = State::read(catalog, &text, &file)? {
        return Ok(HandedIn::Machine(Box::new(state)));
    }
    let raw: Raw = serde_json::from_str(&text)?;
    if raw.schema > SCHEMA {
        bail!("it has format {}, and this lab reads formats up to {SCHEMA}", raw.schema);
    }
    if raw.curves.len() > MOST_CURVES || raw.curves.iter().any(|curve| curve.values.len() > MOST_POINTS) {
        bail!("it has more or longer curves than `lab` writes");
    }
    if raw.sources.iter().any(|solved| solved.text.len() > LARGEST_SOURCE) {
        bail!("it has a source that is larger than {} KiB", LARGEST_SOURCE >> 10);
    }
    let mut learner = Learner {
        file,
        name: cut(&raw.name),
        done: BTreeMap::new(),
        guesses: BTreeMap::new(),
        mysteries: mysteries(&raw.progress),
        curves: Vec::new(),
        sources: BTreeMap::new(),
        found: BTreeMap::new(),
    };
    for scenario in catalog.scenarios() {
        let of = |name: &str| (scenario.slug.clone(), name.to_owned());
        let entry = |group: &str, name: &str| raw.progress.get(&scenario.slug)?.get(group)?.get(name);
        for exercise in &scenario.exercises {
            if let Some(done) = entry(EXERCISES, &exercise.name) {
                learner.done.insert(of(&exercise.name), Done::deserialize(done)?);
            }
            learner.curves.extend(course(scenario, &exercise.name, &raw.curves));
            let is_of =
                |solved: &&Solved| solved.scenario == scenario.slug && solved.exercise == exercise.name;
            learner
                .sources
                .extend(raw.sources.iter().find(is_of).map(|one| (of(&exercise.name), one.clone())));
        }
        for question in &scenario.questions {
            let guess = match entry(PREDICTIONS, &question.id).and_then(|entry| entry.get("guess")) {
                Some(Value::Number(number)) => number.as_f64().map(Guess::Number),
                Some(Value::String(choice)) => Some(Guess::Choice(choice.clone())),
                _ => None,
            };
            let choices = choices(question, scenario);
            let fits = |guess: &Guess| match guess {
                Guess::Number(number) => choices.is_empty() && (0.0..MOST).contains(number),
                Guess::Choice(choice) => choices.iter().any(|(value, _)| value == choice),
            };
            if let Some(guess) = guess.filter(fits) {
                learner.guesses.insert(of(&question.id), guess);
            }
        }
    }
    Ok(HandedIn::Learner(Box::new(learner)))
}

/// The curve of an exercise, if there is one of the metric that is drawn.
fn course(scenario: &Scenario, exercise: &str, curves: &[RawCurve]) -> Option<Course> {
    let curve = curves.iter().find(|curve| {
        curve.scenario == scenario.slug && curve.exercise == exercise && curve.metric == scenario.curve.name
    })?;
    let count = curve.values.len().max(1) as u128;
    let at = |place: usize| (u128::from(curve.span) * place as u128 / count) as u64;
    let points = curve.values.iter().enumerate().filter_map(|(place, value)| Some((at(place), (*value)?)));
    let (t, v) = points.unzip();
    let (size, sizes) = (curve.size.clone(), curve.sizes.clone());
    Some(Course { of: (scenario.slug.clone(), exercise.to_owned()), size, sizes, t, v, span: curve.span })
}

fn mysteries(progress: &Value) -> (usize, usize) {
    let seeds = progress.get(MYSTERIES).and_then(|mysteries| mysteries.get(SEEDS)?.as_object());
    let answers = seeds.into_iter().flat_map(|seeds| seeds.values());
    let answers = answers.filter_map(|entry| Some((entry.get("answer")?, entry.get("truth")?)));
    answers.fold((0, 0), |(right, all), (answer, truth)| (right + usize::from(answer == truth), all + 1))
}
