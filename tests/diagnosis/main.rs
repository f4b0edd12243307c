//! How often the diagnosis is right, by stored records of programs whose failure is known.
//!
//! `cargo test --test diagnosis -- --ignored` makes the records again, of those programs alone whose names begin
//! with `LAB_RECORD_ONLY`; `LAB_WRITE_MATRIX=1 cargo test --test diagnosis` makes the table of the book.

mod cases;
mod drop;
mod matrix;
mod record;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab::diagnosis::{Verdict, diagnose};
use lab::model::record::Record;

use cases::{Case, HEALTHY};
use matrix::Matrix;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is said of a record: a mode, or the word of another verdict.
fn answer(record: &Record) -> &'static str {
    let diagnosis = diagnose(record);
    diagnosis.named().map_or(diagnosis.verdict.word(), |named| named.mode.id)
}

fn read(path: &Path) -> Record {
    Record::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the book has its table from.
const MATRIX: &str = "harness/results/diagnosis.md";

#[test]
fn no_healthy_program_is_named_and_no_broken_one_by_another_name() {
    let mut groups: BTreeMap<&str, Matrix> = BTreeMap::new();
    let mut wrong = Vec::new();
    for Case { name, expect, group, path, .. } in cases::recorded() {
        let record = read(&path);
        let answer = answer(&record);
        let matrix = groups.entry(group).or_default();
        matrix.add(&expect, answer);
        println!("{group:10} {name:45} {expect:20} {answer}");
        let is_named = diagnose(&record).verdict == Verdict::Named;
        if is_named && answer != expect {
            wrong.push(format!("{name} is called {answer}, and is {expect}"));
        }
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
    let all = groups.values().fold(Matrix::default(), Matrix::and);
    assert!(all.right() * 4 >= all.broken() * 3, "only {} of {} are named", all.right(), all.broken());
    assert!(all.of(HEALTHY) >= 40, "these are few healthy programs");
}
