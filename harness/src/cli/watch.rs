//! `lab watch`: a check after every save.
//!
//! It looks at the file itself a few times a second. The kernel could report a save (inotify(7)), but
//! not one that was made on the other side of a mounted folder, as under WSL or in a container. One
//! small file is read in no time, so there is one way that works everywhere.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::args::{ExerciseArgs, TryArgs};
use super::check::check;
use crate::learn::short;
use crate::screen::{print, say};
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
    /// Check after every Enter, instead of after every save
    #[arg(long)]
    manual: bool,
}

impl Args {
    /// Checks, and checks again, until it is stopped.
    pub(super) fn run(self) -> Result<u8> {
        let workbench = Workbench::open()?;
        let workspace = self.which.workspace(&workbench.root, &workbench.catalog)?;
        loop {
            let checked = text(&workspace.file);
            match check(&workbench, &workspace, None, &self.how) {
                Err(error) if !matches!(error.downcast_ref(), Some(Stop::NotHere(_))) => return Err(error),
                Err(not_here) => say(&not_here.to_string()),
                Ok(_) => {}
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
}

/// Waits until the file is not what it was.
fn saved(workbench: &Workbench, file: &Path, before: Option<&[u8]>) -> Result<()> {
    loop {
        if workbench.stopped()? {
            return Err(Stop::Interrupted(None).into());
        }
        std::thread::sleep(LOOK);
        // An editor may write a new file and rename it, so that for a moment there is none.
        let now = text(file);
        if now.is_some() && now.as_deref() != before {
            return Ok(());
        }
    }
}

fn text(file: &Path) -> Option<Vec<u8>> {
    fs::read(file).ok().filter(|text| !text.is_empty())
}
