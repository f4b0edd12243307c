//! One case, recorded in one way.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::Output;

use libtest_mimic::{Completion, Failed};

use crate::common::leftovers;
use crate::look::folders_of_runs;
use crate::program;
use crate::stage::{Left, Stage, programs};
use crate::table::{Expected, Row};
use crate::way::{Mode, Way};

/// The exit code of a script that finds that the machine lacks what it needs, and prints what that is.
const LACKS: i32 = 77;

/// What a script came to.
struct Ended {
    output: Output,
    files: BTreeMap<PathBuf, Left>,
    /// The processes that go on after a sandbox has ended, and folders of runs.
    left: Vec<String>,
}

pub(crate) fn run(row: &Row, way: Way) -> Result<Completion, Failed> {
    let before = match way.before() {
        Ok(before) => before,
        Err(why) => return Ok(Completion::ignored_with(why)),
    };
    let tools = [row.interpreter(), row.tools].concat();
    if let Some(missing) = program::missing(&tools) {
        return Ok(Completion::ignored_with(missing));
    }
    if let Some(name) = row.program {
        program::compiled(name)?;
    }
    let lab = programs().join("lab").display().to_string();
    let limits: &[&str] = if way.mode == Mode::Confined { row.limits } else { &[] };
    let ended = |recorder: &[&str]| end(row, way, &[before, row.interpreter(), recorder]);
    let (recorded, bare) = match row.expected {
        Expected::Same => {
            let words = [&[lab.as_str(), "record", "-q"], limits, &["--"]].concat();
            (ended(&words), Some(ended(&[])))
        }
        Expected::Right => (ended(&[&[lab.as_str(), "record"], limits].concat()), None),
    };
    let code = bare.as_ref().unwrap_or(&recorded).output.status.code();
    if code == Some(LACKS) {
        let why = String::from_utf8_lossy(&bare.as_ref().unwrap_or(&recorded).output.stdout).into_owned();
        return Ok(Completion::ignored_with(why.trim()));
    }
    let mut faults = match &bare {
        Some(bare) => differences(bare, &recorded),
        None if recorded.output.status.success() => String::new(),
        None => described(&recorded),
    };
    if !recorded.left.is_empty() {
        write!(faults, "left behind: {:?}", recorded.left)?;
    }
    if faults.is_empty() { Ok(Completion::Completed) } else { Err(faults.into()) }
}

/// Runs the script of a row on a stage of its own, with the recorder's words as its arguments.
fn end(row: &Row, way: Way, words: &[&[&str]; 3]) -> Ended {
    let stage = Stage::new(way);
    let script = programs().join(row.file).display().to_string();
    let [before, interpreter, recorder] = words;
    let words = [before, interpreter, &[script.as_str()][..], recorder].concat();
    let output = stage.run(&words, row.word);
    let running = if way.mode == Mode::Confined { stage.running_at_last() } else { Vec::new() };
    let running = running.into_iter().map(leftovers::described);
    let left = running.chain(folders_of_runs(&stage.path("tmp"))).collect();
    Ended { output, files: stage.files(), left }
}

/// In what a recorded script is not like the bare one.
fn differences(bare: &Ended, recorded: &Ended) -> String {
    let mut text = String::new();
    let parts = [
        ("standard output", &bare.output.stdout, &recorded.output.stdout),
        ("standard error", &bare.output.stderr, &recorded.output.stderr),
    ];
    for (name, bare, recorded) in parts.into_iter().filter(|(_, bare, recorded)| bare != recorded) {
        let (bare, recorded) = (shown(bare), shown(recorded));
        text += &format!("{name}, bare:\n{bare}\n{name}, recorded:\n{recorded}\n");
    }
    if bare.output.status != recorded.output.status {
        text += &format!("bare: {}, recorded: {}\n", bare.output.status, recorded.output.status);
    }
    let names = bare.files.keys().chain(recorded.files.keys());
    let mut differ: Vec<_> =
        names.filter(|name| bare.files.get(*name) != recorded.files.get(*name)).collect();
    differ.dedup();
    if !differ.is_empty() {
        text += &format!("these files differ: {differ:?}\n");
    }
    text
}

/// What a script printed, and the files that it left.
fn described(ended: &Ended) -> String {
    let Output { status, stdout, stderr } = &ended.output;
    let mut text = format!("{status}\n{}\n{}\n", shown(stdout), shown(stderr));
    for (name, (mode, contents)) in &ended.files {
        text += &format!("{mode} {} of {} bytes\n", name.display(), contents.len());
    }
    text
}

/// The end of what was printed, so that a flood doesn't hide the rest.
fn shown(bytes: &[u8]) -> String {
    let from = bytes.len().saturating_sub(4000);
    bytes[from..].escape_ascii().to_string().replace("\\n", "\n")
}
