//! A copy of the repository, in which a learner works: what is in the real `my/` is nobody's to touch.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lab::learn::workspace::Workspace;
use lab::scenario::{Exercise, Scenario};
use nix::pty::{OpenptyResult, Winsize, openpty};

use crate::common::{Said, said};
use crate::mutant::{Mutant, Way};

/// What is no source, and so is not copied.
const LEFT_OUT: [&str; 4] = ["target", "my", "results", "node_modules"];

/// A repository of the learner's own.
pub(crate) struct Workbook {
    folder: PathBuf,
    /// There is one, one at a time: cargo would build all of another again.
    _alone: MutexGuard<'static, ()>,
}

/// What `lab` is called there.
const LAB: &str = "./lab";

static ALONE: Mutex<()> = Mutex::new(());

impl Workbook {
    /// A fresh clone, but that what cargo has built for this repository is not built again.
    pub(crate) fn new() -> Self {
        // A test that has failed has done no harm to the next one.
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("workbook");
        same(Path::new(env!("CARGO_MANIFEST_DIR")), &folder);
        let lab = Path::new(env!("CARGO_BIN_EXE_lab"));
        let built = lab.ancestors().nth(2).expect("lab is in a folder of a profile, in that of cargo");
        // Not in a variable, which would also say where lab keeps its records.
        let config = format!("build.target-dir = {:?}\nnet.offline = true\n", built.display().to_string());
        fs::create_dir(folder.join(".cargo")).expect("a folder in it");
        fs::write(folder.join(".cargo/config.toml"), config).expect("a file in it");
        // What it says to type has to fit on a line, wherever cargo builds.
        symlink(env!("CARGO_BIN_EXE_lab"), folder.join(LAB)).expect("a link in it");
        Workbook { folder, _alone }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
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
        self.hand_in(scenario, exercise, &mutant.source(scenario), mutant.answer(exercise))
    }

    /// What `lab` says to another way of solving an exercise, and to the right answer where one is asked for.
    pub(crate) fn check_way(&self, scenario: &Scenario, way: &Way) -> Said {
        let exercise = scenario.exercise(&way.exercise).expect("a way names an exercise");
        let answer = exercise.diagnosis.as_ref().map(|diagnosis| diagnosis.answer.id);
        self.hand_in(scenario, exercise, &way.source(scenario), answer)
    }

    /// What `lab` says to a program in the learner's place.
    fn hand_in(&self, scenario: &Scenario, exercise: &Exercise, source: &str, answer: Option<&str>) -> Said {
        let workspace = Workspace::of(&self.folder, scenario, exercise);
        fs::create_dir_all(self.path(&format!("my/{}", scenario.slug))).expect("room for a folder");
        fs::write(&workspace.file, source).expect("room for a file");
        let mut check = vec!["check", &scenario.slug, &exercise.name, "--size", "smoke"];
        check.extend(answer.into_iter().flat_map(|word| ["--answer", word]));
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

    /// Starts `lab` on a terminal of its own, of so many columns and lines. Returns what is at its other side.
    pub(crate) fn on_a_terminal(&self, args: &[&str], (columns, lines): (u16, u16)) -> (Child, File) {
        let size = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(Some(&size), None).expect("a terminal");
        let mut command = Command::new("setsid");
        // `timeout` alone would take the terminal from `lab`.
        command.args(["--ctty", "timeout", "--foreground"]);
        command.args(self.command(args).get_args()).env("TERM", "xterm").env_remove("NO_COLOR");
        self.at_home(&mut command);
        let end = || slave.try_clone().expect("a descriptor");
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("setsid(1) of util-linux is there");
        (child, File::from(master))
    }

    /// `lab` under a time limit that is long enough to build everything on a slow machine.
    fn command(&self, args: &[&str]) -> Command {
        self.command_after(&[], args)
    }

    fn command_after(&self, before: &[&str], args: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=10", "1800"]).args(before).arg(LAB).args(args);
        self.at_home(&mut command);
        command
    }

    /// In the folder of the workbook, and with none of the variables that say something else.
    pub(crate) fn at_home(&self, command: &mut Command) {
        command.current_dir(&self.folder).env("LANG", "C.UTF-8");
        for variable in ["CARGO_TARGET_DIR", "XDG_STATE_HOME", "LAB_PLAIN", "COLUMNS"] {
            command.env_remove(variable);
        }
    }
}

/// Makes a folder the same as another. A file that is the same already keeps its time, by which cargo sees that.
fn same(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder of the copy");
    let entries = |folder: &Path| folder.read_dir().expect("a folder of the repository").flatten();
    let is_left_out =
        |name: &OsStr| LEFT_OUT.iter().any(|left| name == *left) || name.to_string_lossy().starts_with('.');
    for left in entries(to) {
        let name = left.file_name();
        match !is_left_out(&name) && from.join(&name).exists() {
            true => {}
            false if left.path().is_dir() => fs::remove_dir_all(left.path()).expect("a folder of the copy"),
            false => fs::remove_file(left.path()).expect("a file of the copy"),
        }
    }
    for entry in entries(from).filter(|entry| !is_left_out(&entry.file_name())) {
        let (kind, there) = (entry.file_type().expect("the kind of a file"), to.join(entry.file_name()));
        if kind.is_dir() {
            same(&entry.path(), &there);
        // A link leads to what is copied from where it is.
        } else if kind.is_file() && fs::read(entry.path()).ok() != fs::read(&there).ok() {
            fs::copy(entry.path(), &there).expect("room for a copy");
        }
    }
}
