//! `lab exercise`: puts the learner's file there, and says what is asked.

use anyhow::Result;

use crate::learn::diagnosis::choices;
use crate::learn::workspace::{Laid, Workspace};
use crate::learn::{command, short};
use crate::scenario::Catalog;
use crate::screen::{Screen, print};
use crate::store;

/// Puts the file of an exercise into the learner's folder, where there is none.
pub(crate) fn exercise(name: &str, exercise: Option<&str>) -> Result<u8> {
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let workspace = Workspace::find(&root, catalog.find(name)?, exercise)?;
    let laid = workspace.lay()?;
    print(&told(&workspace, laid, &Screen::detect()));
    Ok(0)
}

fn told(workspace: &Workspace<'_>, laid: Laid, screen: &Screen) -> String {
    let Workspace { scenario, exercise, file } = workspace;
    let words = workspace.words();
    let mut text = format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
    text.push_str(&screen.wrapped("", &exercise.asks));
    text.push('\n');
    text.push_str(&format!("Open:   {}\n", short(file).display()));
    text.push_str(&format!("Time:   about {} minutes\n", exercise.minutes));
    text.push_str(&format!("Check:  {}\n", command(&format!("check {words}"))));
    text.push_str(&format!("Stuck:  {}\n", command(&format!("hint {words}"))));
    if let Some(diagnosis) = &exercise.diagnosis {
        text.push_str(&format!("\n{}", choices(workspace, diagnosis, screen)));
    }
    if laid == Laid::Before {
        let kept = format!(
            "The file was there already and stays as it is. To begin anew: {}",
            command(&format!("reset {words}"))
        );
        text.push('\n');
        text.push_str(&screen.wrapped("", &kept));
    }
    text
}
