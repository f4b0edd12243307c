//! `lab bundle`: one folder or archive for a room without Rust and without a network.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::classroom::bundle::{Book, Sources, make, pack};
use crate::classroom::cross::Cross;
use crate::host::NewFolder;
use crate::screen::print;
use crate::workbench::Workbench;

/// Make a folder or an archive with lab, every scenario and the book, for machines without Rust
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A new folder; or a new archive, if it ends with .tar or .tar.gz
    path: PathBuf,
    /// Add all sources, crates included, to compile exercises without a network
    #[arg(long)]
    vendor: bool,
    /// Build the programs for machines of another architecture, such as aarch64-unknown-linux-gnu
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
}

impl Args {
    /// Makes a bundle in a folder, or in an archive if the path is named like one.
    pub(super) fn run(self) -> Result<u8> {
        let path = self.path.as_path();
        let sources = if self.vendor { Sources::Vendored } else { Sources::Left };
        // From here on Ctrl-C is noticed, and a half-made bundle deleted.
        let workbench = Workbench::open()?;
        // Anything missing is reported before the bundle is begun.
        let cross = self.target.as_deref().map(Cross::find).transpose()?;
        let make = |folder: &Path| make(&workbench, folder, sources, cross.as_ref());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let archived = name.strip_suffix(".tar").or_else(|| name.strip_suffix(".tar.gz"));
        let book = match archived {
            Some(_) if path.exists() => {
                bail!("{} already exists: choose another name, or move it away", path.display())
            }
            Some(stem) => {
                let new = NewFolder::beside(path)?;
                let folder = new.path().join(stem);
                let book = make(&folder)?;
                let archive = new.path().join(&name);
                workbench.unless_stopped(pack(&folder, &archive))?;
                fs::rename(&archive, path).with_context(|| path.display().to_string())?;
                print(&format!("{} is ready: tar -xf {0} && cd {stem} && ./lab run 1\n", path.display()));
                book
            }
            None if path.read_dir().is_ok_and(|mut entries| entries.next().is_some()) => {
                bail!("{} isn't empty: choose a new folder", path.display())
            }
            None => {
                let new = NewFolder::beside(path)?;
                let book = make(new.path())?;
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
        print(match self.vendor {
            true => "Exercises compile in it without a network, if Rust is installed.\n",
            false => {
                "Exercises don't compile in it, and neither does a page of a class judge them again: it has no \
                 sources. To add them, type the same with --vendor and a new name.\n"
            }
        });
        Ok(0)
    }
}
