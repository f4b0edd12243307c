//! `lab hint`: the next hint, or a certain one.

use std::path::Path;

use anyhow::Result;

use super::args::ExerciseArgs;
use crate::learn::hints::{LEVELS, hint as text_of, topic};
use crate::learn::progress::Progress;
use crate::learn::workspace::Workspace;
use crate::name::command;
use crate::scenario::Catalog;
use crate::screen::{Screen, print};
use crate::store;

/// Show the next hint on an exercise; the last one is the solution
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
    /// Show the hint of this level
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=i64::from(LEVELS)))]
    level: Option<u8>,
}

impl Args {
    /// Shows a hint, and notes that it was shown.
    pub(super) fn run(self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let workspace = self.which.workspace(&root, &catalog)?;
        print(&shown(&root, &workspace, self.level, &Screen::detect())?);
        Ok(0)
    }
}

/// The hint of a level, or the next one, which is noted as shown.
pub(super) fn shown(
    root: &Path,
    workspace: &Workspace<'_>,
    level: Option<u8>,
    screen: &Screen,
) -> Result<String> {
    let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
    let mut progress = Progress::open(root)?;
    let seen = progress.done(slug, exercise)?.hints;
    let next = (1..LEVELS).find(|level| !seen.contains(level)).unwrap_or(LEVELS);
    let level = level.unwrap_or(next);
    let hint = text_of(workspace, level)?;
    progress.hint(slug, exercise, level)?;

    let heading = format!("Hint {level} of {LEVELS}: {}", topic(level));
    let mut text = format!("{}\n", screen.bold(&heading));
    // A difference is shown as it is: its lines are code.
    let is_code = level == LEVELS && workspace.exercise.diagnosis.is_none();
    text.push_str(&if is_code { hint } else { screen.wrapped("", &hint) });
    let words = workspace.words();
    text.push_str(&format!("\nCheck:  {}\n", command(&format!("check {words}"))));
    if level < LEVELS {
        text.push_str(&format!("More:   {}\n", command(&format!("hint {words}"))));
    }
    Ok(text)
}
