//! Small questions to file systems, and copies of files and folders.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Whether a folder is on a filesystem that lives in memory.
pub fn is_tmpfs(folder: &Path) -> bool {
    nix::sys::statfs::statfs(folder).is_ok_and(|stat| stat.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC)
}

/// How many files there are below an open folder, and how many bytes they really take.
pub(crate) fn count_below(folder: &File) -> (u64, u64) {
    let sizes = below(folder).into_iter().filter_map(|path| path.symlink_metadata().ok());
    // stat(2) counts in units of 512 bytes.
    sizes.fold((0, 0), |(count, bytes), file| (count + 1, bytes + file.blocks() * 512))
}

/// The files below an open folder.
pub(crate) fn below(folder: &File) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

/// Copies a file, and names both of its paths if that fails.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
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
