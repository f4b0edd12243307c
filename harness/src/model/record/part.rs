//! The file that a record is written to before it has its name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc::O_NOFOLLOW;
use nix::unistd::geteuid;

/// A file for the beginning of a record, which no other recorder writes to.
pub(super) fn part_of(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut number = 1;
    loop {
        let end = if number == 1 { ".part".to_owned() } else { format!(".{number}.part") };
        let mut part = path.as_os_str().to_owned();
        part.push(end);
        let part = PathBuf::from(part);
        let mut new = OpenOptions::new();
        new.write(true).custom_flags(O_NOFOLLOW);
        let (file, is_new) = match new.create_new(true).open(&part) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (stale(&part), false),
            file => (Some(file?), true),
        };
        // The lock goes with its holder, however that ends: so a part without one is nobody's.
        // A file system that knows no locks doesn't tell who lives; a file that is new is nobody else's there.
        let is_free = |file: &File| match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => is_new,
        };
        if let Some(file) = file.filter(is_free) {
            file.set_len(0)?;
            return Ok((file, part));
        }
        number += 1;
    }
}

/// The leftover part of a killed recorder, if it is one: a file that's ours and begins as a record does.
fn stale(part: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).custom_flags(O_NOFOLLOW).open(part).ok()?;
    let there = file.metadata().ok()?;
    let mut begin = Vec::new();
    (&file).take(BEGIN.len() as u64).read_to_end(&mut begin).ok()?;
    let is_ours = there.is_file() && there.uid() == geteuid().as_raw() && BEGIN.starts_with(&begin);
    if !is_ours {
        return None;
    }
    // Written from its start, once its lock is had.
    OpenOptions::new().write(true).custom_flags(O_NOFOLLOW).open(part).ok()
}

/// How every record begins.
const BEGIN: &[u8] = b"{\"header\":";
