//! Copies of files and folders.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result};

/// Copies a file with its time, by which cargo recognises new files, and names both of its paths if that fails.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    let copied = || {
        fs::copy(from, to)?;
        File::open(to)?.set_modified(from.metadata()?.modified()?)
    };
    copied().with_context(|| format!("copying {} to {}", from.display(), to.display()))
}

/// Copies a folder with all that is in it, except for entries with these names.
pub(crate) fn copy_all(from: &Path, to: &Path, left_out: &[&str]) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in from.read_dir().with_context(|| from.display().to_string())? {
        let entry = entry.with_context(|| from.display().to_string())?;
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().with_context(|| path.display().to_string())?;
        if left_out.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        match () {
            () if kind.is_symlink() => link(&path, &copied)?,
            () if kind.is_dir() => copy_all(&path, &copied, left_out)?,
            () => copy(&path, &copied)?,
        }
    }
    Ok(())
}

fn link(from: &Path, to: &Path) -> Result<()> {
    let target = fs::read_link(from).with_context(|| from.display().to_string())?;
    symlink(target, to).with_context(|| to.display().to_string())
}
