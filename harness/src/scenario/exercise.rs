//! An exercise as scenario.toml describes it: what is asked, what helps, and what was to be learnt.

use std::num::NonZeroU32;

use serde::Deserialize;
use toml::Spanned;

use super::flaw::{Flaw, flaw};
use super::names::{Name, known, metric, mode};
use super::variant::{Kind, Variant};
use crate::diagnosis::Mode;
use crate::model::metric::Metric;

/// How many hints are written by hand. The one after them is the solution.
pub(crate) const HINTS: usize = 4;

/// A program that the learner fixes, or says something about.
#[derive(Debug, Clone, PartialEq)]
pub struct Exercise {
    /// The variant that the learner begins with.
    pub name: String,
    /// The variant that solves it: the one to begin with, where the answer is all that is asked for.
    pub solution: String,
    /// What the learner is to say about the program, where there is something to be said.
    pub diagnosis: Option<Diagnosis>,
    /// What is asked of the learner.
    pub asks: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Where to look, which metric to look at, the mechanism, and what to use.
    pub hints: [String; HINTS],
    /// What the solution has done, for who has solved it.
    pub why: String,
}

/// What may be wrong with a program, and what is.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// The one of `choices` that is right.
    pub answer: &'static Mode,
    /// What can be answered: the failure modes that `lab diagnose` knows, or some of them.
    pub choices: Vec<&'static Mode>,
    /// The metrics that are drawn besides that of the scenario, because they show the difference.
    pub(crate) shows: Vec<&'static Metric>,
}

/// One block `[[exercise]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExerciseText {
    pub(super) name: Name,
    solution: Option<Name>,
    diagnosis: Option<DiagnosisText>,
    asks: String,
    minutes: NonZeroU32,
    hints: [String; HINTS],
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DiagnosisText {
    answer: Name,
    choices: Vec<Name>,
    shows: Vec<Name>,
}

impl ExerciseText {
    /// An exercise is a variant of that kind, and so is its solution; if it's answered with a word, it is
    /// its own solution.
    pub(super) fn check(self, variants: &[Variant]) -> Result<Exercise, Flaw> {
        if self.solution.is_some() == self.diagnosis.is_some() {
            return flaw(self.name.span(), "an exercise has either a 'solution' or a 'diagnosis'");
        }
        let solution = self.solution.as_ref().map(|name| (name, Kind::Solution, "a solution"));
        let names: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
        for (name, kind, word) in [(&self.name, Kind::Exercise, "an exercise")].into_iter().chain(solution) {
            let name_known = known("variant", name, &names)?;
            if !variants.iter().any(|variant| variant.name == name_known && variant.kind == kind) {
                return flaw(name.span(), format!("the variant '{name_known}' isn't {word}: see its kind"));
            }
        }
        let diagnosis = self.diagnosis.map(DiagnosisText::check).transpose()?;
        let name = self.name.into_inner();
        let solution = self.solution.map_or_else(|| name.clone(), Spanned::into_inner);
        let ExerciseText { asks, minutes, hints, why, .. } = self;
        Ok(Exercise { name, solution, diagnosis, asks, minutes: minutes.get(), hints, why })
    }
}

impl DiagnosisText {
    /// The answer is one of the choices.
    fn check(self) -> Result<Diagnosis, Flaw> {
        let choices: Vec<_> = self.choices.iter().map(mode).collect::<Result<_, _>>()?;
        let words: Vec<String> = choices.iter().map(|mode| mode.id.to_owned()).collect();
        known("choice", &self.answer, &words)?;
        let answer = mode(&self.answer)?;
        let shows = self.shows.iter().map(metric).collect::<Result<_, _>>()?;
        Ok(Diagnosis { answer, choices, shows })
    }
}
