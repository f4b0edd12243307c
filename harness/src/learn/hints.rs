//! Five hints, each saying more than the one before; the last is the solution.

use anyhow::Result;
use similar::TextDiff;

use super::workspace::Workspace;
use crate::scenario::HINTS;

/// How many hints there are for each exercise.
pub(crate) const LEVELS: u8 = HINTS as u8 + 1;

/// What each level says.
const TOPICS: [&str; LEVELS as usize] =
    ["where to look", "which metric tells", "what happens", "what to use", "the solution"];

/// What a level says, in a few words.
pub(crate) fn topic(level: u8) -> &'static str {
    TOPICS[usize::from(level) - 1]
}

/// The text of a level from 1 to [`LEVELS`].
///
/// # Errors
///
/// When the sources for the last one can't be read.
pub(crate) fn hint(workspace: &Workspace<'_>, level: u8) -> Result<String> {
    match workspace.exercise.hints.get(usize::from(level) - 1) {
        Some(hint) => Ok(hint.clone()),
        None => match &workspace.exercise.diagnosis {
            Some(diagnosis) => Ok(format!("{}: {}", diagnosis.answer.id, diagnosis.answer.says)),
            None => Ok(diff(&workspace.start()?, &workspace.solution()?)),
        },
    }
}

/// The difference between two texts, as `diff -u` shows it.
fn diff(start: &str, solution: &str) -> String {
    TextDiff::from_lines(start, solution)
        .unified_diff()
        .context_radius(2)
        .header("start", "solution")
        .to_string()
}
