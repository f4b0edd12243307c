//! `lab class`: one page of a class's submissions.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::classroom::page::page;
use crate::classroom::read;
use crate::classroom::recheck::{Found, recheck};
use crate::model::verdict::Status;
use crate::scenario::Catalog;
use crate::screen::{print, say};
use crate::store;

/// The name of the page. No submission has this name.
const PAGE: &str = "class.html";

/// Make one page of a class's submissions: all curves, who passed what, the guesses, and who can run what
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder with the files that `lab progress --export` and `lab doctor --export` have written
    folder: PathBuf,
    /// Build each source that was handed in as passed, judge it again, and mark what differs
    #[arg(long)]
    recheck: bool,
    /// How large the programs are run for that; without it, as large as each was handed in
    #[arg(long, requires = "recheck")]
    size: Option<String>,
}

impl Args {
    /// Reads the files of a folder, and writes the page next to them.
    pub(super) fn run(self) -> Result<u8> {
        let folder = self.folder.as_path();
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let mut room = read(&catalog, folder)?;
        for (name, why) in &room.skipped {
            say(&format!("skipped {name}: {why}"));
        }
        if self.recheck {
            let said = |line: &str| print(&format!("{line}\n"));
            recheck(&root, &catalog, &mut room, self.size.as_deref(), &said)?;
        }
        let path = folder.join(PAGE);
        // Whole or not at all. A link of this name that was handed in is replaced rather than followed.
        let write = || -> Result<()> {
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(page(&catalog, &room).as_bytes())?;
            file.persist(&path)?;
            Ok(())
        };
        write().with_context(|| path.display().to_string())?;
        let (read, skipped) = (room.learners.len() + room.machines.len(), room.skipped.len());
        let differ = room.found().filter(|found| matches!(found, Found::Differs(_))).count();
        let judged = match room.rechecked {
            true => format!(", {} judged again, {differ} of them differ", room.found().count()),
            false => String::new(),
        };
        print(&format!("{} is ready: {read} handed in, {skipped} skipped{judged}\n", path.display()));
        Ok(if differ == 0 { Status::Holds } else { Status::Fails }.exit_code())
    }
}
