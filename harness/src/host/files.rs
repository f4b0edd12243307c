//! Small questions to file systems.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

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
