//! A folder with the toy scenario, in which `lab` runs; and what a run may have left behind.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::common::{Said, lab, said};
use crate::toy;

/// A bundle of the toy scenario, which goes with all that is in it.
pub(crate) struct Bundle {
    folder: TempDir,
}

/// Every process of a run has this variable, with the folder of its bundle.
const TOKEN: &str = "LAB_TEST_BUNDLE";

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
        command.env(TOKEN, self.path()).env("TMPDIR", self.path().join("tmp"));
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
        let mut left = self.left();
        for _ in 0..1000 {
            std::thread::sleep(Duration::from_millis(10));
            // Once is not enough: a process that is about to run another program has no environment yet.
            let before = std::mem::replace(&mut left, self.left());
            if before.is_empty() && left.is_empty() {
                break;
            }
        }
        left
    }

    fn left(&self) -> Vec<String> {
        let mut left: Vec<String> = self.processes().into_iter().map(told).collect();
        let folders = left_folders(&self.path().join("home"));
        left.extend(folders.iter().map(|folder| folder.display().to_string()));
        let temporary = fs::read_dir(self.path().join("tmp")).expect("it was made above").flatten();
        left.extend(temporary.map(|entry| entry.path().display().to_string()));
        left
    }

    /// The processes of all runs in this bundle.
    pub(crate) fn processes(&self) -> Vec<i32> {
        let token = format!("{TOKEN}={}", self.path().display());
        let ours = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.split(|&byte| byte == 0).any(|variable| variable == token.as_bytes())
        };
        let all = fs::read_dir("/proc").expect("/proc is mounted").flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(ours).collect()
    }
}

/// A process, its state, what it waits in, and its command line.
fn told(pid: i32) -> String {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let state = read("stat").rsplit(')').next().and_then(|rest| rest.trim().chars().next()).unwrap_or('?');
    let words = read("cmdline").replace('\0', " ");
    format!("process {pid}, state {state}, in {}: {words}", read("wchan"))
}

/// What the registries of a home list and is still there: folders in /dev/shm, and control groups.
fn left_folders(home: &Path) -> BTreeSet<PathBuf> {
    let registries = fs::read_dir(home.join(".local/state/lab/sandboxes")).into_iter().flatten().flatten();
    let lines = registries.flat_map(|file| {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let path = |line: String| {
        let made: serde_json::Value = serde_json::from_str(&line).ok()?;
        let bytes = made["path"]["Unix"].as_array()?.iter().map(|byte| byte.as_u64().unwrap_or(0) as u8);
        Some(PathBuf::from(OsString::from_vec(bytes.collect())))
    };
    lines.filter_map(path).filter(|path| path.exists()).collect()
}
