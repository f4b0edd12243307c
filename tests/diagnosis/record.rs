//! Records the programs again.

use std::path::Path;
use std::process::{Command, Stdio};

use lab::model::record::{Record, Writer};

use super::cases::{Written, programs, record_of, written};

/// Only those whose names begin with this, if it's set.
const ONLY: &str = "LAB_RECORD_ONLY";

#[test]
#[ignore = "it makes the stored records again"]
fn every_program_is_recorded_again() {
    let only = std::env::var(ONLY).unwrap_or_default();
    for case in written().iter().filter(|case| case.name.starts_with(&only)) {
        record(case);
    }
}

fn record(case: &Written) {
    let folder = tempfile::tempdir().expect("there is room");
    let path = record_of(&case.name);
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    let words: Vec<String> = case.run.iter().map(|word| command(word, folder.path())).collect();
    let words = match interpreter(&case.run[0]) {
        Some(program) => [vec![program.to_owned()], words].concat(),
        None => words,
    };
    let part = folder.path().join("record.jsonl");
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["record", "--quiet", "--output"])
        .arg(&part)
        .args(&case.options)
        .arg("--")
        .args(words)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("lab can be started");
    let text = std::fs::read_to_string(&part).unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let short = folder.path().join("short.jsonl");
    std::fs::write(&part, impersonal(&text, folder.path())).expect("it can be written");
    write(super::read(&part), &short);
    std::fs::copy(&short, &path).expect("it can be written");
}

/// Writes a record with as many samples as its course needs.
fn write(mut record: Record, path: &Path) {
    record.thin(SAMPLES);
    let mut writer = Writer::create(path).expect("it can be written");
    for line in record.into_lines() {
        writer.write(&line).expect("it can be written");
    }
    writer.finish().expect("it can be written");
}

/// In each track.
const SAMPLES: usize = 120;

/// A word of a command: a program of ours as its path, compiled if it has to be.
fn command(word: &str, folder: &Path) -> String {
    let source = programs().join(word);
    if !source.is_file() {
        return word.replace("{folder}", &folder.display().to_string());
    }
    if word.ends_with(".c") {
        let program = folder.join(word.trim_end_matches(".c"));
        let built = Command::new("cc").args(["-O1", "-pthread", "-o"]).arg(&program).arg(&source).status();
        assert!(built.is_ok_and(|status| status.success()), "{word} can't be compiled");
        return program.display().to_string();
    }
    source.display().to_string()
}

fn interpreter(word: &str) -> Option<&'static str> {
    match word.rsplit_once('.')?.1 {
        "py" => Some("python3"),
        "pl" => Some("perl"),
        "sh" => Some("sh"),
        "js" => Some("node"),
        _ => None,
    }
}

/// The record without the names of folders that only this machine has.
fn impersonal(text: &str, folder: &Path) -> String {
    let home = std::env::var("HOME").unwrap_or_else(|_| "/nowhere".to_owned());
    let root = super::root().display().to_string();
    text.replace(&folder.display().to_string(), "/tmp/folder").replace(&root, ".").replace(&home, "~")
}
