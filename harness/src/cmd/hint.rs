//! `lab hint`: the next hint, or one that is asked for.

use anyhow::Result;

use crate::learn::command;
use crate::learn::hints::{LEVELS, hint as text_of, topic};
use crate::learn::progress::Progress;
use crate::learn::workspace::Workspace;
use crate::scenario::Catalog;
use crate::screen::{Screen, print};
use crate::store;

/// Shows a hint, and notes that it was shown.
pub(crate) fn hint(name: &str, exercise: Option<&str>, level: Option<u8>) -> Result<u8> {
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let workspace = Workspace::find(&root, catalog.find(name)?, exercise)?;
    let (slug, exercise) = (&workspace.scenario.slug, &workspace.exercise.name);
    let mut progress = Progress::open(&root)?;
    let seen = progress.done(slug, exercise)?.hints;
    let next = (1..LEVELS).find(|level| !seen.contains(level)).unwrap_or(LEVELS);
    let level = level.unwrap_or(next);
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
