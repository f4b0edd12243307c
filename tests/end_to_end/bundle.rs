//! A folder with the toy scenario, in which `lab` runs; and what a run may have left behind.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::common::{Said, lab, leftovers, said};
use crate::toy;

/// A bundle of the toy scenario, which goes with all that is in it.
pub(crate) struct Bundle {
    folder: TempDir,
}

impl Bundle {
    /// The toy as it is.
    pub(crate) fn new() -> Self {
        Self::with(toy::TEXT)
    }

    /// The toy with one part of its scenario.toml replaced.
    #[track_caller]
    pub(crate) fn changed(good: &str, bad: &str) -> Self {
        assert!(toy::TEXT.contains(good), "the toy's scenario.toml does not contain {good}");
        Self::with(&toy::TEXT.replacen(good, bad, 1))
    }

    fn with(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for name in ["scenarios/toy", "bin", "tmp"] {
            fs::create_dir_all(folder.path().join(name)).expect("a folder in it");
        }
        fs::write(folder.path().join("scenarios/toy/scenario.toml"), text).expect("a file in it");
        let program = std::env::current_exe().expect("the path of this program");
        symlink(program, folder.path().join("bin/toy")).expect("a link in it");
        Bundle { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `lab` with these arguments, not started yet; `before` is what starts it.
    pub(crate) fn command(&self, before: &[&str], args: &[&str]) -> Command {
        let mut command = lab(self.path(), before, args);
        command.env(leftovers::TOKEN, self.path()).env("TMPDIR", self.path().join("tmp"));
        command
            .env_remove("XDG_STATE_HOME")
            .env_remove("XDG_RUNTIME_DIR")
            .env("HOME", self.path().join("home"));
        command
    }

    /// What `lab` says to these arguments.
    pub(crate) fn lab(&self, args: &[&str]) -> Said {
        said(self.command(&[], args))
    }

    /// Asserts that nothing of any run is left.
    #[track_caller]
    pub(crate) fn leaves_nothing(&self) {
        let left = self.left_at_last();
        assert!(left.is_empty(), "a run has left behind: {left:#?}");
    }

    /// What is left of all runs when those that are dying have had time to die.
    pub(crate) fn left_at_last(&self) -> Vec<String> {
        leftovers::at_last(|| self.left())
    }

    fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = self.processes().into_iter().map(leftovers::described).collect();
        let folders = leftovers::folders(&self.path().join("home"));
        left.extend(folders.iter().map(|folder| folder.display().to_string()));
        let temporary = fs::read_dir(self.path().join("tmp")).expect("it was made above").flatten();
        left.extend(temporary.map(|entry| entry.path().display().to_string()));
        left
    }

    /// The processes of all runs in this bundle.
    pub(crate) fn processes(&self) -> Vec<i32> {
        leftovers::processes(self.path())
    }
}
