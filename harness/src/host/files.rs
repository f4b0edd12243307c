//! Files: finding them, and writing one without harming anything.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, eaccess, geteuid};

use crate::model::record::followed;

/// Whether a folder is on a filesystem that lives in memory.
pub(crate) fn is_tmpfs(folder: &Path) -> bool {
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

/// Whether a file can be written there, as far as that can be known without writing it.
///
/// # Errors
///
/// Says why it can't.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    let path = followed(path)?;
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(eaccess(&path, AccessFlags::W_OK)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(eaccess(folder_of(&path), AccessFlags::W_OK | AccessFlags::X_OK)?)
        }
        Err(error) => Err(error),
    }
}

/// Writes a whole file, as a shell's `>` would, but whole or not at all. Meanwhile, or when the disk is full, readers
/// have the old one.
///
/// Links are followed. A device or a pipe is written to, and never replaced.
///
/// # Errors
///
/// The file's.
pub(crate) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let path = followed(path)?;
    let there = path.metadata().ok();
    let in_place = there.as_ref().is_some_and(|there| {
        // A file with another name as well, or of another owner, must stay the same file.
        !there.is_file() || there.nlink() > 1 || there.uid() != geteuid().as_raw()
    });
    if in_place {
        let is_file = there.is_some_and(|there| there.is_file());
        return OpenOptions::new().write(true).truncate(is_file).open(&path)?.write_all(text);
    }
    let mode = there.map_or(0o666, |there| there.mode() & 0o7777);
    let new = tempfile::Builder::new()
        .prefix(".lab-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder_of(&path));
    match new {
        Ok(mut new) => {
            new.write_all(text)?;
            new.persist(&path).map_err(|error| error.error)?;
            Ok(())
        }
        // A folder that nothing can be added to may still have a file that can be written.
        Err(_) => fs::write(&path, text),
    }
}

/// Adds to a file, as a shell's `>>` would.
///
/// # Errors
///
/// The file's.
pub(crate) fn append(path: &Path, text: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(followed(path)?)?.write_all(text)
}

/// The folder that a file or folder is in.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_is_replaced_at_once_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let mut reader = File::open(&path).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(io::read_to_string(&mut reader).unwrap(), "old");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link_and_a_second_name_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "old").unwrap();
        symlink("file", at("link")).unwrap();
        write(&at("link"), b"one").unwrap();
        assert!(at("link").is_symlink() && fs::read_to_string(at("file")).unwrap() == "one");
        fs::hard_link(at("file"), at("second")).unwrap();
        write(&at("file"), b"two").unwrap();
        assert_eq!(fs::read_to_string(at("second")).unwrap(), "two");
    }

    #[test]
    fn what_can_not_be_written_is_known_before() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink("file", at("link")).unwrap();
        check(&at("file")).unwrap();
        check(&at("link")).unwrap();
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing was written");
        fs::write(at("file"), "").unwrap();
        check(&at("file")).unwrap();
        for bad in ["", "none/file", "file/file"] {
            assert!(check(&at(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pipe_is_written_to_and_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let mut reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        write(&pipe, b"text").unwrap();
        let mut text = [0; 4];
        io::Read::read_exact(&mut reader, &mut text).unwrap();
        assert_eq!((&text, pipe.metadata().unwrap().is_file()), (b"text", false));
    }
}
