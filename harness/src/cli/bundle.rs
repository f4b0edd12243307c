//! `lab bundle`: one folder or archive for a room without Rust and without a network.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::classroom::bundle::{Book, Sources, make, pack};
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
            Some(name) => {
                let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
                let made =
                    tempfile::tempdir_in(parent.unwrap_or(Path::new("."))).context("a folder to pack")?;
                let folder = made.path().join(name);
                let book = make(&root, &catalog, &folder, sources)?;
                pack(&folder, path)?;
                print(&format!("{} is ready: tar -xf {0} && cd {name} && ./lab run 1\n", path.display()));
                book
            }
            None => {
                let book = make(&root, &catalog, path, sources)?;
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
