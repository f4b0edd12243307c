//! A copy of the repository, in which a learner works: what is in the real `my/` is nobody's to touch.

use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lab::learn::workspace::Workspace;
use lab::scenario::Scenario;
use tempfile::TempDir;

use crate::common::{Said, said};
use crate::mutant::Mutant;

/// What is no source, and so is not copied.
const LEFT_OUT: [&str; 4] = ["target", "my", "results", "node_modules"];

/// A repository of the learner's own.
pub(crate) struct Workbook {
    folder: TempDir,
    /// Cargo puts the programs of all copies at one place, so that there is one copy at a time.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Workbook {
    /// A fresh clone, but that what cargo has built for this repository is not built again.
    pub(crate) fn new() -> Self {
        // A test that has failed has done no harm to the next one.
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(Path::new(env!("CARGO_MANIFEST_DIR")), folder.path());
        let lab = Path::new(env!("CARGO_BIN_EXE_lab"));
        let built = lab.ancestors().nth(2).expect("lab is in a folder of a profile, in that of cargo");
        // Not in a variable, which would also say where lab keeps its records.
        let config = format!("build.target-dir = {:?}\nnet.offline = true\n", built.display().to_string());
        fs::create_dir(folder.path().join(".cargo")).expect("a folder in it");
        fs::write(folder.path().join(".cargo/config.toml"), config).expect("a file in it");
        Workbook { folder, _alone }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Replaces a part of a file that is there once.
    #[track_caller]
    pub(crate) fn change(&self, path: &str, good: &str, bad: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(good).count(), 1, "{good} is not once in {path}");
        self.write(path, &text.replacen(good, bad, 1));
    }

    /// What `lab` says to these arguments.
    pub(crate) fn lab(&self, args: &[&str]) -> Said {
        said(self.command(args))
    }

    /// The same after the words that start it.
    pub(crate) fn lab_after(&self, before: &[&str], args: &[&str]) -> Said {
        said(self.command_after(before, args))
    }

    /// What `lab` says to a mutant in the learner's place.
    pub(crate) fn check(&self, scenario: &Scenario, mutant: &Mutant) -> Said {
        let exercise = scenario.exercise(&mutant.exercise).expect("a mutant names an exercise");
        let workspace = Workspace::of(self.folder.path(), scenario, exercise);
        fs::create_dir_all(self.path(&format!("my/{}", scenario.slug))).expect("room for a folder");
        fs::write(&workspace.file, mutant.source(scenario)).expect("room for a file");
        let mut check = vec!["check", &scenario.slug, &exercise.name, "--size", "smoke"];
        check.extend(mutant.answer(exercise).into_iter().flat_map(|word| ["--answer", word]));
        self.lab(&check)
    }

    /// What `lab` says to these arguments and to what is typed.
    pub(crate) fn typed(&self, args: &[&str], lines: &str) -> Said {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(lines.as_bytes()).and_then(|()| file.rewind()).expect("room for it");
        let mut command = self.command(args);
        command.stdin(file);
        said(command)
    }

    /// Starts `lab`, which then runs by itself.
    pub(crate) fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        // With `timeout` in between, which passes a signal on.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().expect("timeout(1) of coreutils is there")
    }

    /// `lab` under a time limit that is long enough to build everything on a slow machine.
    fn command(&self, args: &[&str]) -> Command {
        self.command_after(&[], args)
    }

    fn command_after(&self, before: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=10", "1800"]).args(before).arg(env!("CARGO_BIN_EXE_lab")).args(args);
        command.current_dir(self.folder.path()).env("LANG", "C.UTF-8");
        for variable in ["CARGO_TARGET_DIR", "XDG_STATE_HOME", "LAB_PLAIN"] {
            command.env_remove(variable);
        }
        command
    }
}

/// Copies all files of a folder, with those below.
fn copy(from: &Path, to: &Path) {
    for entry in from.read_dir().expect("a folder of the repository").flatten() {
        let (name, kind) = (entry.file_name(), entry.file_type().expect("the kind of a file"));
        let is_left_out =
            LEFT_OUT.iter().any(|left| name == *left) || name.to_string_lossy().starts_with('.');
        let there = to.join(&name);
        match is_left_out {
            true => {}
            false if kind.is_dir() => {
                fs::create_dir(&there).expect("a folder of the copy");
                copy(&entry.path(), &there);
            }
            false if kind.is_file() => {
                fs::copy(entry.path(), &there).expect("room for a copy");
            }
            // A link leads to what is copied from where it is.
            false => {}
        }
    }
}
