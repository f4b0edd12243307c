//! A folder with the toy scenario, in which `lab` runs; and what a run may have left behind.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::common::{Said, lab, said};
use crate::toy;

/// A bundle of the toy scenario, which goes with all that is in it.
pub(crate) struct Bundle {
    folder: TempDir,
    /// Folders that killed runs of others had left before.
    others: BTreeSet<PathBuf>,
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
        Bundle { folder, others: left_folders() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `lab` with these arguments, not started yet; `before` is what starts it.
    pub(crate) fn command(&self, before: &[&str], args: &[&str]) -> Command {
        let mut command = lab(self.path(), before, args);
        command.env(TOKEN, self.path()).env("TMPDIR", self.path().join("tmp"));
        command.env_remove("XDG_STATE_HOME").env("HOME", self.path().join("home"));
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
        let folders = left_folders();
        left.extend(folders.difference(&self.others).map(|folder| folder.display().to_string()));
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

/// Folders in /dev/shm and control groups that are named for a supervisor that no longer lives.
fn left_folders() -> BTreeSet<PathBuf> {
    let mut left = BTreeSet::new();
    let mut folders = vec![PathBuf::from("/dev/shm"), PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        let groups = folder.starts_with("/sys/fs/cgroup");
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let supervisor = name.to_str().and_then(|name| name.strip_prefix("lab-")?.parse().ok());
            if supervisor.is_some_and(|pid| kill(Pid::from_raw(pid), None) == Err(Errno::ESRCH)) {
                // The supervisor may have removed it, and ended, since the folder above was read.
                left.extend(Some(entry.path()).filter(|path| path.exists()));
            } else if groups && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    left
}
