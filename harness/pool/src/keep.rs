//! How long a file stays once it is written.

use std::fs::remove_file;
use std::io;
use std::path::{Path, PathBuf};

use crate::array::write;
use crate::object::Object;

/// How long a pool keeps the file of an array.
///
/// ```
/// use labpool::{Keep, Options};
///
/// let options = Options { keep: Keep::WhileWanted, ..Options::default() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// As long as the pool itself (joblib's way).
    ///
    /// The same array may come again, and then its file is there. But if every task brings a new
    /// array, nothing is ever given back (joblib issue 1298).
    #[default]
    UntilThePoolEnds,
    /// As long as the program holds the array, or a task that was given it is on its way.
    ///
    /// [`Key::Address`](crate::Key::Address) and [`Key::Content`](crate::Key::Content) don't know
    /// when an array is gone, so with these two a file stays until the pool ends.
    WhileWanted,
}

/// A file of the pool, which is removed when the last of its owners lets go of it.
pub(crate) struct Written {
    path: PathBuf,
}

impl Written {
    /// Writes an array to a new file. What couldn't be written whole is removed again.
    pub(crate) fn write(object: &Object, path: PathBuf) -> io::Result<Self> {
        let written = Written { path };
        write(object, &written.path)?;
        Ok(written)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Written {
    /// Workers that still map the file keep its memory until they unmap it (unlink(2)).
    fn drop(&mut self) {
        // At the end of a pool its folder may be gone already, and the file with it.
        let _ = remove_file(&self.path);
    }
}
