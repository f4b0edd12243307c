//! The mutants of an exercise: programs that nearly solve it, each with one thing wrong. And the ways: programs
//! that solve it, each otherwise than the solution does.
//!
//! Each is said as what is replaced in a text of the scenario. So it can't drift from that text: what is not
//! there can't be replaced.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::fs;

use lab::scenario::{Exercise, Scenario};
use serde::Deserialize;

/// The file of a scenario's mutants and ways, in its folder.
const FILE: &str = "mutants.toml";

/// A program that must not pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutant {
    /// The exercise that it does not solve.
    pub(crate) exercise: String,
    /// Its name among the mutants of that exercise.
    pub(crate) name: String,
    /// What is wrong with it, in a sentence.
    pub(crate) says: String,
    /// The claim that it fails.
    pub(crate) rejected_by: String,
    /// The variant whose text it is made of; without one, the solution of the exercise.
    of: Option<String>,
    /// What is answered, where the exercise asks for that; without one, what is right.
    answer: Option<String>,
    /// The mistake of the exercise that `lab check` names; without one, none that it knows.
    pub(crate) mistake: Option<String>,
    /// Another one that may be named in its place, if that depends on the machine.
    pub(crate) or_mistake: Option<String>,
    /// The failure that is still in it, by the diagnosis' name; without one, none that it knows.
    pub(crate) shows: Option<String>,
    /// What is replaced in that text, and by what. Each text is there once.
    #[serde(default)]
    replace: Vec<(String, String)>,
}

/// A program that solves an exercise in another way than the solution, and must pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Way {
    /// The exercise that it solves.
    pub(crate) exercise: String,
    /// Its name among the ways of that exercise.
    pub(crate) name: String,
    /// What it does, in a sentence.
    pub(crate) says: String,
    /// The way of the exercise that `lab check` names; without one, it's explained as the solution is.
    pub(crate) way: Option<String>,
    /// The variant whose text it is made of; without one, the exercise itself.
    of: Option<String>,
    /// What is replaced in that text, and by what. Each text is there once.
    replace: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mutant: Vec<Mutant>,
    #[serde(default)]
    way: Vec<Way>,
}

/// All mutants of a scenario, in the order of the file.
pub(crate) fn of(scenario: &Scenario) -> Vec<Mutant> {
    file(scenario).mutant
}

/// All ways of a scenario, in the order of the file.
pub(crate) fn ways(scenario: &Scenario) -> Vec<Way> {
    file(scenario).way
}

fn file(scenario: &Scenario) -> File {
    let path = scenario.folder.join(FILE);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Mutant {
    /// What is answered, where the exercise asks for that.
    pub(crate) fn answer<'a>(&'a self, exercise: &'a Exercise) -> Option<&'a str> {
        let right = exercise.diagnosis.as_ref().map(|diagnosis| diagnosis.answer.id);
        self.answer.as_deref().or(right)
    }

    /// The text of the program.
    pub(crate) fn source(&self, scenario: &Scenario) -> String {
        let exercise =
            scenario.exercise(&self.exercise).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        replaced(scenario, &self.name, self.of.as_ref().unwrap_or(&exercise.solution), &self.replace)
    }
}

impl Way {
    /// The text of the program.
    pub(crate) fn source(&self, scenario: &Scenario) -> String {
        replaced(scenario, &self.name, self.of.as_ref().unwrap_or(&self.exercise), &self.replace)
    }
}

/// The text of a variant, with all that is replaced in it.
fn replaced(scenario: &Scenario, name: &str, variant: &str, replace: &[(String, String)]) -> String {
    let (place, path) = (format!("{name} of {}", scenario.slug), scenario.source(variant));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{place}: {error}: {}", path.display()));
    replace.iter().fold(text, |text, (from, to)| {
        let times = text.matches(from).count();
        assert_eq!(times, 1, "{place}: this is not once in {}: {from}", path.display());
        text.replacen(from, to, 1)
    })
}
