//! What a room hands in becomes one page; and nothing in somebody else's file becomes more than text.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Said, lab, said};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_room_becomes_one_page,
        what_a_stranger_writes_stays_text,
        a_file_that_is_broken_is_named_and_skipped,
        a_file_is_read_in_the_encoding_that_it_has,
        a_class_of_thirty_is_drawn_in_pictures_that_can_be_read,
        what_each_machine_can_run_is_seen_the_day_before,
        a_folder_without_a_file_that_can_be_read_is_refused,
    ]
}

fn a_room_becomes_one_page() {
    let room = tempfile::tempdir().expect("a temporary folder");
    write(&room, "anna.json", &handed("Anna", 40.0, &[1, 5, 5]));
    write(&room, "ben.json", &handed("Ben", 4000.0, &[1, 2, 5]));
    let said = class(&room);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("2 handed in, 0 skipped"), "{said:?}");
    let page = page(&room);
    for words in [
        "From 2 files",
        "<th scope=\"row\">anna</th><td class=\"passed\" title=\"passed, 3 checks, 1 hint\">\u{2713}</td>",
        "<th scope=\"row\">Passed, of 2</th><td>2</td>",
        "<td>1 of 1</td>",
        "<svg",
        "Lowest</th><td>40<",
        "Highest</th><td>4000<",
        "As it was recorded",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // What people talk about comes first.
    assert!(page.find("<svg") < page.find("Who passed what"), "{page}");
    // Nothing is loaded from anywhere, and the page is made again without a word.
    assert!(!page.contains("src=") && !page.contains("<script"), "{page}");
    assert_eq!(class(&room).code, Some(0));
}

fn what_a_stranger_writes_stays_text() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let harm = "</title><script>alert(1)</script><img src=x onerror='alert(1)'>&\u{202e}\u{1b}[31m";
    let mut handed = handed(harm, 1.0, &[u64::MAX, 0, 7]);
    handed["progress"][harm] = json!({ "exercises": { harm: { "checks": 1 } } });
    handed["progress"]["slice-dup"]["predictions"]["anything"] = json!({ "guess": harm });
    handed["curves"].as_array_mut().expect("it is a list").push(json!({
        "scenario": harm, "exercise": harm, "metric": harm, "span": u64::MAX, "values": [1, null, 2] }));
    write(&room, "<b>.json", &handed);
    write(&room, "<i>.json", &json!({ "schema": harm }));
    let said = class(&room);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!said.stderr.contains('\u{1b}'), "{said:?}");
    let page = page(&room);
    for word in ["<script", "<img", "<b>", "<i>", "\u{202e}", "\u{1b}"] {
        assert!(!page.contains(word), "{word}: {page}");
    }
    assert!(page.contains("&lt;script&gt;"), "{page}");
}

fn a_file_that_is_broken_is_named_and_skipped() {
    let room = tempfile::tempdir().expect("a temporary folder");
    write(&room, "anna.json", &handed("Anna", 40.0, &[1]));
    fs::write(room.path().join("torn.json"), "{\"schema\":1,").expect("room for it");
    fs::write(room.path().join("huge.json"), " ".repeat(5 << 20)).expect("room for it");
    fs::write(room.path().join("deep.json"), format!("{{\"progress\":{}", "[".repeat(100_000)))
        .expect("room for it");
    std::os::unix::fs::symlink("/dev/zero", room.path().join("link.json")).expect("a link");
    fs::create_dir(room.path().join("folder.json")).expect("a folder");
    let mut newer = handed("Nina", 1.0, &[1]);
    newer["schema"] = json!(99);
    write(&room, "newer.json", &newer);
    write(&room, "long.json", &handed("Lea", 1.0, &[1; 5000]));
    let said = class(&room);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("1 handed in, 7 skipped"), "{said:?}");
    let page = page(&room);
    for (name, why) in [
        ("torn.json", "EOF"),
        ("huge.json", "larger than 4096 KiB"),
        ("deep.json", "recursion limit"),
        ("link.json", "t a file"),
        ("folder.json", "t a file"),
        ("newer.json", "format 99"),
        ("long.json", "longer curves"),
    ] {
        assert!(said.stderr.lines().any(|line| line.contains(name) && line.contains(why)), "{said:?}");
        assert!(page.contains(name) && page.contains(why), "{name}: {page}");
    }
}

fn a_file_is_read_in_the_encoding_that_it_has() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let text = handed("J\u{e9}r\u{f4}me", 40.0, &[1, 2]).to_string();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|char| u8::try_from(u32::from(char)).expect("Latin-1")).collect();
    for (name, mark, bytes) in [
        ("plain.json", &[][..], text.as_bytes()),
        ("marked.json", &[0xef, 0xbb, 0xbf], text.as_bytes()),
        // As PowerShell redirects the output of a program.
        ("wide.json", &[0xff, 0xfe], &wide),
        ("latin.json", &[], &latin),
    ] {
        fs::write(room.path().join(name), [mark, bytes].concat()).expect("room for it");
    }
    fs::write(room.path().join("empty.json"), "").expect("room for it");
    let said = class(&room);
    assert!(said.stdout.contains("4 handed in, 1 skipped"), "{said:?}");
    assert!(said.stderr.contains("empty.json: it is empty"), "{said:?}");
    assert_eq!(page(&room).matches("<small>J\u{e9}r\u{f4}me</small>").count(), 4);
}

fn a_class_of_thirty_is_drawn_in_pictures_that_can_be_read() {
    let room = tempfile::tempdir().expect("a temporary folder");
    for number in 1..=30 {
        write(&room, &format!("learner-{number}.json"), &handed("", 40.0, &[1, number << 20, 1]));
    }
    assert_eq!(class(&room).code, Some(0));
    let page = page(&room);
    assert_eq!(page.matches("<svg").count(), 4, "thirty curves in one picture are told apart by nobody");
    assert_eq!(page.matches("<td class=\"passed\"").count(), 30);
}

fn what_each_machine_can_run_is_seen_the_day_before() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let file = room.path().join("anna.json").display().to_string();
    let said = said(lab(root(), &[], &["doctor", "--export", &file]));
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(&file).expect("it was made")).expect("it is JSON");
    assert!(state["findings"].as_array().is_some_and(|findings| findings.len() > 5), "{state:#}");
    // Another machine, on which less is possible.
    state["scenarios"]["slice-dup"] = json!({ "runs": "not", "why": "no room & no <b>namespaces</b>" });
    state["scenarios"]["gone"] = json!({ "runs": "whole" });
    state["no_exercises"] = "cargo: is Rust installed?".into();
    write(&room, "ben.json", &state);
    state["scenarios"]["slice-dup"] = json!({ "runs": "perhaps" });
    write(&room, "carla.json", &state);
    let class = class(&room);
    assert!(class.stdout.contains("2 handed in, 1 skipped"), "{class:?}");
    let page = page(&room);
    for words in [
        "Who can run what",
        "<th scope=\"row\">ben</th><td class=\"differs\" title=\"no room &amp; no &lt;b&gt;namespaces&lt;/b&gt;\">",
        "exercises: cargo: is Rust installed? <strong>ben</strong>",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("gone") && !page.contains("The curves"), "{page}");
    let again = self::said(lab(root(), &[], &["doctor", "--export", &file]));
    assert_eq!((again.code, again.stderr.contains("already exists")), (Some(3), true), "{again:?}");
}

fn a_folder_without_a_file_that_can_be_read_is_refused() {
    let room = tempfile::tempdir().expect("a temporary folder");
    let said = class(&room);
    assert_eq!((said.code, said.stderr.contains("lab progress --export")), (Some(3), true), "{said:?}");
    assert_eq!(fs::read_dir(room.path()).expect("it is there").count(), 0, "no page is left");
}

/// What a learner hands in who has passed the first exercise.
fn handed(name: &str, guess: f64, values: &[u64]) -> Value {
    json!({
        "schema": 1, "lab": "0.1.0", "name": name,
        "progress": {
            "slice-dup": {
                "exercises": { "exercise": { "checks": 3, "hints": [1], "passed": "2026-01-01T10:00:00Z" } },
                "predictions": { question(): { "guess": guess } },
            },
            "mysteries": { "seeds": { "7": { "answer": "healthy", "truth": "healthy" } } },
        },
        "curves": [{ "scenario": "slice-dup", "exercise": "exercise", "metric": "tmpfs", "unit": "bytes",
                     "size": "lab", "span": 1_000_000, "values": values }],
    })
}

/// The first question of the first scenario that asks for a number.
fn question() -> String {
    let catalog = lab::scenario::Catalog::load(root()).expect("every scenario.toml can be read");
    let scenario = catalog.find("slice-dup").expect("it is there");
    let is_number =
        |question: &&lab::scenario::Question| matches!(question.answer, lab::scenario::Answer::Number { .. });
    scenario.questions.iter().find(is_number).expect("one asks for a number").id.clone()
}

fn write(room: &TempDir, name: &str, handed: &Value) {
    fs::write(room.path().join(name), handed.to_string()).expect("room for it");
}

fn class(room: &TempDir) -> Said {
    said(lab(root(), &[], &["class", &room.path().display().to_string()]))
}

fn page(room: &TempDir) -> String {
    fs::read_to_string(room.path().join("class.html")).expect("the page was made")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
