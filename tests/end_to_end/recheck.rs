//! A class hands in, and some of it is forged: what is in the files isn't believed, and what is built from them is.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::common::Said;
use crate::trials;
use crate::workbook::Workbook;

pub(crate) fn trials() -> Vec<Trial> {
    trials![five_of_thirty_are_forged_and_found]
}

const SLUG: &str = "slice-dup";

/// The exercises that the class has solved, and the claim that the start of the first one fails.
const EXERCISES: [(&str, &str); 2] = [("exercise", "solution"), ("exercise-growth", "solution-growth")];
const CLAIM: &str = "one_file_per_task";

fn five_of_thirty_are_forged_and_found() {
    let book = Workbook::new();
    for (exercise, solution) in EXERCISES {
        let [file, solution] = [exercise, solution].map(|name| name.replace('-', "_"));
        said(&book.lab(&["exercise", SLUG, exercise]), 0, &[]);
        book.write(&format!("my/{SLUG}/{file}.rs"), &source(&book, &solution));
        said(&book.lab(&["check", SLUG, exercise, "--size", "smoke"]), 0, &["Passed."]);
    }
    said(&book.lab(&["progress", "--export", "honest.json"]), 0, &["ready to be handed in"]);
    let honest: Value = serde_json::from_str(&book.read("honest.json")).expect("it is JSON");
    // What stands in the teacher's own folder is nobody's to build.
    book.write(&format!("my/{SLUG}/exercise.rs"), "mine");
    let before = tree(&book.path("my"));

    let room = book.path("room");
    fs::create_dir(&room).expect("room for a folder");
    let another = format!("// It took me a while.\n{}", source(&book, "solution"));
    for number in 0..25 {
        let mut one = of(&honest, number);
        match number % 5 {
            // Only the first exercise is done.
            0 => {
                one["progress"][SLUG]["exercises"][EXERCISES[1].0] = json!({ "checks": 2 });
                one["sources"].as_array_mut().expect("a list").truncate(1);
            }
            // Another way to write the same.
            1 => resolve(&mut one, &another),
            _ => {}
        }
        hand_in(&room, number, &one);
    }
    let forged = |number: u64, forge: &dyn Fn(&mut Value)| {
        let mut one = of(&honest, number);
        forge(&mut one);
        hand_in(&room, number, &one);
    };
    let start = source(&book, "exercise");
    let done = "    bench.mark(\"tasks done\");\n";
    let states = start.replace(done, &format!("    bench.fact(\"files_written\", 8);\n{done}"));
    assert_ne!(states, start, "it states the number of files");
    // The file is edited, and nothing was solved.
    forged(25, &|one| drop(one["sources"].as_array_mut().expect("a list").remove(0)));
    // The start, with a record and digests that fit.
    forged(26, &|one| resolve(one, &start));
    // Numbers that are typed, likewise.
    forged(27, &|one| resolve(one, &states));
    // Somebody else's solution is pasted beside the record of another program.
    forged(28, &|one| one["sources"][0]["text"] = another.as_str().into());
    // The curve is that of the broken program.
    forged(29, &|one| {
        for value in one["curves"][0]["values"].as_array_mut().expect("a curve") {
            *value = value.as_u64().map(|bytes| 20 * bytes).into();
        }
    });

    let class = book.lab(&["class", "room", "--recheck"]);
    let wrong = format!("fails here: claim '{CLAIM}'");
    said(&class, 1, &["30 handed in, 0 skipped", "55 judged again, 5 of them differ"]);
    let differs: Vec<&str> =
        class.stdout.lines().filter(|line| line.contains("handed in as passed")).collect();
    for (number, why) in [
        (25, "it has no source"),
        (26, wrong.as_str()),
        (27, "'facts' (stated by your file: files_written"),
        (28, "the record is of another source"),
        (29, "the curve is of another program: its peak is 20.0 times higher"),
    ] {
        let found = differs.iter().any(|line| line.contains(&name(number)) && line.contains(why));
        assert!(found, "{number}: {why}: {class:?}");
    }
    assert_eq!(differs.len(), 5, "the others pass: {class:?}");
    let page = book.read("room/class.html");
    assert!(page.contains("class=\"differs\"") && page.contains("What differs here"), "{page}");
    assert_eq!(tree(&book.path("my")), before, "the teacher's folder is left alone");

    // One of these two is a copy, and nobody knows which.
    let twins = book.path("twins");
    fs::create_dir(&twins).expect("room for a folder");
    hand_in(&twins, 1, &of(&honest, 1));
    hand_in(&twins, 2, &of(&honest, 1));
    said(&book.lab(&["class", "twins", "--recheck"]), 1, &["its record is also that of learner-1.json"]);
}

/// What another learner hands in who has done the same, whose records have other times and seeds.
fn of(honest: &Value, number: u64) -> Value {
    let mut one = honest.clone();
    one["name"] = name(number).into();
    for (place, (exercise, _)) in EXERCISES.into_iter().enumerate() {
        let record = json!(sha256(&format!("{number} {exercise}")));
        one["sources"][place]["record"] = record.clone();
        one["progress"][SLUG]["exercises"][exercise]["record"] = record;
    }
    one
}

/// Lets the first exercise be solved by this source, with digests that fit.
fn resolve(one: &mut Value, source: &str) {
    one["sources"][0]["text"] = source.into();
    one["sources"][0]["source"] = sha256(source).into();
    one["progress"][SLUG]["exercises"][EXERCISES[0].0]["source"] = sha256(source).into();
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn name(number: u64) -> String {
    format!("learner-{number}.json")
}

fn hand_in(room: &Path, number: u64, one: &Value) {
    fs::write(room.join(name(number)), one.to_string()).expect("room for it");
}

fn source(book: &Workbook, name: &str) -> String {
    book.read(&format!("scenarios/{SLUG}/src/{name}.rs"))
}

/// Every file of a folder, with its text.
fn tree(folder: &Path) -> Vec<(std::path::PathBuf, String)> {
    let entries = fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.path());
    let mut files: Vec<_> = entries
        .flat_map(|path| match path.is_dir() {
            true => tree(&path),
            false => vec![(path.clone(), fs::read_to_string(&path).expect("it is text"))],
        })
        .collect();
    files.sort();
    files
}

#[track_caller]
fn said(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for word in words {
        assert!(said.stdout.contains(word), "it does not say '{word}': {said:?}");
    }
}
