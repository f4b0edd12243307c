//! Records the programs, and keeps of each record what its course needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use lab::model::outcome::Outcome;
use lab::model::record::{Record, Writer};

use super::cases::{Entry, entries};
use super::{root, runs, trials};

/// Only those whose names begin with this, if it's set.
const ONLY: &str = "LAB_RECORD_ONLY";

/// In each track of a program.
const SAMPLES: usize = 40;

fn only() -> String {
    std::env::var(ONLY).unwrap_or_default()
}

#[test]
#[ignore = "it makes the stored records again"]
fn every_program_is_recorded_again() {
    record_all(|entry| entry.file.is_some());
}

#[test]
#[ignore = "it makes the stored records again"]
fn every_healthy_command_is_recorded_again() {
    record_all(|entry| entry.file.is_none());
}

#[test]
#[ignore = "it makes the stored records again"]
fn every_scenario_is_recorded_again() {
    runs::all(&only());
}

#[test]
#[ignore = "it makes the stored records again"]
fn every_mutant_is_recorded_again() {
    runs::mutants(&only());
}

#[test]
#[ignore = "it makes the stored records again"]
fn every_peer_is_recorded_again() {
    runs::peers(&only());
}

#[test]
#[ignore = "it makes the stored records again"]
fn what_version_2_shows_is_recorded_again() {
    runs::emulated(&only());
}

fn record_all(is_wanted: fn(&Entry) -> bool) {
    for entry in entries().iter().filter(|entry| is_wanted(entry) && entry.name().starts_with(&only())) {
        if let Some(why) = missing(entry) {
            println!("{} is left out: {why}", entry.name());
            continue;
        }
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room");
        let (record, status) = record(entry, folder.path());
        match entry.file.is_some() || status.success() {
            true => {
                store(&record, folder.path(), &entry.path(), SAMPLES);
                try_changes(&record, folder.path(), &entry.path());
            }
            false => println!("{} is left out: {status}", entry.name()),
        }
    }
}

/// Has `lab` try what tells apart what fits a record, and keeps the record of each such run.
fn try_changes(record: &Path, folder: &Path, path: &Path) {
    let tried = trials::folder(path);
    let _ = fs::remove_dir_all(&tried);
    let output = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["diagnose", "--test", "--yes"])
        .arg(record)
        .current_dir(folder.join("here"))
        .env("PATH", with_python())
        .env("XDG_STATE_HOME", folder.join("state"))
        .stdin(Stdio::null())
        .output()
        .expect("lab can be started");
    let said = String::from_utf8_lossy(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
    for run in said.split("To see whether it is ").skip(1) {
        let first = run.split([',', ' ']).next().expect("a mode is named");
        if let Some((_, rest)) = run.split_once("The record of it: ") {
            let after = rest.split(' ').next().expect("a path follows");
            store(Path::new(after), folder, &tried.join(first).with_extension("jsonl"), SAMPLES);
        }
    }
}

/// What a command needs that isn't here.
pub(crate) fn missing(entry: &Entry) -> Option<String> {
    if entry.needs_version_2() {
        return Some("it needs version 2 of control groups".to_owned());
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let is_there = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let first = match &*entry.words[0] {
        "{file}" => "cc",
        PYTHON => "python3",
        word => word,
    };
    let mut needed = entry.programs.iter().map(String::as_str).chain([first]);
    needed.find(|name| !is_there(name)).map(|name| format!("there is no {name}"))
}

/// Runs a program in a folder of its own inside of this one. Without any option it wouldn't get a control group of
/// its own, so it gets a time that it doesn't need.
pub(crate) fn record(entry: &Entry, folder: &Path) -> (PathBuf, ExitStatus) {
    let (path, here) = (folder.join("record.jsonl"), folder.join("here"));
    fs::create_dir(&here).expect("the folder is ours");
    let file = entry.file.as_deref().map_or_else(String::new, |file| built(file, folder));
    let needs = |what: &str| entry.words.iter().any(|word| word.contains(what));
    let inputs = if needs(INPUTS) { inputs() } else { String::new() };
    let python = if needs(PYTHON) { python() } else { String::new() };
    let filled = |word: &String| {
        let word = word.replace("{file}", &file).replace(INPUTS, &inputs).replace(PYTHON, &python);
        word.replace("{root}", &root().display().to_string())
    };
    let group: &[&str] = if entry.options.is_empty() { &["--timeout", "60s"] } else { &[] };
    let status = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["record", "--quiet", "--output"])
        .arg(&path)
        .args(group)
        .args(&entry.options)
        .arg("--")
        .args(entry.words.iter().map(filled))
        .current_dir(&here)
        .env("PATH", with_python())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("lab can be started");
    (path, status)
}

const INPUTS: &str = "{inputs}";
const PYTHON: &str = "{python}";

/// A program of the folder as one can start it or give it to what reads it.
pub(crate) fn built(file: &str, folder: &Path) -> String {
    let source = root().join("tests/diagnosis/programs").join(file);
    let Some(name) = file.strip_suffix(".c") else { return source.display().to_string() };
    let program = folder.join(name);
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-fno-builtin", "-pthread", "-o"]).arg(&program).arg(&source);
    assert!(cc.status().is_ok_and(|status| status.success()), "{file} can't be compiled");
    program.display().to_string()
}

/// The folder of what the programs read, made at first. Nobody has the large file in the page cache then: whoever
/// reads it first is charged for it.
fn inputs() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnosis-inputs");
    if !folder.join("modules").exists() {
        run(Command::new("sh").arg(root().join("tests/diagnosis/inputs.sh")).arg(&folder));
    }
    let large = folder.join("large").display().to_string();
    run(Command::new("sync").arg(&large));
    run(Command::new("dd").args([&format!("if={large}"), "iflag=nocache", "count=0", "status=none"]));
    folder.display().to_string()
}

fn run(command: &mut Command) {
    assert!(command.status().is_ok_and(|status| status.success()), "{command:?}");
}

/// A Python with the packages that some commands need, made at first.
fn python() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnosis-python");
    let python = folder.join("bin/python3");
    if !folder.join("made").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        let packages = root().join("tests/diagnosis/python.txt");
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(packages));
        fs::write(folder.join("made"), "").expect("the folder is ours");
    }
    python.display().to_string()
}

/// The path with the interpreter itself at first: what is found before it may be a script that looks for one.
fn with_python() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let python = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    let python = python.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match python.as_deref().map(Path::new).map(Path::parent) {
        Ok(Some(folder)) => format!("{}:{path}", folder.display()),
        _ => path,
    }
}

/// Keeps a record: with so many samples in a track, and without the names of folders that only this machine has.
/// Where a metric was read from is the longest part of it, and is the same in all of them.
pub(crate) fn store(record: &Path, folder: &Path, path: &Path, samples: usize) {
    let text = fs::read_to_string(record).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let plain = folder.join("plain.jsonl");
    fs::write(&plain, impersonal(&text, folder)).expect("it can be written");
    let mut record: Record = super::read(&plain);
    if let Outcome::CouldNotStart(why) = record.outcome() {
        println!("{} is left out: {why}", path.display());
        return;
    }
    // All of it but the pressure is the machine's, and not the run's.
    if let Some(host) = record.tracks.get_mut("host") {
        host.columns.retain(|name, _| name == "pressure");
    }
    record.thin(samples);
    // The test makes its own.
    if let Some(trailer) = &mut record.trailer {
        trailer.diagnosis = None;
    }
    record.header.metrics.values_mut().for_each(String::clear);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    let mut writer = Writer::create(path).expect("it can be written");
    for line in record.into_lines() {
        writer.write(&line).expect("it can be written");
    }
    writer.finish().expect("it can be written");
}

fn impersonal(text: &str, folder: &Path) -> String {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/nowhere".to_owned());
    let names = [
        (folder.display().to_string(), "/tmp/folder"),
        (env!("CARGO_TARGET_TMPDIR").to_owned(), "/tmp"),
        (root().display().to_string(), "."),
        (home, "~"),
    ];
    names.iter().fold(text.to_owned(), |text, (name, other)| text.replace(name, other))
}
