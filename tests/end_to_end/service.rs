//! The script of the template repository, as a classroom service runs it.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;

use crate::common::{Said, said};
use crate::trials;
use crate::workbook::Workbook;

pub(crate) fn trials() -> Vec<Trial> {
    trials![a_service_judges_a_repository_and_believes_none_of_its_notes]
}

fn a_service_judges_a_repository_and_believes_none_of_its_notes() {
    let workbook = Workbook::new();
    let place = tempfile::tempdir().expect("a temporary folder");
    let mine = place.path().join("my/slice-dup");
    fs::create_dir_all(&mine).expect("room for a folder");
    let solution = workbook.read("scenarios/slice-dup/src/solution.rs");
    let start = workbook.read("scenarios/slice-dup/src/exercise.rs");
    // What lab has put aside is nobody's answer.
    fs::write(mine.join("exercise.1.rs"), "no Rust").expect("room for a file");
    let notes = "[slice-dup.exercises.exercise-growth]\npassed = \"2020-01-01T00:00:00Z\"\n";
    fs::write(place.path().join("my/progress.toml"), notes).expect("room for a file");
    for (text, code, word) in
        [(&start, 1, "== slice-dup exercise: not yet"), (&solution, 0, "== slice-dup exercise: passed")]
    {
        fs::write(mine.join("exercise.rs"), text).expect("room for a file");
        let said = check(&workbook, place.path());
        assert_eq!((said.code, said.stdout.contains(word)), (Some(code), true), "{said:?}");
    }
    let handed = fs::read_to_string(place.path().join("handed-in.json")).expect("it was made");
    let handed: serde_json::Value = serde_json::from_str(&handed).expect("it is JSON");
    assert_eq!(handed["sources"][0]["text"], solution.as_str());
    assert!(handed["progress"]["slice-dup"]["exercises"].get("exercise-growth").is_none(), "{handed:#}");
}

fn check(workbook: &Workbook, folder: &Path) -> Said {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/classroom/check");
    let mut command = Command::new("timeout");
    command.args(["--kill-after=10", "1800"]).arg(script).arg(workbook.path("")).current_dir(folder);
    for variable in ["CARGO_TARGET_DIR", "XDG_STATE_HOME", "LAB_PLAIN"] {
        command.env_remove(variable);
    }
    command.env("LAB", env!("CARGO_BIN_EXE_lab")).env("LANG", "C.UTF-8");
    said(command)
}
