//! Folders that are there whole or not at all.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::host::files::folder_of;

/// A folder that's filled next to its place, and moved there when it's whole. An interruption leaves the earlier
/// folder, or nothing; a new folder that isn't placed is deleted.
#[derive(Debug)]
pub struct NewFolder {
    made: TempDir,
    place: PathBuf,
}

impl NewFolder {
    /// An empty folder, on the file system of `place`.
    ///
    /// # Errors
    ///
    /// When it can't be made; the folder in which `place` is must be there.
    pub fn beside(place: &Path) -> Result<Self> {
        let made = tempfile::Builder::new()
            .prefix(".lab-")
            .permissions(Permissions::from_mode(0o777))
            .tempdir_in(folder_of(place))
            .with_context(|| place.display().to_string())?;
        Ok(NewFolder { made, place: place.to_owned() })
    }

    /// Where it's filled.
    pub fn path(&self) -> &Path {
        self.made.path()
    }

    /// Moves it to its place. A folder that is there already is deleted.
    ///
    /// # Errors
    ///
    /// If it can't be moved. Then the earlier folder is still there.
    pub fn into_place(self) -> Result<()> {
        let context = || self.place.display().to_string();
        // Nothing is there for the moment between the two: rename(2) replaces no folder with files in it, and
        // not every file system can exchange two.
        let old = match self.place.exists() {
            true => {
                let old = NewFolder::beside(&self.place)?;
                fs::rename(&self.place, old.path()).with_context(context)?;
                Some(old)
            }
            false => None,
        };
        let moved = fs::rename(self.path(), &self.place);
        if let (Err(_), Some(old)) = (&moved, &old) {
            fs::rename(old.path(), &self.place).with_context(context)?;
        }
        moved.with_context(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_whole_or_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("place");
        let write = |new: &NewFolder, text: &str| fs::write(new.path().join("file"), text).unwrap();
        let read = || fs::read_to_string(place.join("file")).unwrap();
        let first = NewFolder::beside(&place).unwrap();
        write(&first, "first");
        assert!(!place.exists());
        first.into_place().unwrap();
        assert_eq!(read(), "first");
        let second = NewFolder::beside(&place).unwrap();
        write(&second, "second");
        assert_eq!(read(), "first");
        second.into_place().unwrap();
        let third = NewFolder::beside(&place).unwrap();
        write(&third, "third");
        drop(third);
        assert_eq!(read(), "second");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing else is left");
    }
}
