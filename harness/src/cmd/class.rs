//! `lab class`: one page of what a room has handed in.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::classroom::page::page;
use crate::classroom::read;
use crate::scenario::Catalog;
use crate::screen::print;
use crate::store;

/// The name of the page. It is no name of a file that is handed in.
const PAGE: &str = "class.html";

/// Reads the files of a folder, and writes the page beside them.
pub(crate) fn class(folder: &Path) -> Result<u8> {
    let catalog = Catalog::load(&store::root()?)?;
    let room = read(&catalog, folder)?;
    for (name, why) in &room.skipped {
        eprintln!("lab: skipped {name}: {why}");
    }
    let path = folder.join(PAGE);
    // At once and whole; and where a link of this name was handed in, it is replaced and not followed.
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
