//! The programs, and the records of them.

use std::path::PathBuf;

use serde::Deserialize;

use super::root;

/// What is expected of a program with which nothing is wrong.
pub(crate) const HEALTHY: &str = "none";

#[derive(Deserialize)]
struct File {
    case: Vec<Written>,
}

/// A case as the file has it.
#[derive(Deserialize)]
pub(crate) struct Written {
    pub(crate) name: String,
    expect: String,
    pub(crate) run: Vec<String>,
    #[serde(default)]
    pub(crate) options: Vec<String>,
    #[serde(default)]
    held_out: bool,
}

/// A record, and what is wrong with the program.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expect: String,
    /// Which kind of programs it's one of.
    pub(crate) group: &'static str,
    pub(crate) path: PathBuf,
}

/// The folder of the programs.
pub(crate) fn programs() -> PathBuf {
    root().join("tests/diagnosis/programs")
}

/// Where the record of a program is.
pub(crate) fn record_of(name: &str) -> PathBuf {
    root().join("tests/diagnosis/records").join(name).with_extension("jsonl")
}

/// The programs of this folder.
pub(crate) fn written() -> Vec<Written> {
    let path = root().join("tests/diagnosis/cases.toml");
    let text = std::fs::read_to_string(&path).expect("it is there");
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    file.case
}

/// Every record of which it is known what is wrong: of the programs of this folder, and of the scenarios and their
/// peers in Python.
pub(crate) fn recorded() -> Vec<Case> {
    let own = written().into_iter().filter(|case| record_of(&case.name).exists()).map(|case| Case {
        group: match (case.expect.as_str(), case.held_out) {
            (HEALTHY, _) => "Healthy programs",
            (_, true) => "Programs, held out",
            (_, false) => "Programs",
        },
        path: record_of(&case.name),
        name: case.name,
        expect: case.expect,
    });
    own.chain(of_scenarios()).collect()
}

/// What is wrong with the variants of the scenarios. All others are fixed.
const BROKEN: &[(&str, &str, &str)] = &[
    ("slice-dup", "broken", "shm-per-task"),
    ("slice-dup", "broken-multiprocessing", "shm-per-task"),
    ("shm-exhaustion", "broken", "shm-full"),
    ("shm-exhaustion", "broken-store", "shm-full"),
    ("shm-exhaustion", "broken-multiprocessing", "shm-full"),
    ("page-cache-drop", "pressure-disk", "page-cache"),
    ("page-cache-drop", "pressure-tmpfs", "limit-too-small"),
    ("self-capture", "broken", "per-task-copy"),
    ("self-capture", "broken-lambda", "per-task-copy"),
    ("self-capture", "broken-multiprocessing", "per-task-copy"),
    ("self-capture", "batched", "per-task-copy"),
    ("self-capture", "threads-clone", "anon-growth"),
    ("rc-cycle", "broken", "anon-growth"),
    ("rc-cycle", "broken-self", "anon-growth"),
    ("rc-cycle", "broken-threads", "anon-growth"),
    ("rc-cycle", "policy-never", "anon-growth"),
    ("rc-cycle", "policy-own", "anon-growth"),
    ("rc-cycle", "policy-objects", "anon-growth"),
    ("fork-cow", "broken", "fork-copy"),
    ("fork-cow", "broken-frozen", "fork-copy"),
    ("fork-cow", "sample", "fork-copy"),
    ("fork-lock", "broken", "fork-lock"),
    ("fork-lock", "killed-pool", "dead-worker"),
];

fn of_scenarios() -> Vec<Case> {
    let mut cases = Vec::new();
    for scenario in folders(&root().join("scenarios")) {
        for (folder, group) in [("results", "Scenarios"), ("results/peer", "Real libraries")] {
            for path in folders(&scenario.join(folder)) {
                if path.extension().is_none_or(|end| end != "jsonl") {
                    continue;
                }
                let slug = name(&scenario);
                let variant = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
                let broken = BROKEN.iter().find(|(of, is, _)| *of == slug && *is == variant);
                let expect = broken.map_or(HEALTHY, |(_, _, mode)| mode).to_owned();
                cases.push(Case { name: format!("{slug}/{variant}"), expect, group, path });
            }
        }
    }
    cases
}

fn folders(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    all.sort();
    all
}

fn name(path: &std::path::Path) -> String {
    path.file_name().expect("it has a name").to_string_lossy().into_owned()
}
