//! The programs, with what is wrong with each, and the records of them.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{root, scenarios};

/// What is expected of a program with which nothing is wrong.
pub(crate) const HEALTHY: &str = "none";

/// A record, and what is wrong with the program.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expected: String,
    /// What it's right to say as well.
    pub(crate) also: Vec<String>,
    /// Which kind of programs it's one of.
    pub(crate) group: &'static str,
    pub(crate) path: PathBuf,
}

impl Case {
    /// Whether this mode is in the program.
    pub(crate) fn is(&self, mode: &str) -> bool {
        self.expected == mode || self.also.iter().any(|also| also == mode)
    }
}

/// A program or a command as its table has it.
#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    pub(crate) file: Option<String>,
    pub(crate) words: Vec<String>,
    #[serde(default)]
    pub(crate) programs: Vec<String>,
    #[serde(default)]
    pub(crate) options: Vec<String>,
    #[serde(default = "healthy")]
    expected: String,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    held_out: bool,
    /// What else must be there.
    #[serde(default)]
    needs: Vec<String>,
}

fn healthy() -> String {
    HEALTHY.to_owned()
}

#[derive(Deserialize)]
struct Programs {
    program: Vec<Entry>,
}

#[derive(Deserialize)]
struct Commands {
    command: Vec<Entry>,
}

impl Entry {
    /// A name that a file can have.
    pub(crate) fn name(&self) -> String {
        let name =
            if self.name.is_empty() { self.file.as_deref().expect("a name or a file") } else { &self.name };
        let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-").to_lowercase()
    }

    /// Whether it is a program of the folder, and no command of strangers.
    fn is_written(&self) -> bool {
        self.file.is_some()
    }

    /// Where its record is.
    pub(crate) fn path(&self) -> PathBuf {
        records()
            .join(if self.is_written() { "programs" } else { "healthy" })
            .join(self.name())
            .with_extension("jsonl")
    }

    /// Whether it shows nothing under another version of control groups.
    pub(crate) fn needs_version_2(&self) -> bool {
        self.needs.iter().any(|need| need == "version-2")
    }

    /// Whether it runs on a small machine with version 2 as well, which has a shell, no interpreter and no disk.
    pub(crate) fn runs_under_version_2(&self) -> bool {
        let is_c = self.file.as_deref().is_some_and(|file| file.ends_with(".c"));
        let needs_a_disk = ["page-cache", "mapped-file"].contains(&&*self.expected);
        is_c && !needs_a_disk && !self.words.iter().any(|word| word.contains("{inputs}"))
    }

    /// Where its record under version 2 is.
    pub(crate) fn path_under_version_2(&self) -> PathBuf {
        records().join("programs-v2").join(self.name()).with_extension("jsonl")
    }

    /// The same program under version 2.
    fn under_version_2(&self) -> Case {
        Case {
            name: self.name(),
            expected: self.expected.clone(),
            also: self.also.clone(),
            group: "Programs in C, under version 2 of control groups",
            path: self.path_under_version_2(),
        }
    }

    fn group(&self) -> &'static str {
        match (self.is_written(), self.held_out) {
            (true, false) => "Programs that were looked at",
            (true, true) => "Programs that were held out",
            (false, false) => "Healthy commands that were looked at",
            (false, true) => "Healthy commands that were held out",
        }
    }

    pub(crate) fn case(self) -> Case {
        Case {
            name: self.name(),
            group: self.group(),
            path: self.path(),
            expected: self.expected,
            also: self.also,
        }
    }
}

/// The folder of the records.
pub(crate) fn records() -> PathBuf {
    root().join("tests/diagnosis/records")
}

/// The programs of this folder, and the healthy commands.
pub(crate) fn entries() -> Vec<Entry> {
    let Programs { program } = table("programs.toml");
    let Commands { command } = table("healthy.toml");
    program.into_iter().chain(command).collect()
}

fn table<T: DeserializeOwned>(name: &str) -> T {
    let path = root().join("tests/diagnosis").join(name);
    let text = std::fs::read_to_string(&path).expect("it is there");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every record of which it is known what is wrong. What the machine that made them lacks has none.
pub(crate) fn recorded() -> Vec<Case> {
    let under_version_2: Vec<Case> =
        entries().iter().filter(|entry| entry.runs_under_version_2()).map(Entry::under_version_2).collect();
    let all = entries().into_iter().map(Entry::case).chain(under_version_2).chain(scenarios::cases());
    all.filter(|case| case.path.exists()).collect()
}

/// What is in a folder, by name.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}
