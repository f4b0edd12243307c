//! An exercise as scenario.toml describes it: what is asked, what helps, and what was to be learnt.

use std::collections::BTreeMap;

use crate::model::metric::Metric;

/// How many hints are written by hand. The one after them is the solution.
pub const HINTS: usize = 4;

/// A program that the learner mends, or says something about.
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The one word of `choices` that is right.
    pub answer: String,
    /// What can be answered: a word, and what is meant by it.
    pub choices: BTreeMap<String, String>,
    /// The metrics that are drawn besides that of the scenario, for they tell one from the other.
    pub shows: Vec<&'static Metric>,
}
