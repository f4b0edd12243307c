//! `lab hint`: the next hint, or one that is asked for.

use anyhow::Result;

use super::args::ExerciseArgs;
use crate::learn::command;
use crate::learn::hints::{LEVELS, hint as text_of, topic};
use crate::learn::progress::Progress;
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
        let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
        let mut progress = Progress::open(&root)?;
        let seen = progress.done(slug, exercise)?.hints;
        let next = (1..LEVELS).find(|level| !seen.contains(level)).unwrap_or(LEVELS);
        let level = self.level.unwrap_or(next);
        let text = text_of(&workspace, level)?;
        progress.hint(slug, exercise, level)?;

        let screen = Screen::detect();
        let heading = format!("Hint {level} of {LEVELS}: {}", topic(level));
        print(&format!("{}\n", screen.bold(&heading)));
        // A difference is shown as it is: its lines are code.
        let is_code = level == LEVELS && workspace.exercise.diagnosis.is_none();
        print(&if is_code { text } else { screen.wrapped("", &text) });
        let words = workspace.words();
        let more = if level < LEVELS {
            format!("More:   {}\n", command(&format!("hint {words}")))
        } else {
            String::new()
        };
        print(&format!("\nCheck:  {}\n{more}", command(&format!("check {words}"))));
        Ok(0)
    }
}
