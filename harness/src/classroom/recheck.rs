//! Builds submitted sources again, and judges them here.
//!
//! A file can say anything, so its words don't count. Only its source does: it's built on this machine, run in the
//! same sandbox as any program, and judged by the claims of this workbook.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use anyhow::Result;

use super::scratch::Scratch;
use super::{Course, Learner, Room};
use crate::chart::{Curve, clean, course};
use crate::learn::diagnosis::verdict;
use crate::learn::digest::sha256;
use crate::learn::export::Solved;
use crate::learn::grade::grade;
use crate::learn::workspace::Workspace;
use crate::model::verdict::{Status, Verdict, overall};
use crate::name::short;
use crate::scenario::{Catalog, Exercise, Scenario};
use crate::store::Store;
use crate::workbench::program::LearnerBuild;
use crate::workbench::{Ran, Request, Stop};

/// The result for a submission that says that an exercise has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// It passes here, and nothing in the file speaks against it.
    Passes,
    /// This machine can't show it.
    Unknown(String),
    /// The differences from the submission.
    Differs(Vec<String>),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Found::Passes => f.write_str("passes here"),
            Found::Unknown(why) => write!(f, "unknown here: {why}"),
            Found::Differs(what) => write!(f, "handed in as passed, but {}", what.join("; and ")),
        }
    }
}

/// The tables of sizes at which a hand-in is judged; the last one unless it was handed in at another.
const SIZES: [&str; 2] = ["smoke", "lab"];

/// A curve belongs to another program if its peak is so many times as high or as low.
const FAR: u64 = 2;

/// Peaks below so many bytes, or other units, aren't compared: they're a program that does next to nothing.
const NEAR_NOTHING: u64 = 1 << 20;

/// The programs that were judged, by what decides about the verdict, with their peaks.
type Judged = BTreeMap<(String, String, String, Option<String>, String), (Status, String, Option<Peak>)>;

/// The highest value of the scenario's curve, and the sizes that it was measured at.
struct Peak {
    value: u64,
    sizes: BTreeMap<String, u64>,
}

/// Builds and judges every submission that says it passed, and notes the findings. `size` is that of all runs;
/// without it each is judged at the size that it was handed in at. `said` gets a line for each.
///
/// # Errors
///
/// [`Stop`], if the user has stopped it; or the workbook can't be copied.
pub(crate) fn recheck(
    root: &Path,
    catalog: &Catalog,
    room: &mut Room,
    size: Option<&str>,
    said: &dyn Fn(&str),
) -> Result<()> {
    let store = Store::open(root)?;
    let _in_use = store.use_runs()?;
    let mut judged = Judged::new();
    let all = claimed(catalog, &room.learners).count();
    // Nobody waits for a copy that nothing is built in.
    let scratch = if all == 0 { None } else { Some(Scratch::of(root, &store)?) };
    let mut found = Vec::new();
    for (number, (place, scenario, exercise)) in claimed(catalog, &room.learners).enumerate() {
        let Some(scratch) = &scratch else { break };
        let learner = &room.learners[place];
        let one = judge(scratch, &room.learners, learner, scenario, exercise, size, &mut judged)?;
        said(&format!(
            "{} of {all}  {}: {} {}: {one}",
            number + 1,
            learner.file,
            scenario.slug,
            exercise.name
        ));
        found.push((place, (scenario.slug.clone(), exercise.name.clone()), one));
    }
    for (place, of, one) in found {
        room.learners[place].found.insert(of, one);
    }
    room.rechecked = true;
    Ok(())
}

/// What the learners say that they have passed: the place of each, and the exercise.
fn claimed<'a>(
    catalog: &'a Catalog,
    learners: &'a [Learner],
) -> impl Iterator<Item = (usize, &'a Scenario, &'a Exercise)> {
    learners.iter().enumerate().flat_map(|(place, learner)| {
        let all = catalog.scenarios().iter();
        let all =
            all.flat_map(|scenario| scenario.exercises.iter().map(move |exercise| (scenario, exercise)));
        let has_passed = |(scenario, exercise): &(&Scenario, &Exercise)| {
            let done = learner.done.get(&(scenario.slug.clone(), exercise.name.clone()));
            done.is_some_and(|done| done.passed.is_some())
        };
        all.filter(has_passed).map(move |(scenario, exercise)| (place, scenario, exercise))
    })
}

/// The result of one of them.
fn judge(
    scratch: &Scratch,
    learners: &[Learner],
    learner: &Learner,
    scenario: &Scenario,
    exercise: &Exercise,
    size: Option<&str>,
    judged: &mut Judged,
) -> Result<Found> {
    let of = (scenario.slug.clone(), exercise.name.clone());
    let Some(solved) = learner.sources.get(&of) else {
        return Ok(Found::Differs(vec!["it has no source".into()]));
    };
    let handed = learner.curves.iter().find(|course| course.of == of);
    let handed_in_at = handed.map_or("", |course| course.size.as_str());
    let size =
        size.unwrap_or_else(|| SIZES.into_iter().find(|size| *size == handed_in_at).unwrap_or(SIZES[1]));
    let digest = sha256(solved.text.as_bytes());
    let key = (of.0.clone(), of.1.clone(), size.to_owned(), solved.kept.answer.clone(), digest.clone());
    if !judged.contains_key(&key) {
        let one = build_and_run(scratch, scenario, exercise, solved, size)?;
        judged.insert(key.clone(), one);
    }
    let (status, why, peak) = &judged[&key];
    let mut differs = Vec::new();
    if *status == Status::Fails {
        differs.push(why.clone());
    }
    if digest != solved.kept.source {
        differs.push("the record is of another source: its SHA-256 isn't the noted one".into());
    }
    if learner.done[&of].kept.as_ref() != Some(&solved.kept) {
        differs.push("the notes from its pass don't match the notes with the source".into());
    }
    let others = learners.iter().filter(|other| other.file != learner.file);
    let twin = others.filter_map(|other| Some((other, other.sources.get(&of)?)));
    // A record has its time and its seed, so no two are the same.
    if let Some((other, _)) = twin.into_iter().find(|(_, other)| other.kept.record == solved.kept.record) {
        differs.push(format!("its record is also that of {}", other.file));
    }
    match (handed, peak) {
        (None, _) => differs.push("it has no curve".into()),
        (Some(course), Some(peak)) => differs.extend(far(course, peak)),
        (Some(_), None) => {}
    }
    Ok(match (differs.is_empty(), status) {
        (false, _) => Found::Differs(differs),
        (true, Status::Unknown(why)) => Found::Unknown(why.clone()),
        (true, _) => Found::Passes,
    })
}

/// The words for a curve that isn't the program's. Another size has other curves.
fn far(course: &Course, peak: &Peak) -> Option<String> {
    let highest = course.v.iter().max().copied().unwrap_or(0);
    let (low, high) = (highest.min(peak.value), highest.max(peak.value));
    let is_far = course.sizes == peak.sizes && high >= NEAR_NOTHING && low.saturating_mul(FAR) <= high;
    is_far.then(|| {
        let times = high as f64 / low.max(1) as f64;
        let word = if highest > peak.value { "higher" } else { "lower" };
        format!(
            "the curve is of another program: its peak is {times:.1} times {word} than the one measured here"
        )
    })
}

/// Builds a source, runs it next to the variants that it's compared with, and judges it.
fn build_and_run(
    scratch: &Scratch,
    scenario: &Scenario,
    exercise: &Exercise,
    solved: &Solved,
    size: &str,
) -> Result<(Status, String, Option<Peak>)> {
    match tried(scratch, scenario, exercise, solved, size) {
        Ok(one) => Ok(one),
        // The next one may be judged all the same.
        Err(error) => match error.downcast_ref() {
            Some(Stop::Interrupted(_)) => Err(error),
            Some(Stop::NotHere(why) | Stop::BadRequest(why)) => {
                Ok((Status::Unknown(why.clone()), String::new(), None))
            }
            None => Ok((Status::Fails, clean(&format!("it can't be judged: {error:#}")), None)),
        },
    }
}

fn tried(
    scratch: &Scratch,
    scenario: &Scenario,
    exercise: &Exercise,
    solved: &Solved,
    size: &str,
) -> Result<(Status, String, Option<Peak>)> {
    let Scratch { workbench, .. } = scratch;
    // The copy's own, so that the paths are there.
    let scenario = workbench.catalog.find(&scenario.slug)?;
    let workspace = Workspace::find(&workbench.root, scenario, Some(&exercise.name))?;
    scratch.lay(&workspace, &solved.text)?;
    let refused = match workbench.build_exercise(&workspace)? {
        LearnerBuild::Built(program) => Ok(program),
        LearnerBuild::Refused => Err("it doesn't compile".to_owned()),
        LearnerBuild::Borrowed(file) => Err(format!(
            "it has {} compiled in, and a hand-in is one file",
            clean(&short(&file).display().to_string())
        )),
    };
    let program = match refused {
        Ok(program) => program,
        Err(why) => return Ok((Status::Fails, format!("its source isn't taken here: {why}"), None)),
    };
    let request = Request { folder: Some(scratch.records()), ..Request::new(scenario, size) };
    let Ran { records, .. } = workbench.run_exercise(&workspace, &program, request)?;
    let mut verdicts = grade(&workspace, &records);
    if let Some(diagnosis) = &exercise.diagnosis {
        let answer = solved.kept.answer.as_deref().unwrap_or("none");
        verdicts.push(verdict(&workspace, diagnosis, answer));
    }
    let mine = records.iter().find(|record| record.header.variant == exercise.name);
    let peak = mine.map(|mine| {
        let value = course(&Curve::of(mine, scenario.curve.name), 1).into_iter().flatten().max();
        Peak { value: value.unwrap_or(0), sizes: mine.header.sizes.clone() }
    });
    Ok((overall(&verdicts), failed(&verdicts), peak))
}

/// The claims that fail, with the measured values.
fn failed(verdicts: &[Verdict]) -> String {
    let fails = verdicts.iter().filter(|verdict| verdict.status == Status::Fails);
    let claims = fails.map(|verdict| {
        format!("'{}' ({}; it must be {})", verdict.claim, clean(&verdict.measured_text), verdict.bound_text)
    });
    format!("it fails here: claim {}", claims.collect::<Vec<_>>().join(", "))
}
