//! `lab exercise`: puts an exercise into the learner's folder, and prints the task.

use anyhow::Result;

use super::args::ExerciseArgs;
use crate::learn::diagnosis::choices;
use crate::learn::workspace::{Laid, Workspace};
use crate::name::{command, short};
use crate::scenario::{Catalog, Exercise};
use crate::screen::{Screen, print};
use crate::store;

/// Put an exercise into my/, and print its task
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
}

impl Args {
    /// Puts the file of an exercise into the learner's folder, if there is none.
    pub(super) fn run(self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let workspace = self.which.workspace(&root, &catalog)?;
        let laid = workspace.lay()?;
        print(&task(&workspace, laid, &Screen::detect()));
        Ok(0)
    }
}

/// What an exercise asks for, and what to type.
pub(super) fn task(workspace: &Workspace<'_>, laid: Laid, screen: &Screen) -> String {
    let Workspace { scenario, exercise, file } = workspace;
    let words = workspace.words();
    let mut text = format!("{}\n\n", screen.bold(&format!("{}. {}", scenario.number, scenario.title)));
    text.push_str(&screen.wrapped("", &exercise.asks));
    text.push('\n');
    text.push_str(&format!("Open:   {}\n", short(file).display()));
    let my = file.ancestors().nth(2).unwrap_or(file);
    text.push_str(&format!(
        "Editor: open the folder {}, and it sees the whole program\n",
        short(my).display()
    ));
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
    let others: String = scenario
        .exercises
        .iter()
        .filter(|other| *other != *exercise)
        .map(|other| more(workspace, other))
        .collect();
    if !others.is_empty() {
        text.push_str(&format!("\nThis scenario also has:\n{others}"));
    }
    text
}

/// Another exercise of the scenario, and how one gets there.
fn more(workspace: &Workspace<'_>, other: &Exercise) -> String {
    let scenario = workspace.scenario;
    let title = scenario.variant(&other.name).map(|variant| variant.title.as_str()).unwrap_or_default();
    let (number, name) = (scenario.number, &other.name);
    let is_first = scenario.exercises.first() == Some(other);
    let (words, variable) = match is_first {
        true => (number.to_string(), String::new()),
        false => (format!("{number} {name}"), format!(" EXERCISE={name}")),
    };
    format!(
        "  {name}: {title}, about {} minutes\n    {}\n    make exercise-{number}{variable}, and so check, watch, hint, reset\n",
        other.minutes,
        command(&format!("exercise {words}"))
    )
}
