//! `lab bundle`: one folder or archive for a room without Rust and without a network.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::classroom::bundle::{Book, Sources, make, pack};
use crate::host::NewFolder;
use crate::scenario::Catalog;
use crate::screen::print;
use crate::store;

/// Make a folder or an archive with lab, every scenario and the book, for machines without Rust
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A new folder; or a new archive, if it ends with .tar or .tar.gz
    path: PathBuf,
    /// Add the sources, with those of all crates, so that exercises compile without a network
    #[arg(long)]
    vendor: bool,
}

impl Args {
    /// Makes a bundle in a folder, or in an archive if the path is named like one.
    pub(super) fn run(self) -> Result<u8> {
        let path = self.path.as_path();
        let sources = if self.vendor { Sources::Vendored } else { Sources::Left };
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let archived = name.strip_suffix(".tar").or_else(|| name.strip_suffix(".tar.gz"));
        let book = match archived {
            Some(_) if path.exists() => {
                bail!("{} is there already: choose another name, or move it away", path.display())
            }
            Some(stem) => {
                let new = NewFolder::beside(path)?;
                let folder = new.path().join(stem);
                let book = make(&root, &catalog, &folder, sources)?;
                let archive = new.path().join(&name);
                pack(&folder, &archive)?;
                fs::rename(&archive, path).with_context(|| path.display().to_string())?;
                print(&format!("{} is ready: tar -xf {0} && cd {stem} && ./lab run 1\n", path.display()));
                book
            }
            None if path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) => {
                bail!("{} is not empty: choose a new folder", path.display())
            }
            None => {
                let new = NewFolder::beside(path)?;
                let book = make(&root, &catalog, new.path(), sources)?;
                new.into_place()?;
                print(&format!("{} is ready: cd {0} && ./lab run 1\n", path.display()));
                book
            }
        };
        match book {
            Book::Copied => print("The book is in it: target/book/index.html\n"),
            Book::Missing => {
                print("The book isn't in it. To add it, type `make book`, and make the bundle again.\n")
            }
        }
        Ok(0)
    }
}
