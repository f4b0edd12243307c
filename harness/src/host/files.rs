//! What a file system has to be asked, or is made to do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use nix::sys::statfs::{TMPFS_MAGIC, statfs};

/// Whether a folder is on a file system that lives in memory.
pub(crate) fn is_tmpfs(folder: &Path) -> bool {
    statfs(folder).is_ok_and(|stat| stat.filesystem_type() == TMPFS_MAGIC)
}

/// Copies a file.
///
/// # Errors
///
/// The file system's, with both names.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    Ok(())
}
