//! `lab diagnose --test`: a second run with one change in it.
//!
//! The program is this one, called with the number of MiB that it takes step by step.

use std::process::ExitCode;
use std::time::Duration;

use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::{Said, said};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        more_memory_tells_whether_the_limit_was_too_small,
        more_memory_is_not_enough_for_what_grows_on,
        without_a_terminal_nothing_is_run_unless_that_was_agreed_to,
        a_record_of_another_folder_is_not_run_here,
    ]
}

/// The variable that makes this program the one below: how many MiB it takes.
pub(crate) const VARIABLE: &str = "LAB_TEST_SECOND_RUN";

const LIMIT: &str = "64M";

/// Takes so much, a MiB at a time.
pub(crate) fn main(mib: &str) -> ExitCode {
    let mut taken = Vec::new();
    for _ in 0..mib.parse().expect("a number") {
        taken.push(std::hint::black_box(vec![1u8; 1 << 20]));
        std::thread::sleep(Duration::from_millis(12));
    }
    println!("took {} MiB", taken.len());
    ExitCode::SUCCESS
}

/// Has `lab` do something with a program that takes so many MiB.
fn lab(bundle: &Bundle, mib: u64, words: &[&str]) -> Said {
    let mut command = bundle.command(&[], words);
    command.env(VARIABLE, mib.to_string());
    said(command)
}

/// Records that program within the limit, which is too small.
fn recorded(bundle: &Bundle, mib: u64) {
    let this = std::env::current_exe().expect("the path of this program");
    let this = this.to_str().expect("a path that is text");
    let said = lab(bundle, mib, &["record", "-q", "--memory", LIMIT, "-o", "r.jsonl", "--", this]);
    assert!(said.code != Some(0) && said.stdout.is_empty(), "{said:?}");
}

fn more_memory_tells_whether_the_limit_was_too_small() {
    let bundle = Bundle::new();
    recorded(&bundle, 90);
    let said = lab(&bundle, 90, &["diagnose", "--test", "--yes", "r.jsonl"]);
    let text = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.code == Some(0) && said.stdout.contains("took 90 MiB"), "{said:?}");
    assert!(text.contains("with 128 MiB of memory"), "{text}");
    assert!(text.contains("limit-too-small: yes; with twice the limit it ended well"), "{text}");
    assert!(text.contains("So it's limit-too-small"), "{text}");
}

fn more_memory_is_not_enough_for_what_grows_on() {
    let bundle = Bundle::new();
    recorded(&bundle, 400);
    let said = lab(&bundle, 400, &["diagnose", "--test", "--yes", "r.jsonl"]);
    let text = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.code == Some(0) && said.stdout.is_empty(), "{said:?}");
    assert!(text.contains("limit-too-small: no;") && !text.contains("So it's limit-too-small"), "{text}");
}

fn without_a_terminal_nothing_is_run_unless_that_was_agreed_to() {
    let bundle = Bundle::new();
    let said = lab(&bundle, 0, &["diagnose", "--test", "--", "touch", "made"]);
    assert!(said.code == Some(3) && said.stderr.contains("--yes"), "{said:?}");
    assert!(!bundle.path().join("made").exists());
}

fn a_record_of_another_folder_is_not_run_here() {
    let bundle = Bundle::new();
    let said = lab(&bundle, 0, &["record", "-q", "-o", "r.jsonl", "--", "sh", "-c", "cd /; exec sleep 0.2"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let record = bundle.path().join("r.jsonl");
    let text = std::fs::read_to_string(&record).expect("a record");
    let here = bundle.path().display().to_string();
    std::fs::write(&record, text.replace(&format!("\"folder\":\"{here}\""), "\"folder\":\"/nowhere\""))
        .expect("a file of our own");
    let said = lab(&bundle, 0, &["diagnose", "--test", "--yes", "r.jsonl"]);
    assert!(said.code == Some(3) && said.stderr.contains("cd /nowhere"), "{said:?}");
}
