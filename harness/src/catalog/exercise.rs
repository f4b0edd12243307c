//! An exercise as scenario.toml describes it: what is asked, what helps, and what was to be learnt.

/// How many hints are written by hand. The one after them is the difference to the solution.
pub const HINTS: usize = 4;

/// A program that the learner mends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    /// The variant that the learner begins with.
    pub name: String,
    /// The variant that solves it.
    pub solution: String,
    /// What is asked of the learner.
    pub asks: String,
    /// How long it takes, in minutes.
    pub minutes: u32,
    /// Where to look, which metric to look at, the mechanism, and what to use.
    pub hints: [String; HINTS],
    /// What the solution has done, for who has solved it.
    pub why: String,
}
