//! `lab class`: one page of a class's submissions.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::classroom::page::page;
use crate::classroom::read;
use crate::scenario::Catalog;
use crate::screen::{print, say};
use crate::store;

/// The name of the page. No submission has this name.
const PAGE: &str = "class.html";

/// Make one page of a class's submissions: who passed what, all curves, and the guesses
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder with the files that `lab progress --export` has written
    folder: PathBuf,
}

impl Args {
    /// Reads the files of a folder, and writes the page next to them.
    pub(super) fn run(self) -> Result<u8> {
        let folder = self.folder.as_path();
        let catalog = Catalog::load(&store::root()?)?;
        let room = read(&catalog, folder)?;
        for (name, why) in &room.skipped {
            say(&format!("skipped {name}: {why}"));
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
        let (read, skipped) = (room.learners.len(), room.skipped.len());
        print(&format!("{} is ready: {read} handed in, {skipped} skipped\n", path.display()));
        Ok(0)
    }
}
