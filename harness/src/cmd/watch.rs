//! `lab watch`: a check after every save.
//!
//! It looks at the file itself a few times a second. The kernel could tell of a save (inotify(7)), but
//! not of one that was made on the other side of a mounted folder, as under WSL or in a container. One
//! small file is read in no time, so there is one way that works everywhere.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use super::input::{Input, line};
use super::run::Form;
use super::{INTERRUPTED, Lab, check};
use crate::learn::workspace::Workspace;
use crate::learn::{command, short};
use crate::screen::print;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// When the next check begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// After every save.
    Saved,
    /// After every Enter.
    Asked,
}

/// Checks, and checks again, until it is stopped.
pub(crate) fn watch(name: &str, exercise: Option<&str>, size: &str, when: When, form: Form) -> Result<u8> {
    let lab = Lab::open()?;
    let workspace = Workspace::find(&lab.root, lab.catalog.find(name)?, exercise)?;
    if !workspace.file.is_file() {
        let words = workspace.words();
        bail!(
            "{} is not there: {} puts it there",
            short(&workspace.file).display(),
            command(&format!("exercise {words}"))
        );
    }
    loop {
        let checked = text(&workspace.file);
        if check::once(&lab, &workspace, None, size, form)? == INTERRUPTED {
            return Ok(INTERRUPTED);
        }
        let file = short(&workspace.file).display();
        match when {
            When::Saved => print(&format!("\nWatching {file}: save it for the next check, Ctrl-C ends.\n")),
            When::Asked => print("\nEnter checks again, Ctrl-C ends.\n"),
        }
        let stopped = match when {
            When::Saved => saved(&lab, &workspace.file, checked.as_deref())?,
            When::Asked => match line(&lab)? {
                Input::Line(_) => None,
                Input::End => Some(0),
                Input::Stopped => Some(INTERRUPTED),
            },
        };
        if let Some(code) = stopped {
            return Ok(code);
        }
    }
}

/// Waits until the file is not what it was; returns the exit code when it was stopped.
fn saved(lab: &Lab, file: &Path, before: Option<&[u8]>) -> Result<Option<u8>> {
    loop {
        if lab.stopped()? {
            return Ok(Some(INTERRUPTED));
        }
        std::thread::sleep(LOOK);
        // An editor may write a new file and rename it, so that for a moment there is none.
        let now = text(file);
        if now.is_some() && now.as_deref() != before {
            return Ok(None);
        }
    }
}

fn text(file: &Path) -> Option<Vec<u8>> {
    fs::read(file).ok().filter(|text| !text.is_empty())
}
