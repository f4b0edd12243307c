//! An exercise as scenario.toml describes it: its task, its hints, and its lesson.

use std::num::NonZeroU32;

use serde::Deserialize;
use toml::Spanned;

use super::claim::{Bound, BoundText, bound};
use super::flaw::{Flaw, flaw};
use super::measure::{Measure, MeasureText};
use super::names::{Name, Names, all_different, known, metric, mode};
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
    /// The variant that solves it: the one to begin with, if the answer is all that is asked for.
    pub solution: String,
    /// What the learner is to say about the program, if there is something to be said.
    pub diagnosis: Option<Diagnosis>,
    /// The task for the learner.
    pub asks: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Where to look, which metric to look at, the mechanism, and what to use.
    pub hints: [String; HINTS],
    /// What the solution has done, for learners who have solved it.
    pub why: String,
    /// Other ways to solve it, each with what it has done.
    pub ways: Vec<Trace>,
    /// Attempts that don't solve it, each with what it does.
    pub mistakes: Vec<Trace>,
}

/// A kind of program that can be told by its run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Its name among those of the exercise.
    pub name: String,
    /// What such a program does.
    pub says: String,
    /// What its run measures, all of it. The bounds are those of the exercise.
    pub(crate) seen: Vec<(Measure, Bound)>,
}

/// The failures that a program may have, and the one that it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnosis {
    /// The one of `choices` that is right.
    pub answer: &'static Mode,
    /// What can be answered: the failure modes that `lab diagnose` knows, or some of them.
    pub choices: Vec<&'static Mode>,
    /// The metrics drawn in addition to the scenario's, because they show the difference.
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
    #[serde(default)]
    way: Vec<TraceText>,
    #[serde(default)]
    mistake: Vec<TraceText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TraceText {
    name: Name,
    says: String,
    seen: Spanned<Vec<SeenText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenText {
    measure: Spanned<MeasureText>,
    bound: Spanned<BoundText>,
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
    pub(super) fn check(self, variants: &[Variant], names: &Names) -> Result<Exercise, Flaw> {
        if self.solution.is_some() == self.diagnosis.is_some() {
            return flaw(self.name.span(), "an exercise has either a 'solution' or a 'diagnosis'");
        }
        let solution = self.solution.as_ref().map(|name| (name, Kind::Solution, "a solution"));
        for (name, kind, word) in [(&self.name, Kind::Exercise, "an exercise")].into_iter().chain(solution) {
            let name_known = names.variant(name)?;
            if !variants.iter().any(|variant| variant.name == name_known && variant.kind == kind) {
                return flaw(name.span(), format!("the variant '{name_known}' isn't {word}: see its kind"));
            }
        }
        let diagnosis = self.diagnosis.map(DiagnosisText::check).transpose()?;
        let name = self.name.into_inner();
        let solution = self.solution.map_or_else(|| name.clone(), Spanned::into_inner);
        all_different("way", self.way.iter().map(|way| &way.name))?;
        all_different("mistake", self.mistake.iter().map(|mistake| &mistake.name))?;
        let traces = |texts: Vec<TraceText>| {
            texts.into_iter().map(|text| text.check(&name, names)).collect::<Result<Vec<_>, Flaw>>()
        };
        let (ways, mistakes) = (traces(self.way)?, traces(self.mistake)?);
        let ExerciseText { asks, minutes, hints, why, .. } = self;
        Ok(Exercise { name, solution, diagnosis, asks, minutes: minutes.get(), hints, why, ways, mistakes })
    }
}

impl TraceText {
    /// The measures are known, and the bounds are of their quantities.
    fn check(self, exercise: &str, names: &Names) -> Result<Trace, Flaw> {
        if self.seen.get_ref().is_empty() {
            return flaw(self.seen.span(), "a program can be told only by something that its run measures");
        }
        let one = |SeenText { measure, bound: text }: SeenText| {
            let measure = MeasureText::check(&measure, names)?;
            let bound = bound(&text, exercise, measure.quantity(), names)?;
            Ok((measure, bound))
        };
        let seen = self.seen.into_inner().into_iter().map(one).collect::<Result<_, Flaw>>()?;
        Ok(Trace { name: self.name.into_inner(), says: self.says, seen })
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
