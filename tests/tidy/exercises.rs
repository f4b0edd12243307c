//! What an exercise needs: a text, a solution that is judged as it is, and mutants that must not pass.

use std::collections::BTreeSet;

use lab::learn::diagnosis::ANSWER;
use lab::learn::grade::{FACTS, PHASES};
use lab::model::verdict::{ENDS, WORK};
use lab::scenario::{Against, Kind, Variant};

use crate::{catalog, mutants, read};

/// The fewest exercises of a scenario: one to begin with, and one that is harder or the other way round.
const EXERCISES: usize = 2;

/// The fewest mutants of an exercise: one is too easily rejected.
const MUTANTS: usize = 3;

#[test]
fn every_exercise_is_described_and_can_be_replaced_by_the_learners_file() {
    for scenario in catalog().scenarios() {
        let main = read(&scenario.folder.join("src/main.rs"));
        for Variant { name, .. } in scenario.variants.iter().filter(|one| one.kind == Kind::Exercise) {
            let exercise = scenario.exercise(name).unwrap_or_else(|missing| {
                panic!("{missing}: add an [[exercise]] to the scenario.toml of {}", scenario.slug)
            });
            for text in exercise.hints.iter().chain([&exercise.asks, &exercise.why]) {
                assert!(
                    text.ends_with(['.', '?']),
                    "{}: a text of {name} is no whole sentence: {text}",
                    scenario.slug
                );
            }
            let module = name.replace('-', "_");
            let line = format!(
                "#[cfg_attr(my = \"{name}\", path = \"../../../my/{}/{module}.rs\")]\nmod {module};",
                scenario.slug
            );
            assert!(main.contains(&line), "`lab check` needs this in {}/src/main.rs:\n{line}", scenario.slug);
        }
        // The others are for those who want more.
        let minutes = scenario.exercises.first().map_or(0, |first| first.minutes);
        let planned = scenario.minutes.exercise;
        assert!(
            minutes <= planned,
            "the first exercise of {} takes {minutes} minutes, and {planned} are planned: see minutes.do",
            scenario.slug
        );
    }
}

#[test]
fn every_scenario_has_exercises_enough_and_every_exercise_has_mutants_enough() {
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        let count = scenario.exercises.len();
        assert!(count >= EXERCISES, "{slug} has {count} exercises, {EXERCISES} are the fewest: add one");
        let mutants = mutants::of(scenario);
        for exercise in &scenario.exercises {
            let own = mutants.iter().filter(|mutant| mutant.exercise == exercise.name);
            let names: BTreeSet<&str> = own.map(|mutant| mutant.name.as_str()).collect();
            assert!(
                names.len() >= MUTANTS,
                "{slug}: {MUTANTS} mutants are the fewest for an exercise, and {} has these: {names:?}. Add \
                 programs to its mutants.toml that nearly solve it",
                exercise.name
            );
        }
    }
}

#[test]
fn every_mutant_can_be_made_and_says_what_is_wrong_and_which_claim_rejects_it() {
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        for mutant in mutants::of(scenario) {
            mutant.source(scenario);
            let exercise = scenario.exercise(&mutant.exercise).expect("its source is made of one");
            if let Some(answer) = mutant.answer(exercise) {
                let choices = exercise.diagnosis.as_ref().map(|diagnosis| &diagnosis.choices);
                let is_one = choices.is_some_and(|choices| choices.iter().any(|mode| mode.id == answer));
                assert!(is_one, "{slug}: {answer} can't be answered to {}", exercise.name);
            }
            let (name, says, claim) = (&mutant.name, &mutant.says, mutant.rejected_by.as_str());
            assert!(says.ends_with('.'), "{slug}: what {name} says is no whole sentence: {says}");
            let bounds = |id: &str| {
                let mut claims = scenario.claims.iter();
                claims.any(|claim| claim.id == id && claim.bounds.contains_key(&mutant.exercise))
            };
            assert!(
                [ENDS, WORK, PHASES, FACTS, ANSWER].contains(&claim) || bounds(claim),
                "{slug}: {claim}, which should reject {name}, is no claim on {}",
                mutant.exercise
            );
        }
    }
}

#[test]
fn every_right_way_can_be_made_and_says_what_it_does() {
    for scenario in catalog().scenarios() {
        let mut names = BTreeSet::new();
        for way in mutants::ways(scenario) {
            let (slug, name, says) = (&scenario.slug, &way.name, &way.says);
            scenario.exercise(&way.exercise).unwrap_or_else(|error| panic!("{slug}: {name}: {error}"));
            way.source(scenario);
            assert!(says.ends_with('.'), "{slug}: what {name} says is no whole sentence: {says}");
            assert!(
                names.insert((way.exercise.clone(), name.clone())),
                "{slug}: {} has two ways of the name {name}",
                way.exercise
            );
        }
    }
}

#[test]
fn what_is_asked_of_an_exercise_is_asked_of_its_solution_too() {
    for scenario in catalog().scenarios() {
        for exercise in &scenario.exercises {
            for claim in &scenario.claims {
                let bound = |variant: &String| claim.bounds.get(variant);
                let (asked, solved) = (bound(&exercise.name), bound(&exercise.solution));
                let is_itself = asked.is_some_and(|bound| {
                    matches!(&bound.against, Against::Variant { name, .. } if *name == exercise.solution)
                });
                assert!(
                    asked.is_none() || asked == solved || is_itself,
                    "{}: {} bounds {} and not {} in the same way, so nothing shows that it can be solved",
                    scenario.slug,
                    claim.id,
                    exercise.name,
                    exercise.solution
                );
            }
        }
    }
}
