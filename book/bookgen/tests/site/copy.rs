//! A copy of what the book is made from, in which a test may break anything.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// The whole site, built once for all tests that only look at it.
pub(crate) static SITE: LazyLock<Copy> = LazyLock::new(|| {
    let copy = Copy::new();
    copy.build().expect("the book of the repository can be built");
    copy
});

/// A copy of the repository's book and scenarios, of the results of its benches, and of what a page shows.
pub(crate) struct Copy {
    folder: TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder for a copy");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for part in ["book", "scenarios", "harness/results", "harness/pool/results", ".github/classroom"] {
            copy(&root.join(part), &folder.path().join(part));
        }
        // Only read, and too large for a copy: some mysteries are records of the test of the diagnosis.
        symlink(root.join("tests"), folder.path().join("tests")).expect("a copy can be written");
        Copy { folder }
    }

    /// A path in the copy.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The built site.
    pub(crate) fn site(&self) -> PathBuf {
        self.path("target/book")
    }

    /// Writes the fragments again.
    pub(crate) fn fragments(&self) -> Result<(), String> {
        self.bookgen("fragments", &[])
    }

    /// Builds the site; an error is what `bookgen` says.
    pub(crate) fn build(&self) -> Result<(), String> {
        self.bookgen("build", &[])
    }

    /// Builds the site with these variables, by which mdBook is configured.
    pub(crate) fn build_with(&self, variables: &[(&str, &str)]) -> Result<(), String> {
        self.bookgen("build", variables)
    }

    /// Puts `new` in the place of the first `old` in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).expect("the file to edit is there");
        assert!(text.contains(old), "{} does not contain {old}", path.display());
        fs::write(path, text.replacen(old, new, 1)).expect("a copy can be written");
    }

    /// A command of `bookgen`, not started yet.
    pub(crate) fn command(&self, command: &str) -> Command {
        let mut bookgen = Command::new(env!("CARGO_BIN_EXE_bookgen"));
        // Records are looked for below the copy, and not where cargo builds.
        bookgen.arg(command).current_dir(self.folder.path()).env_remove("CARGO_TARGET_DIR");
        bookgen
    }

    fn bookgen(&self, command: &str, variables: &[(&str, &str)]) -> Result<(), String> {
        let Output { status, stderr, .. } =
            self.command(command).envs(variables.iter().copied()).output().expect("bookgen can be started");
        match status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&stderr).into_owned()),
        }
    }
}

/// Copies a folder as it is, links as links, but for what is built and installed.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a copy can be written");
    for entry in from.read_dir().expect("the folder is there").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let to = to.join(&name);
        let kind = entry.file_type().expect("every entry has a type");
        if kind.is_symlink() {
            symlink(fs::read_link(&path).expect("it is a link"), to).expect("a copy can be written");
        } else if kind.is_dir() && !["node_modules", "bookgen"].iter().any(|left_out| name == *left_out) {
            copy(&path, &to);
        } else if kind.is_file() {
            fs::copy(&path, to).expect("a copy can be written");
        }
    }
}
