//! How often the diagnosis is right, by stored records of programs whose failure is known.
//!
//! `cargo test --test diagnosis -- --ignored` makes the records again, of those programs alone whose names begin
//! with `LAB_RECORD_ONLY`; `LAB_WRITE_MATRIX=1 cargo test --test diagnosis` makes the table of the book.

mod cases;
#[path = "../common/mod.rs"]
mod common;
mod drop;
mod live;
#[allow(dead_code, reason = "of the emulated machines, only one is needed here")]
#[path = "../emulated/machine.rs"]
mod machine;
mod matrix;
#[path = "../common/mutants.rs"]
mod mutant;
mod record;
mod runs;
mod scenarios;
mod trials;
#[allow(dead_code, reason = "learners do more with it than is done here")]
#[path = "../end_to_end/workbook.rs"]
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab::diagnosis::diagnose;
use lab::model::record::Record;

use cases::{Case, HEALTHY};
use matrix::{Matrix, Worth};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is said of a record: a mode, or the word of another verdict, with the modes between which it is.
fn answer(record: &Record) -> String {
    let diagnosis = diagnose(record);
    let candidates: Vec<&str> = diagnosis.candidates().map(|judged| judged.mode.id).collect();
    match diagnosis.named() {
        Some(named) => named.mode.id.to_owned(),
        None => format!("{} {}", diagnosis.verdict.word(), candidates.join(", ")).trim().to_owned(),
    }
}

fn read(path: &Path) -> Record {
    Record::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the book has its table from.
const MATRIX: &str = "harness/results/diagnosis.md";

/// Held-out programs that are called by a wrong name. A rule isn't bent for them, so the book has them as they are.
const KNOWN: &[&str] = &[];

#[test]
fn no_healthy_program_is_named_and_no_broken_one_by_another_name() {
    let mut groups: BTreeMap<&str, Matrix> = BTreeMap::new();
    let (mut wrong, mut right, mut broken, mut healthy) = (Vec::new(), 0, 0, 0);
    for case in cases::recorded() {
        let record = read(&case.path);
        let diagnosis = diagnose(&record);
        let worth = Worth::of(&case, &diagnosis);
        let Case { name, expected, group, .. } = &case;
        let confirmed = trials::confirmed(&case.path, &record, &diagnosis);
        let is_settled = confirmed.is_some_and(|mode| case.is(mode));
        let was_open = worth != Worth::Right;
        groups.entry(group).or_default().add(expected, worth, was_open && is_settled);
        println!("{group:45} {name:40} {expected:20} {worth:10?} {} {confirmed:?}", answer(&record));
        if let Some(mode) = confirmed
            && !is_settled
        {
            wrong.push(format!("a second run of {name} calls it {mode}, and it is {expected}"));
        }
        if worth == Worth::Wrong && !KNOWN.contains(&name.as_str()) {
            wrong.push(format!("{name} is called {}, and is {expected}", answer(&record)));
        }
        match expected == HEALTHY {
            true => healthy += 1,
            false => broken += 1,
        }
        right += usize::from(worth == Worth::Right && expected != HEALTHY);
    }
    let text: String = groups.iter().map(|(group, matrix)| format!("### {group}\n\n{matrix}\n")).collect();
    println!("\n{text}");
    let kept = root().join(MATRIX);
    if std::env::var_os("LAB_WRITE_MATRIX").is_some() {
        std::fs::write(&kept, &text).expect("it can be written");
    }
    let is_current = std::fs::read_to_string(&kept).is_ok_and(|kept| kept == text);
    assert!(is_current, "{MATRIX} is stale: LAB_WRITE_MATRIX=1 cargo test --test diagnosis makes it again");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right * 2 >= broken, "only {right} of {broken} are named");
    assert!(healthy >= 80, "these are few healthy programs");
}
