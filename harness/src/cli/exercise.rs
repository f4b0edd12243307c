//! `lab exercise`: puts the learner's file there, and prints the task.

use anyhow::Result;

use super::args::ExerciseArgs;
use crate::learn::diagnosis::choices;
use crate::learn::workspace::{Laid, Workspace};
use crate::learn::{command, short};
use crate::scenario::Catalog;
use crate::screen::{Screen, print};
use crate::store;

/// Put an exercise into my/, and print its task
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
}

impl Args {
    /// Puts the file of an exercise into the learner's folder, where there is none.
    pub(super) fn run(self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let workspace = self.which.workspace(&root, &catalog)?;
        let laid = workspace.lay()?;
        print(&task(&workspace, laid, &Screen::detect()));
        Ok(0)
    }
}

fn task(workspace: &Workspace<'_>, laid: Laid, screen: &Screen) -> String {
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
        let note = format!(
            "The file was there already and stays as it is. To start again: {}",
            command(&format!("reset {words}"))
        );
        text.push('\n');
        text.push_str(&screen.wrapped("", &note));
    }
    text
}
