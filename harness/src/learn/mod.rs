//! The learner's path: a program to fix, hints, a judgement, and what was done so far.
//!
//! An exercise is a variant of a scenario like any other. The learner works on a copy of its one file,
//! in `my/`, and all else of the program stays the repository's. So what is judged is run in the same
//! sandbox, by the same claims, as the programs that come with the workbook.

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

use std::path::{Path, PathBuf};

/// A command of `lab` as the user can type it here: `lab` may be in no folder of PATH.
pub(crate) fn command(words: &str) -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    format!("{} {words}", short(&called).display())
}

/// A path as short as it can be from the working directory.
pub(crate) fn short(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path)
}
