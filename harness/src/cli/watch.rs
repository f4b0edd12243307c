//! `lab watch`: a check after every save.
//!
//! It looks at the file itself a few times a second. The kernel could report a save (inotify(7)), but not one that
//! was made on the other side of a mounted folder, as under WSL or in a container. Reading one small file is quick,
//! and works everywhere.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use super::args::{ExerciseArgs, TryArgs};
use super::check::{check, checked};
use super::exercise::task;
use super::hint;
use crate::learn::progress::Progress;
use crate::learn::workspace::Workspace;
use crate::name::short;
use crate::sandbox::signals::has_the_terminal;
use crate::screen::{Screen, print, say};
use crate::workbench::input::{Pressed, SingleKeys};
use crate::workbench::{Stop, Workbench};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Check an exercise again after every save
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
    #[command(flatten)]
    how: TryArgs,
    /// Check after every Enter instead of every save
    #[arg(long)]
    manual: bool,
}

/// What to type, in one line.
const KEYS: &str = "Save to check again, or press h (next hint), n (next exercise), q (quit).";

/// Clears the screen, and goes to its beginning (console_codes(4)). Lines that have scrolled up stay.
const CLEAR: &str = "\x1b[H\x1b[2J";

impl Args {
    /// Checks, and checks again, until it is stopped.
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let workspace = self.which.workspace(&workbench.root, &workbench.catalog)?;
        let screen = Screen::detect();
        let has_keys = screen.moves && io::stdin().is_terminal() && has_the_terminal();
        if has_keys && !self.manual {
            return self.on_a_terminal(&workbench, workspace, &screen);
        }
        loop {
            let checked = text(&workspace.file);
            if let Err(error) = check(&workbench, &workspace, None, &self.how) {
                not_here(error)?;
            }
            if self.manual {
                print("\nEnter checks again, Ctrl-C ends.\n");
                if workbench.line()?.is_none() {
                    return Ok(0);
                }
            } else {
                let file = short(&workspace.file).display();
                print(&format!("\nWatching {file}: save it for the next check, Ctrl-C ends.\n"));
                saved(&workbench, &workspace.file, checked.as_deref())?;
            }
        }
    }

    /// The same on a screen that is cleared before each check, with keys.
    fn on_a_terminal<'a>(
        &self,
        workbench: &'a Workbench,
        mut workspace: Workspace<'a>,
        screen: &Screen,
    ) -> Result<u8> {
        let mut next = Next::Check;
        loop {
            print(CLEAR);
            let before;
            match next {
                Next::Check => {
                    before = text(&workspace.file);
                    match checked(workbench, &workspace, None, &self.how) {
                        Err(error) => not_here(error)?,
                        // The screen may have another size by now.
                        Ok(checked) => print(&checked.page(1, &Screen::detect())),
                    }
                }
                Next::Exercise => {
                    workspace = after(workbench, &workspace)?;
                    let laid = workspace.lay()?;
                    before = text(&workspace.file);
                    print(&task(&workspace, laid, screen));
                }
                Next::Quit => return Ok(0),
            }
            // Without the end of the line, which would be one more.
            print(KEYS);
            next = pressed(workbench, &workspace, before.as_deref(), screen)?;
            print("\n");
        }
    }
}

/// The next step.
enum Next {
    Check,
    Exercise,
    Quit,
}

/// Waits until the file has changed, or a key says what comes next. A hint is shown meanwhile.
fn pressed(
    workbench: &Workbench,
    workspace: &Workspace<'_>,
    before: Option<&[u8]>,
    screen: &Screen,
) -> Result<Next> {
    let _single = SingleKeys::begin();
    loop {
        match workbench.key(LOOK)? {
            Pressed::Key('h' | 'H') => {
                let hint = hint::shown(&workbench.root, workspace, None, screen)?;
                print(&format!("\n\n{hint}\n{KEYS}"));
            }
            Pressed::Key('n' | 'N') => return Ok(Next::Exercise),
            Pressed::Key('q' | 'Q') | Pressed::End => return Ok(Next::Quit),
            Pressed::Key(_) | Pressed::Nothing => {}
        }
        if is_saved(&workspace.file, before) {
            return Ok(Next::Check);
        }
    }
}

/// The exercise after this one that hasn't passed yet; just the next one, if all have.
fn after<'a>(workbench: &'a Workbench, workspace: &Workspace<'_>) -> Result<Workspace<'a>> {
    let progress = Progress::open(&workbench.root)?;
    let scenarios = workbench.catalog.scenarios().iter();
    let all: Vec<Workspace<'a>> = scenarios
        .flat_map(|scenario| {
            scenario.exercises.iter().map(|exercise| Workspace::of(&workbench.root, scenario, exercise))
        })
        .collect();
    let place = all.iter().position(|other| other.file == workspace.file).map_or(0, |place| place + 1);
    let mut others = all[place..].iter().chain(&all[..place]);
    let is_open = |other: &&Workspace<'_>| {
        let done = progress.done(&other.scenario.slug, &other.exercise.name);
        done.is_ok_and(|done| done.passed.is_none())
    };
    let next = others.clone().find(is_open).or_else(|| others.next());
    Ok(next.context("there is an exercise, since one is watched")?.clone())
}

/// Says what this machine can't show; another error is passed on.
fn not_here(error: anyhow::Error) -> Result<()> {
    match error.downcast_ref() {
        Some(Stop::NotHere(_)) => say(&error.to_string()),
        _ => return Err(error),
    }
    Ok(())
}

/// Waits until the file isn't what it was.
fn saved(workbench: &Workbench, file: &Path, before: Option<&[u8]>) -> Result<()> {
    loop {
        if workbench.stopped()? {
            return Err(Stop::Interrupted(None).into());
        }
        std::thread::sleep(LOOK);
        if is_saved(file, before) {
            return Ok(());
        }
    }
}

/// Whether the file isn't what it was.
fn is_saved(file: &Path, before: Option<&[u8]>) -> bool {
    // An editor may write a new file and rename it, so that for a moment there is none.
    let now = text(file);
    now.is_some() && now.as_deref() != before
}

fn text(file: &Path) -> Option<Vec<u8>> {
    fs::read(file).ok().filter(|text| !text.is_empty())
}
