//! `lab progress`: what the learner has done.

use std::path::PathBuf;

use anyhow::Result;

use crate::learn::export::export;
use crate::learn::progress::{Done, Progress};
use crate::learn::workspace::Workspace;
use crate::name::command;
use crate::scenario::Catalog;
use crate::screen::{Screen, print, say};
use crate::store;

/// List the exercises, and mark those that you've done
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write it into a new file to hand in
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

impl Args {
    /// Shows the progress, or writes it into a file to hand in.
    pub(super) fn run(self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let progress = Progress::open(&root)?;
        if let Some(file) = &self.export {
            for name in export(&root, &catalog, &progress, file)? {
                say(&format!("{name} has passed, but its source wasn't kept: `lab check` keeps it again"));
            }
            print(&format!("{} is ready to be handed in\n", file.display()));
            return Ok(0);
        }
        let screen = Screen::detect();
        let exercises = catalog.scenarios().iter().flat_map(|scenario| &scenario.exercises);
        let width = exercises.map(|exercise| exercise.name.len()).max().unwrap_or(0);
        let (mut passed, mut all, mut next) = (0, 0, None);
        for scenario in catalog.scenarios() {
            for exercise in &scenario.exercises {
                let done = progress.done(&scenario.slug, &exercise.name)?;
                let workspace = Workspace::of(&root, scenario, exercise);
                all += 1;
                passed += u32::from(done.passed.is_some());
                if done.passed.is_none() {
                    next.get_or_insert(workspace.words());
                }
                let state = state(&done, &workspace, &screen);
                print(&format!(
                    "{:>2}  {:<16} {:<width$} {state}\n",
                    scenario.number, scenario.slug, exercise.name
                ));
            }
        }
        print(&format!("\n{passed} of {all} passed.\n"));
        let (right, answered) = progress.mysteries_solved();
        if answered > 0 {
            print(&format!("{right} of {answered} mysteries solved.\n"));
        }
        for name in progress.unknown(&catalog) {
            print(&format!("Kept, though this version has no exercise {name}\n"));
        }
        if let Some(words) = next {
            print(&format!("Next:   {}\n", command(&format!("exercise {words}"))));
        }
        Ok(0)
    }
}

/// One exercise, in a few words.
fn state(done: &Done, workspace: &Workspace<'_>, screen: &Screen) -> String {
    let state = match (&done.passed, workspace.file.is_file()) {
        (Some(when), _) => screen.green(&format!("passed {}", when.split('T').next().unwrap_or_default())),
        (None, true) => "begun".to_owned(),
        (None, false) => "not begun".to_owned(),
    };
    let counted = |count: u32, one: &str| match count {
        0 => String::new(),
        1 => format!(", 1 {one}"),
        count => format!(", {count} {one}s"),
    };
    let hints = u32::try_from(done.hints.len()).unwrap_or(u32::MAX);
    format!("{state}{}{}", counted(done.checks, "check"), counted(hints, "hint"))
}
