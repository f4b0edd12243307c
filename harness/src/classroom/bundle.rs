//! A bundle: a folder in which `lab` runs every scenario, without Rust and without a network.
//!
//! It has the layout of the repository, so no other code has to know which of the two it's in.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::cross::{Cross, LAB};
use crate::host::copy::{copy, copy_all};
use crate::learn::workspace::MY;
use crate::scenario::RESULTS;
use crate::workbench::program::{self, BIN};
use crate::workbench::{Stop, Workbench};

/// Whether a bundle can also compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sources {
    /// No: its programs are ready-made.
    Left,
    /// Yes, if there is Rust: the sources go with it, and those of every crate that they need.
    Vendored,
}

/// Whether the book is in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Book {
    /// It is.
    Copied,
    /// It wasn't built.
    Missing,
}

/// Makes an empty `folder` a bundle: `lab`, every scenario's program and text, their recorded results, and the
/// book if it was built.
///
/// # Errors
///
/// When something can't be built, copied or fetched; or [`Stop`], if the user has stopped it.
pub(crate) fn make(
    workbench: &Workbench,
    folder: &Path,
    sources: Sources,
    cross: Option<&Cross>,
) -> Result<Book> {
    let Workbench { root, catalog, .. } = workbench;
    fs::create_dir_all(folder.join(BIN)).with_context(|| folder.display().to_string())?;
    // First, because it fails first without a network.
    if sources == Sources::Vendored {
        copy_sources(root, folder)?;
        workbench.unless_stopped(vendor(folder))?;
    }
    let others = cross.map(|cross| workbench.unless_stopped(cross.build(root, catalog))).transpose()?;
    let find = |name: &str| match &others {
        Some(built) => built.get(name).cloned().with_context(|| format!("{name} wasn't built")),
        None if name == LAB => std::env::current_exe().context("the path of lab itself"),
        None => workbench.build(name),
    };
    copy(&find(LAB)?, &folder.join(LAB))?;
    for scenario in catalog.scenarios() {
        go_on(workbench)?;
        copy(&find(&scenario.slug)?, &folder.join(BIN).join(&scenario.slug))?;
        let there = folder.join("scenarios").join(&scenario.slug);
        fs::create_dir_all(&there).with_context(|| there.display().to_string())?;
        copy(&scenario.folder.join("scenario.toml"), &there.join("scenario.toml"))?;
        copy(&scenario.folder.join(&scenario.chapter), &there.join(&scenario.chapter))?;
        let results = scenario.results();
        if results.exists() {
            copy_all(&results, &there.join(RESULTS), &[])?;
        }
    }
    go_on(workbench)?;
    let book = root.join(TARGET).join(SITE);
    if !book.join("index.html").is_file() {
        return Ok(Book::Missing);
    }
    copy_all(&book, &folder.join(TARGET).join(SITE), &[])?;
    go_on(workbench)?;
    Ok(Book::Copied)
}

/// Ctrl-C, which only waits to be read, is for the whole bundle.
fn go_on(workbench: &Workbench) -> Result<()> {
    if workbench.stopped()? {
        return Err(Stop::Interrupted(None).into());
    }
    Ok(())
}

/// Packs a folder into an archive, compressed if its name says so. The folder is the one entry in it. An
/// archive that is there already is replaced.
///
/// # Errors
///
/// When tar(1) isn't there, or fails.
pub(crate) fn pack(folder: &Path, archive: &Path) -> Result<()> {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        bail!("{} has no name", folder.display());
    };
    let mut tar = Command::new("tar");
    // Ctrl-C ends it, as it ends cargo.
    labkit::sys::give_signals(&mut tar, labkit::sys::inherited_signals());
    tar.args(["--create", "--auto-compress", "--file"]).arg(archive).arg("--directory").arg(parent).arg(name);
    if !tar.status().context("tar: is it installed?")?.success() {
        bail!("{} couldn't be written", archive.display());
    }
    Ok(())
}

/// The folder of build output, where mdBook puts the site. A bundle has it too, so a guide only has to name one
/// place.
const TARGET: &str = "target";
const SITE: &str = "book";

/// The folder of the vendored crates.
const VENDOR: &str = "vendor";

/// Copies the files of the repository that are neither built, nor a learner's, nor made by a tool.
fn copy_sources(root: &Path, folder: &Path) -> Result<()> {
    if !root.join("Cargo.toml").is_file() {
        bail!("{} has no sources: make the bundle in the workbook's repository", root.display());
    }
    // The bundle itself may be in the repository.
    let (root, folder) = (root.canonicalize()?, folder.canonicalize()?);
    let own = folder.strip_prefix(&root).ok().and_then(|path| path.components().next());
    let own = own.map(|own| own.as_os_str().to_string_lossy().into_owned()).unwrap_or_default();
    copy_all(&root, &folder, &[TARGET, MY, VENDOR, BIN, ".git", ".cargo", "node_modules", &own])
}

/// Puts the sources of every crate below `folder`, and names it in cargo's configuration.
fn vendor(folder: &Path) -> Result<()> {
    let mut cargo = Command::new(program::cargo_path());
    cargo
        .args(["vendor", "--locked", "--versioned-dirs", VENDOR])
        .current_dir(folder)
        .stderr(Stdio::inherit());
    labkit::sys::give_signals(&mut cargo, labkit::sys::inherited_signals());
    let output = cargo.output().with_context(program::no_cargo)?;
    if !output.status.success() {
        bail!("cargo vendor failed: it needs the network, or crates that were fetched before");
    }
    let config = folder.join(".cargo");
    fs::create_dir_all(&config).with_context(|| config.display().to_string())?;
    // What it prints is the configuration with which cargo finds them.
    fs::write(config.join("config.toml"), output.stdout).with_context(|| config.display().to_string())
}
