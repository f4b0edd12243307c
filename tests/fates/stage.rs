//! A folder in which a case runs, with nothing of the user's own environment in it.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::common::leftovers;
use crate::way::{NOBODY, User, Way};

/// The tools of every distribution, and no shims of a user's own, which others may not read.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The programs of all cases, where an ordinary user can read them too.
static PROGRAMS: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = open_folder();
    let copy = |from: &str, to: &str| {
        fs::copy(from, folder.path().join(to)).unwrap_or_else(|error| panic!("{from}: {error}"));
    };
    copy(env!("CARGO_BIN_EXE_lab"), "lab");
    copy(concat!(env!("CARGO_MANIFEST_DIR"), "/harness/kit/python/labkit.py"), "labkit.py");
    let cases = fs::read_dir(CASES).expect("the folder of the cases").flatten();
    cases.for_each(|case| copy(&case.path().display().to_string(), &case.file_name().to_string_lossy()));
    folder
});

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fates/cases");

/// Where the programs of all cases are.
pub(crate) fn programs() -> &'static Path {
    PROGRAMS.path()
}

fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("a folder of our own");
    folder
}

/// The folders of one run: where it works, its home, and its temporary folder.
pub(crate) struct Stage {
    folder: TempDir,
}

/// A file as it's left: its type and mode, and its contents or target.
pub(crate) type Left = (String, Vec<u8>);

impl Stage {
    pub(crate) fn new(way: Way) -> Stage {
        let folder = open_folder();
        for name in ["work", "home", "tmp"] {
            let path = folder.path().join(name);
            fs::create_dir(&path).expect("a folder of our own");
            if way.user == User::Ordinary && nix::unistd::geteuid().is_root() {
                chown(&path, Some(NOBODY), Some(NOBODY)).expect("root may");
            }
        }
        Stage { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of these words on this stage, which nothing but a hang makes last for two minutes.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--kill-after=5", "--signal=KILL", "120"]).args(words);
        command.current_dir(self.path("work")).env_clear();
        command.envs([("PATH", PATH), ("LANG", "C.UTF-8")]);
        command.env("HOME", self.path("home")).env("TMPDIR", self.path("tmp"));
        command.env("PROGRAMS", programs()).env("LAB", programs().join("lab"));
        command.env(leftovers::TOKEN, self.folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[&str], word: &str) -> Output {
        self.command(words).env("WORD", word).output().expect("timeout(1) of coreutils is there")
    }

    /// The processes that are still running on this stage, when those that are dying have had time to die.
    pub(crate) fn running_at_last(&self) -> Vec<i32> {
        leftovers::processes_at_last(self.folder.path())
    }

    /// All files in the working directory, by their names.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Left> {
        let work = self.path("work");
        let mut files = BTreeMap::new();
        let mut folders = vec![work.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let data = fs::symlink_metadata(&path).expect("nobody deletes it");
                let contents = match data.file_type() {
                    kind if kind.is_file() => fs::read(&path).unwrap_or_default(),
                    kind if kind.is_symlink() => {
                        fs::read_link(&path).expect("a link").into_os_string().into_encoded_bytes()
                    }
                    _ => Vec::new(),
                };
                if data.is_dir() {
                    folders.push(path.clone());
                }
                let name = path.strip_prefix(&work).expect("it's below").to_owned();
                files.insert(name, (format!("{:o}", data.mode()), contents));
            }
        }
        files
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A command that is only watched may leave processes running; here nobody needs them.
        leftovers::end(self.folder.path());
    }
}
