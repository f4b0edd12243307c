//! How a record is written while its run goes on.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use nix::unistd::geteuid;

use super::compaction::{Compaction, RECENT};
use super::part::part_of;
use super::spool::Spool;
use super::{Line, RecordError};

/// Appends lines to a record that is being made.
#[derive(Debug)]
pub struct Writer {
    file: File,
    /// What the record is called until it is finished; `None` if it goes straight into a device or pipe.
    part: Option<PathBuf>,
    path: PathBuf,
    /// So many bytes are in the file.
    length: u64,
    /// With so many bytes it is to be made shorter.
    enough: u64,
    /// When the latest sample was taken, in microseconds.
    latest: u64,
    compaction: Option<Compaction>,
    /// Its copy in a shared folder, and the name that it gets there.
    spool: Option<(Spool, PathBuf)>,
    /// The file being written.
    text: Vec<u8>,
}

/// A record up to this long, in bytes, stays as it was written.
const ENOUGH: u64 = 24 << 20;

impl Writer {
    /// Begins the record `path`. Until it's finished it's called `path` with `.part` at the end, and an earlier file
    /// at `path` stays as it is.
    ///
    /// A link is followed, and a device or a pipe is written to, as a shell's `>` would. What a recorder
    /// that was killed has left in such a `.part` is taken over.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let failed = |path: &Path, error| RecordError::File { path: path.to_owned(), error };
        let path = followed(path).map_err(|error| failed(path, error))?;
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            let file = OpenOptions::new().write(true).open(&path).map_err(|error| failed(&path, error))?;
            return Ok(Self::to(file, None, path));
        }
        let (file, part) = part_of(&path).map_err(|error| failed(&path, error))?;
        if let Ok(there) = path.metadata() {
            // What takes the place of a file is for the same eyes.
            file.set_permissions(there.permissions()).map_err(|error| failed(&part, error))?;
        }
        Ok(Self::to(file, Some(part), path))
    }

    /// Begins the record `path`, and writes it to a new folder in `first` meanwhile: `path` is on a shared file
    /// system, which may be slow or away for a while. There, a file called `path` with `.part` at the end follows it.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub(crate) fn create_first_in(first: &Path, path: &Path) -> Result<Self, RecordError> {
        let failed = |error| RecordError::File { path: path.to_owned(), error };
        let shared = followed(path).map_err(failed)?;
        let folder = tempfile::Builder::new().prefix("lab-").tempdir_in(first).map_err(failed)?;
        let mut writer = Self::create(&folder.path().join(shared.file_name().unwrap_or_default()))?;
        if let Some(part) = &writer.part {
            let spool = Spool::begin(part, &shared).map_err(failed)?;
            writer.spool = Some((spool, shared));
        }
        // A killed recorder leaves it.
        let _ = folder.keep();
        Ok(writer)
    }

    fn to(file: File, part: Option<PathBuf>, path: PathBuf) -> Self {
        let (compaction, spool) = (None, None);
        Writer { file, part, path, length: 0, enough: ENOUGH, latest: 0, compaction, spool, text: Vec::new() }
    }

    /// Writes one line, whole.
    ///
    /// # Errors
    ///
    /// The file's, with its name: most often that the disk is full.
    pub fn write(&mut self, line: &Line) -> Result<(), RecordError> {
        self.write_all(std::slice::from_ref(line))
    }

    /// Writes lines, whole, with a single write(2). A record that grows long is made shorter meanwhile: its last
    /// five minutes stay, and of older time the extremes.
    ///
    /// # Errors
    ///
    /// As [`write`](Writer::write).
    pub(crate) fn write_all(&mut self, lines: &[Line]) -> Result<(), RecordError> {
        self.text.clear();
        for line in lines {
            serde_json::to_writer(&mut self.text, line).expect("a line of a record is plain data");
            self.text.push(b'\n');
            if let Line::Samples(block) = line {
                self.latest = self.latest.max(block.samples.t.last().copied().unwrap_or(0));
            }
        }
        self.file.write_all(&self.text).map_err(|error| self.failed(error))?;
        self.length += self.text.len() as u64;
        self.shorten();
        Ok(())
    }

    /// Begins to make a long record shorter, or goes on with the shorter one when that is made. If it can't be
    /// made, as on a full disk, the long one goes on, and it is tried again when that is twice as long.
    fn shorten(&mut self) {
        let Some(part) = &self.part else { return };
        if let Some(done) = self.compaction.take_if(|compaction| compaction.is_done()) {
            if let Ok((file, length)) = done.take_place() {
                (self.file, self.length, self.enough) = (file, length, 2 * length);
            }
        } else if self.compaction.is_none() && self.length >= self.enough {
            self.enough = 2 * self.length;
            let recent = self.latest.saturating_sub(RECENT);
            let short = part_of(&self.path).and_then(|(file, short)| {
                file.set_permissions(self.file.metadata()?.permissions())?;
                Ok((file, short))
            });
            self.compaction =
                short.and_then(|short| Compaction::begin(part, self.length, recent, short)).ok();
        }
    }

    /// Gives the finished record its name.
    ///
    /// # Errors
    ///
    /// The file's, with its name.
    pub fn finish(mut self) -> Result<PathBuf, RecordError> {
        // One that isn't made yet is left.
        drop(self.compaction.take());
        if let Some(part) = &self.part {
            fs::rename(part, &self.path).map_err(|error| self.failed(error))?;
        }
        if let Some((spool, shared)) = self.spool {
            let local = self.path;
            return match spool.finish(&local) {
                Ok(()) => Ok(shared),
                Err(error) => Err(RecordError::Stays { path: shared, local, error }),
            };
        }
        Ok(self.path)
    }

    /// Makes the record shorter from so many bytes on.
    #[cfg(test)]
    pub(super) fn make_shorter_from(&mut self, bytes: u64) {
        self.enough = bytes;
    }

    /// Waits until no shorter record is being made. A run has time for that; a test of hours in a second doesn't.
    pub fn wait_until_shorter(&mut self) {
        while self.compaction.as_ref().is_some_and(|compaction| !compaction.is_done()) {
            std::thread::yield_now();
        }
        self.shorten();
    }

    fn failed(&self, error: io::Error) -> RecordError {
        RecordError::File { path: self.path.clone(), error }
    }
}

/// Whether a recorder that lives writes to this part.
pub(crate) fn is_being_written(part: &Path) -> bool {
    let file = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(part);
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// A path with the links at its end followed, also where the last one leads to nothing yet.
///
/// # Errors
///
/// A link that somebody else has put into a folder where everybody may write isn't followed, as the kernel
/// has it too (protected_symlinks of proc_sys_fs(5)).
pub(crate) fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // As many as the kernel follows (path_resolution(7)).
    for _ in 0..40 {
        let Ok(target) = fs::read_link(&path) else { return Ok(path) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (link, around) = (path.symlink_metadata()?, folder.metadata()?);
        let is_for_everybody = around.mode() & 0o1002 == 0o1002;
        if is_for_everybody && ![geteuid().as_raw(), around.uid()].contains(&link.uid()) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is another user's link"));
        }
        let next = folder.join(target);
        if next.symlink_metadata().is_err() && path.metadata().is_ok() {
            // What /dev/stdout leads to may be a pipe that has no name in any folder (proc_pid_fd(5)).
            return Ok(path);
        }
        path = next;
    }
    Err(io::Error::from_raw_os_error(nix::libc::ELOOP))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::model::record::tests::names;

    fn write(path: &Path) {
        let mut writer = Writer::create(path).unwrap();
        writer.write(&Line::Done(super::super::Progress { t: 1, count: 1 })).unwrap();
        writer.finish().unwrap();
    }

    #[test]
    fn what_a_killed_recorder_has_left_is_taken_over_and_what_others_have_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        fs::write(folder.path().join("r.part"), "{\"header\":{}}\nand more that is longer").unwrap();
        write(&path);
        assert_eq!(names(folder.path()), ["r"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"done\":{\"t\":1,\"count\":1}}\n");

        fs::write(folder.path().join("r.part"), "somebody's own").unwrap();
        symlink("elsewhere", folder.path().join("r.2.part")).unwrap();
        write(&path);
        assert_eq!(names(folder.path()), ["r", "r.2.part", "r.part"]);
        assert_eq!(fs::read_to_string(folder.path().join("r.part")).unwrap(), "somebody's own");
    }

    #[test]
    fn a_record_in_the_place_of_a_file_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        write(&path);
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o640);
    }

    #[test]
    fn two_recorders_of_one_name_do_not_write_into_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r");
        let (one, other) = (Writer::create(&path).unwrap(), Writer::create(&path).unwrap());
        assert_ne!(one.part, other.part);
        let part = one.part.clone().unwrap();
        assert!(is_being_written(&part));
        one.finish().unwrap();
        other.finish().unwrap();
        assert!(!is_being_written(&part) && !is_being_written(&path));
        assert_eq!(names(folder.path()), ["r"]);
    }

    #[test]
    fn a_link_is_followed_and_a_pipe_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        symlink("target", &link).unwrap();
        write(&link);
        assert!(link.is_symlink() && target.is_file());

        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let _reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        write(&pipe);
        assert!(!pipe.metadata().unwrap().is_file());
    }
}
