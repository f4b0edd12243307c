//! The programs of the scenarios: built by cargo in the repository, ready-made in a bundle.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::catalog::Catalog;
use crate::reference::RESULTS;

/// The folder of ready-made programs in a bundle.
const BIN: &str = "bin";

/// The program of a scenario, built first where there is something to build.
///
/// # Errors
///
/// When cargo is not there, or the scenario does not compile; cargo's own words go to the terminal.
pub fn find(root: &Path, slug: &str) -> Result<PathBuf> {
    let ready = root.join(BIN).join(slug);
    if ready.is_file() {
        return Ok(ready);
    }
    if !root.join("Cargo.toml").is_file() {
        bail!(
            "{} is neither the workbook's repository nor a bundle with {}",
            root.display(),
            ready.display()
        );
    }
    build(root, slug)
}

fn build(root: &Path, slug: &str) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(&cargo)
        .args(["build", "--release", "--message-format=json-render-diagnostics", "--package", slug])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{}: is Rust installed?", cargo.display()))?;
    if !output.status.success() {
        bail!("{slug} could not be built");
    }
    let messages = output.stdout.split(|&byte| byte == b'\n');
    let artifacts = messages.filter_map(|message| serde_json::from_slice::<Artifact>(message).ok());
    let built =
        artifacts.filter(|artifact| artifact.target.name == slug).find_map(|artifact| artifact.executable);
    built.with_context(|| format!("the package {slug} has no program of that name"))
}

/// What cargo says about something that it has built.
#[derive(Deserialize)]
struct Artifact {
    executable: Option<PathBuf>,
    target: Target,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Makes `folder` a bundle: `lab`, every scenario's program and text, and their recorded results.
///
/// # Errors
///
/// When the folder is not empty, or something can not be built or copied.
pub fn bundle(root: &Path, catalog: &Catalog, folder: &Path) -> Result<()> {
    if folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: choose a new folder", folder.display());
    }
    fs::create_dir_all(folder.join(BIN)).with_context(|| folder.display().to_string())?;
    let lab = std::env::current_exe().context("the path of lab itself")?;
    copy(&lab, &folder.join("lab"))?;
    for scenario in catalog.scenarios() {
        copy(&find(root, &scenario.slug)?, &folder.join(BIN).join(&scenario.slug))?;
        let there = folder.join("scenarios").join(&scenario.slug);
        fs::create_dir_all(&there).with_context(|| there.display().to_string())?;
        copy(&scenario.folder.join("scenario.toml"), &there.join("scenario.toml"))?;
        copy(&scenario.folder.join(&scenario.chapter), &there.join(&scenario.chapter))?;
        let results = scenario.folder.join(RESULTS);
        if results.exists() {
            copy_all(&results, &there.join(RESULTS))?;
        }
    }
    Ok(())
}

/// Copies a folder with all that is in it.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in from.read_dir().with_context(|| from.display().to_string())? {
        let entry = entry.with_context(|| from.display().to_string())?;
        let copied = to.join(entry.file_name());
        if entry.path().is_dir() { copy_all(&entry.path(), &copied)? } else { copy(&entry.path(), &copied)? }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}
