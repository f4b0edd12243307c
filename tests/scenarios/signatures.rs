//! That every broken variant fails in its own way, and no fix does.
//!
//! The signature of a broken variant is all that scenario.toml expects of it: how it ends, and every
//! bound. Each run is held against each signature, as if it were a run of that variant. Nothing is run
//! for it: the records are those of the other tests.

use std::fmt::Write;
use std::sync::Arc;

use lab::judge::judge;
use lab::model::record::Record;
use lab::model::verdict::{Status, WORK};
use lab::scenario::{Against, Kind, Scenario, Variant};
use libtest_mimic::{Completion, Failed, Trial};

use super::Lesson;

pub(crate) fn trial(lessons: Vec<Arc<Lesson>>) -> Trial {
    let name = "every_broken_variant_fails_in_its_own_way_and_no_fix_does";
    Trial::ignorable_test(name, move || matrix(&lessons))
}

/// A run that a signature is held against.
struct Run<'a> {
    scenario: &'a Scenario,
    variant: &'a Variant,
    record: Record,
}

impl Run<'_> {
    fn name(&self) -> String {
        format!("{}/{}", self.scenario.slug, self.variant.name)
    }
}

fn matrix(lessons: &[Arc<Lesson>]) -> Result<Completion, Failed> {
    let shown = lessons.iter().filter(|lesson| lesson.not_here().is_none());
    let runs: Vec<Run<'_>> = shown.flat_map(|lesson| runs(lesson)).collect();
    let (mut text, mut wrong, mut unknown) = (String::new(), Vec::new(), Vec::new());
    for own in runs.iter().filter(|run| run.variant.kind == Kind::Broken) {
        let status = held_against(own, own, &runs);
        if let Status::Unknown(why) = status {
            unknown.push(format!("{}: {why}", own.name()));
            continue;
        }
        let alike: Vec<&Run<'_>> =
            runs.iter().filter(|run| held_against(run, own, &runs) == Status::Holds).collect();
        let names: Vec<String> = alike.iter().map(|run| run.name()).collect();
        writeln!(text, "{}: {}", own.name(), names.join(", ")).expect("a string takes all text");
        if status == Status::Fails {
            wrong.push(format!("{} does not have its own signature", own.name()));
        }
        let exercises = |solution: &Run<'_>| {
            let of_it = own.scenario.exercises.iter().filter(|one| one.solution == solution.variant.name);
            of_it.map(|exercise| &exercise.name).collect::<Vec<_>>()
        };
        let must_not = |run: &&&Run<'_>| match run.variant.kind {
            // Two that are broken may well be broken alike; with another scenario's they share nothing.
            _ if run.scenario.slug != own.scenario.slug => true,
            Kind::Fixed => true,
            // A solution fixes what is wrong with its exercise, which need not be what is wrong here.
            Kind::Solution => {
                let fixed = exercises(run);
                alike.iter().any(|other| fixed.contains(&&other.variant.name))
            }
            Kind::Broken | Kind::Exercise | Kind::Mutant => false,
        };
        for run in alike.iter().filter(must_not) {
            wrong.push(format!("{} has the signature of {}", run.name(), own.name()));
        }
    }
    match (wrong.is_empty(), text.is_empty()) {
        (false, _) => {
            let wrong = wrong.join("\n");
            Err(format!("{wrong}\n\nEach signature, and the runs that have it:\n{text}").into())
        }
        // Where nothing that is broken can be seen, that is why.
        (true, true) => Ok(Completion::ignored_with(unknown.join("; "))),
        (true, false) => Ok(Completion::Completed),
    }
}

fn runs(lesson: &Lesson) -> Vec<Run<'_>> {
    let scenario = &lesson.scenario;
    let record = |variant: &Variant| {
        let path = lesson.folder().join(format!("{}.jsonl", variant.name));
        Record::read(&path).expect("every variant has a whole record")
    };
    scenario.variants.iter().map(|variant| Run { scenario, variant, record: record(variant) }).collect()
}

/// What the signature of `own` says to a run: the worst verdict on it, were it a run of that variant.
fn held_against(run: &Run<'_>, own: &Run<'_>, runs: &[Run<'_>]) -> Status {
    let mut record = run.record.clone();
    (record.header.scenario, record.header.variant) = (own.scenario.slug.clone(), own.variant.name.clone());
    let mut records = vec![record];
    // Some bounds are multiples of what another variant measured.
    let bounds = own.scenario.claims.iter().filter_map(|claim| claim.bounds.get(&own.variant.name));
    for bound in bounds {
        if let Against::Variant { name, .. } = &bound.against {
            let other =
                runs.iter().find(|run| run.scenario.slug == own.scenario.slug && run.variant.name == *name);
            records.extend(other.map(|other| other.record.clone()));
        }
    }
    let verdicts = judge(own.scenario, &records);
    let signature =
        verdicts.iter().filter(|verdict| verdict.variant == own.variant.name && verdict.claim != WORK);
    signature.map(|verdict| verdict.status.clone()).max().expect("every run has an end")
}
