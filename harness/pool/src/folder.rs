//! The folder of a pool.

use std::fs::{DirBuilder, remove_dir_all};
use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf, absolute};

use nix::sys::statvfs::statvfs;

use crate::Error;
use crate::tracker::Tracker;

/// The memory that every Linux machine has in the form of a file system (tmpfs(5)).
const SHM: &str = "/dev/shm";

/// A folder that only its owner can read, and that is gone when this is dropped, or its process dies.
pub(crate) struct Folder {
    path: PathBuf,
    tracker: Tracker,
}

impl Folder {
    /// Makes a folder of a new, unpredictable name in `parent`.
    pub(crate) fn make(parent: &Path) -> Result<Self, Error> {
        // Absolute, since the program may go to another folder, and its workers stay where they are.
        let parent = absolute(parent).map_err(|source| Error::Folder { path: parent.to_owned(), source })?;
        let path = parent.join(format!("labpool-{:016x}{:016x}", random(), random()));
        // The tracker comes first: the folder never exists without it.
        let tracker = Tracker::start(&path).map_err(Error::Start)?;
        let folder = Folder { path, tracker };
        let made = DirBuilder::new().mode(0o700).create(&folder.path);
        made.map_err(|source| Error::Folder { path: folder.path.clone(), source })?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.tracker.clean_up();
        // In case that someone has killed the tracker. As a rule there is nothing left to remove.
        let _ = remove_dir_all(&self.path);
    }
}

/// Where a pool makes its folder by default: in /dev/shm if that has at least `minimum`
/// bytes to spare, else in the folder for temporary files.
///
/// Asked once, when the pool starts, as joblib does; how much is there later is another question.
pub(crate) fn choose(minimum: u64) -> PathBuf {
    if spare(Path::new(SHM)) >= minimum { PathBuf::from(SHM) } else { std::env::temp_dir() }
}

/// How many bytes the file system of a folder has to spare (statvfs(3)); 0 if it's unknown.
pub(crate) fn spare(folder: &Path) -> u64 {
    statvfs(folder).map_or(0, |system| system.blocks_available() * system.fragment_size())
}

/// Std draws the key of its hasher from the system's random numbers.
fn random() -> u64 {
    RandomState::new().hash_one("labpool")
}
