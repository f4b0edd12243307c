//! The learner's path: a program to fix, hints, a judgement, and progress.
//!
//! An exercise is a variant of a scenario like any other. The learner works on a copy of its one file, in `my/`, and
//! the rest of the program stays the repository's. So the learner's program runs in the same sandbox, under the same
//! claims, as the workbook's own.

pub(crate) mod basis;
pub mod costs;
pub mod diagnosis;
pub(crate) mod digest;
pub(crate) mod export;
pub mod grade;
pub(crate) mod guess;
pub(crate) mod hints;
pub(crate) mod lines;
pub mod mystery;
mod package;
pub mod predict;
pub(crate) mod progress;
pub mod workspace;
