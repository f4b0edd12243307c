//! A copy of the workbook for building other people's programs, which leaves `my/` alone.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

use crate::host::copy::{copy, copy_all};
use crate::learn::workspace::{MY, Workspace};
use crate::store::Store;
use crate::workbench::Workbench;

/// What cargo needs to build a scenario: every package of the workspace must be there.
const FILES: [&str; 2] = ["Cargo.toml", "Cargo.lock"];
const FOLDERS: [&str; 4] = ["harness", "scenarios", "book/bookgen", "tests"];

/// Folders whose contents aren't sources.
const LEFT_OUT: [&str; 4] = ["results", "records", "target", "node_modules"];

/// The name of the copy's store in its folder.
const STORE: &str = "runs";

/// The copy, for one hand-in at a time.
pub(super) struct Scratch {
    folder: PathBuf,
    pub(super) workbench: Workbench,
}

impl Scratch {
    /// A fresh copy of the workbook at `root`, below its store. Cargo's builds of the dependencies are taken over,
    /// but the workbook itself is built again.
    ///
    /// # Errors
    ///
    /// When the workbook has no sources, or they can't be copied.
    pub(super) fn of(root: &Path, store: &Store) -> Result<Self> {
        if !root.join("Cargo.toml").is_file() {
            bail!("programs are compiled again, and {} isn't the repository of the workbook", root.display());
        }
        let folder = std::path::absolute(store.scratch())?;
        let context = || folder.display().to_string();
        // Whole folders, so that nothing of an older version stays.
        for name in FOLDERS.into_iter().chain([MY, STORE]) {
            absent(fs::remove_dir_all(folder.join(name))).with_context(context)?;
        }
        for name in FOLDERS {
            copy_all(&root.join(name), &folder.join(name), &LEFT_OUT)?;
        }
        for name in FILES {
            copy(&root.join(name), &folder.join(name))?;
        }
        fs::create_dir_all(folder.join(".cargo")).with_context(context)?;
        let config = configuration(root, store)?.to_string();
        fs::write(folder.join(".cargo/config.toml"), config).with_context(context)?;
        let own = Store::at(&folder.join(STORE))?;
        // Cargo puts all programs of one name at one place, also those of a copy.
        symlink(std::path::absolute(store.building_file())?, own.building_file()).with_context(context)?;
        Ok(Scratch { workbench: Workbench::open_in(folder.clone(), own)?, folder })
    }

    /// Puts a source where the learner's is, and nothing next to it.
    ///
    /// # Errors
    ///
    /// When it can't be written.
    pub(super) fn lay(&self, workspace: &Workspace<'_>, source: &str) -> Result<()> {
        absent(fs::remove_dir_all(self.folder.join(MY)))
            .and_then(|()| fs::create_dir_all(workspace.file.parent().unwrap_or(&self.folder)))
            .and_then(|()| fs::write(&workspace.file, source))
            .with_context(|| workspace.file.display().to_string())
    }

    /// Where the records of a run go, which nobody keeps.
    pub(super) fn records(&self) -> PathBuf {
        self.folder.join(STORE).join("records")
    }
}

/// What wasn't there doesn't have to be deleted.
fn absent(deleted: std::io::Result<()>) -> std::io::Result<()> {
    deleted.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

/// The workbook's own configuration of cargo, for a copy of it, and without the network.
fn configuration(root: &Path, store: &Store) -> Result<Table> {
    let path = root.join(".cargo/config.toml");
    let mut config: Table = match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).with_context(|| path.display().to_string())?,
        Err(error) if error.kind() == ErrorKind::NotFound => Table::new(),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    // Its paths are meant from the workbook on.
    let absolute = |value: &mut Value| {
        if let Some(path) = value.as_str() {
            *value = root.join(path).display().to_string().into();
        }
    };
    let sources = config.get_mut("source").and_then(Value::as_table_mut).into_iter().flatten();
    sources.filter_map(|(_, source)| source.get_mut("directory")).for_each(absolute);
    match table(&mut config, "build")?.get_mut("target-dir") {
        Some(built) => absolute(built),
        // Where the store isn't next to what cargo builds, nothing can be built there.
        None if store.folder().starts_with(root) => {
            let built = root.join("target").display().to_string();
            table(&mut config, "build")?.insert("target-dir".into(), built.into());
        }
        None => {}
    }
    table(&mut config, "net")?.insert("offline".into(), true.into());
    Ok(config)
}

fn table<'a>(config: &'a mut Table, name: &str) -> Result<&'a mut Table> {
    let table = config.entry(name).or_insert_with(|| Table::new().into());
    table.as_table_mut().with_context(|| format!("{name} isn't a table in cargo's configuration"))
}
