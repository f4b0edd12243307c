//! The judgement of a learner's program: the claims of the exercise, and where each failure came about.

use std::fs;

use super::lines;
use super::workspace::Workspace;
use crate::judge::{self, judge};
use crate::model::record::Record;
use crate::model::verdict::{CHECKSUM, ENDS, Status, Verdict, WORK};
use crate::name::short;
use crate::scenario::{Against, Kind, Scenario, Variant};

/// The claim that a learner's program makes without saying so: it announces what the start announces.
pub const PHASES: &str = "phases";

/// The claim that the learner's file counts nothing but what its start counts, and once. A second word can't correct
/// a count. A scenario's own code may count on and on.
pub const FACTS: &str = "facts";

/// The variants that are run for a check: one that is broken, one that is fixed, all that a claim on the
/// exercise compares it with, and the exercise itself.
pub(crate) fn variants(workspace: &Workspace<'_>) -> Vec<String> {
    let Workspace { scenario, exercise, .. } = workspace;
    let claims = scenario.claims.iter().filter_map(|claim| claim.bounds.get(&exercise.name));
    let traces = exercise.ways.iter().chain(&exercise.mistakes).flat_map(|trace| &trace.seen);
    let bounds = claims.chain(traces.map(|(_, bound)| bound));
    let others = bounds.filter_map(|bound| match &bound.against {
        Against::Variant { name, .. } => Some(name),
        Against::Sizes(_) => None,
    });
    let sides = sides(scenario).into_iter();
    sides.chain(others.chain([&exercise.name]).cloned()).collect()
}

/// The two variants between which a learner's is shown: the first that is broken, and the first that is fixed.
pub(crate) fn sides(scenario: &Scenario) -> Vec<String> {
    let first = |kind: Kind| scenario.variants.iter().find(|variant| variant.kind == kind);
    [Kind::Broken, Kind::Fixed].into_iter().filter_map(first).map(|variant| variant.name.clone()).collect()
}

/// The verdicts on the learner's run alone, each that doesn't hold with the place in the source.
pub(crate) fn grade(workspace: &Workspace<'_>, records: &[Record]) -> Vec<Verdict> {
    let Workspace { scenario, exercise, .. } = workspace;
    let of = |kind: Kind| {
        let is_one = |variant: &Variant, record: &Record| {
            variant.kind == kind && variant.name == record.header.variant
        };
        records.iter().find(|record| scenario.variants.iter().any(|variant| is_one(variant, record)))
    };
    let mine = records.iter().find(|record| record.header.variant == exercise.name);
    let mut verdicts = judge(scenario, records);
    verdicts.retain(|verdict| verdict.variant == exercise.name);
    let Some(mine) = mine else { return verdicts };
    verdicts.push(phases(workspace, mine));
    verdicts.extend(facts(workspace, mine));
    // Work that was compared with nothing may be any work.
    if !of(Kind::Fixed).is_some_and(|fixed| fixed.outcome().is_success()) {
        for verdict in verdicts.iter_mut().filter(|verdict| verdict.claim == WORK) {
            let why = "the fixed variant didn't end well here, so there was nothing to compare the work with";
            verdict.status = Status::Unknown(why.into());
        }
    }
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.status == Status::Fails) {
        let hints = [verdict.hint.take(), Some(place(workspace, verdict, mine))];
        verdict.hint = Some(hints.into_iter().flatten().collect::<Vec<_>>().join(" "));
    }
    verdicts
}

/// The verdict on the phases. A claim may look at the memory there, so each must be where it was.
fn phases(workspace: &Workspace<'_>, record: &Record) -> Verdict {
    let expected = &workspace.scenario.marks;
    let made: Vec<&str> = record.marks.iter().map(|mark| mark.name.as_str()).collect();
    let same = made.iter().zip(expected).take_while(|(made, expected)| made == expected).count();
    let (status, hint) = match (expected.get(same), made.get(same)) {
        (None, None) => (Status::Holds, None),
        // A run that was stopped may have been on its way there.
        (Some(missing), None) => match judge::stopped(record) {
            Some(why) => (Status::Unknown(why), None),
            None => (Status::Fails, Some(format!("It never announced '{missing}'."))),
        },
        (None, Some(more)) => (Status::Fails, Some(format!("It also announced '{more}'."))),
        (Some(missing), Some(other)) => {
            (Status::Fails, Some(format!("It announced '{other}' instead of '{missing}'.")))
        }
    };
    Verdict {
        claim: PHASES.into(),
        says: "The program announces its phases as it did at the start.".into(),
        variant: workspace.exercise.name.clone(),
        status,
        measured: None,
        measured_text: made.join(", "),
        bound: None,
        bound_text: expected.join(", "),
        post: None,
        hint,
    }
}

/// The facts that the learner's code states and shouldn't: those that its start leaves to the scenario's own code, and
/// those that were stated twice.
fn misstated<'a>(workspace: &Workspace<'_>, record: &'a Record) -> Vec<&'a str> {
    let start = workspace.start().unwrap_or_default();
    let mine = fs::read_to_string(&workspace.file).unwrap_or_default();
    let own = format!("scenarios/{}/src/", workspace.scenario.slug);
    let Some(trailer) = &record.trailer else { return Vec::new() };
    let is_wrong = |fact: &&str| {
        // A program that doesn't say which file states a fact has it from the file that names it.
        let is_learners = match trailer.stated_by.get(*fact) {
            Some(files) => files.iter().any(|file| !file.starts_with(&own) || file.contains("/../")),
            None => lines::stating(&mine, fact).is_some(),
        };
        is_learners && (trailer.restated.contains(*fact) || lines::stating(&start, fact).is_none())
    };
    trailer.facts.keys().map(String::as_str).filter(is_wrong).collect()
}

/// The verdict on them, if there are any.
fn facts(workspace: &Workspace<'_>, record: &Record) -> Option<Verdict> {
    let misstated = misstated(workspace, record);
    (!misstated.is_empty()).then(|| Verdict {
        claim: FACTS.into(),
        says: "Your file states no fact that others count, and none twice.".into(),
        variant: workspace.exercise.name.clone(),
        status: Status::Fails,
        measured: None,
        measured_text: format!("stated by your file: {}", misstated.join(", ")),
        bound: None,
        bound_text: "none".into(),
        post: None,
        hint: Some("Only the code that counts something states it: leave that out.".into()),
    })
}

/// Where and when a failing verdict came about: a line of the sources, if it can be found, and a phase.
fn place(workspace: &Workspace<'_>, verdict: &Verdict, record: &Record) -> String {
    let (line, phase) = line(workspace, verdict, record).unwrap_or_default();
    let when = match phase.and_then(|phase| Some((record.phase(&phase)?, phase))) {
        Some(((begin, end), phase)) => {
            let [begin, end] = [begin, end].map(|t| t as f64 / 1e6);
            format!("in the phase '{phase}' ({begin:.2} s to {end:.2} s)")
        }
        None => format!("and the run ended {}", judge::place(record, record.duration())),
    };
    match line {
        Some(line) => format!("See {line}, {when}."),
        None => format!("The line is unknown, {when}."),
    }
}

/// The line of the sources that a verdict is about, and the phase that it falls in.
fn line(
    workspace: &Workspace<'_>,
    verdict: &Verdict,
    record: &Record,
) -> Option<(Option<String>, Option<String>)> {
    let file = short(&workspace.file).display().to_string();
    let marks = &workspace.scenario.marks;
    let mine = fs::read_to_string(&workspace.file).ok()?;
    let claim = workspace.scenario.claims.iter().find(|claim| claim.id == verdict.claim);
    let name = match (claim, verdict.claim.as_str()) {
        (Some(claim), _) => judge::origin(&claim.measure, record)?,
        (None, WORK) => CHECKSUM.to_owned(),
        (None, ENDS) => {
            let output = record.trailer.as_ref().map(|trailer| trailer.output.as_str()).unwrap_or_default();
            let last = record.marks.last().map(|mark| mark.name.clone());
            let line = lines::panicked(output, &file).map(|line| format!("{file}:{line}, where it panicked"));
            return Some((line, last));
        }
        (None, FACTS) => (*misstated(workspace, record).first()?).to_owned(),
        // The phase after the last one that was right.
        (None, _) => {
            marks.iter().zip(&record.marks).take_while(|(one, other)| **one == other.name).last()?.0.clone()
        }
    };
    let phase = Some(name.clone()).filter(|name| marks.contains(name));
    if let Some(line) = lines::stating(&mine, &name) {
        let phase = phase.or_else(|| lines::phase_of(&mine, line, marks).map(str::to_owned));
        return Some((Some(format!("{file}:{line}")), phase));
    }
    // A phase that isn't announced here comes after the last one before it that is.
    let before = marks.iter().position(|mark| *mark == name).map_or(&[][..], |at| &marks[..at]);
    if let Some(line) = before.iter().rev().find_map(|mark| lines::stating(&mine, mark)) {
        return Some((Some(format!("{file}:{line} and what follows")), phase));
    }
    let setup = workspace.scenario.folder.join("src/setup.rs");
    let line = fs::read_to_string(&setup).ok().and_then(|source| lines::stating(&source, &name));
    Some((line.map(|line| format!("{}:{line}", short(&setup).display())), phase))
}
