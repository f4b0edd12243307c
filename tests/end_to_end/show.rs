//! `lab show`: it reads records, and writes only what it is asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        showing_a_folder_changes_nothing_in_it,
        a_picture_is_named_only_where_there_is_one,
        a_picture_of_a_run_is_drawn_into_the_file_that_is_asked_for,
        a_record_is_found_by_its_bare_name_and_a_folder_without_one_is_named,
    ]
}

fn a_record_is_found_by_its_bare_name_and_a_folder_without_one_is_named() {
    let bundle = Bundle::new();
    assert_eq!(bundle.lab(&["record", "-q", "-o", "r.jsonl", "--", "sleep", "0.2"]).code, Some(0));
    for words in [&["show", "r.jsonl"][..], &["compare", "r.jsonl", "r.jsonl"], &["diagnose", "r.jsonl"]] {
        let said = bundle.lab(words);
        assert!(said.code == Some(0) && !said.stdout.is_empty(), "{words:?}: {said:?}");
    }
    fs::create_dir(bundle.path().join("empty")).expect("a folder of our own");
    let said = bundle.lab(&["compare", "empty"]);
    assert!(said.code == Some(3) && said.stderr.contains("empty holds no record"), "{said:?}");
}

fn showing_a_folder_changes_nothing_in_it() {
    let (bundle, folder) = a_run();
    // As if it were recorded by an older version, which has drawn it otherwise.
    fs::write(folder.join("curve.svg"), "<svg/>").expect("room for it");
    let before = files(&folder);
    for what in [folder.display().to_string(), folder.join("fixed.jsonl").display().to_string(), "toy".into()]
    {
        let shown = bundle.lab(&["show", &what]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert_eq!(files(&folder), before, "lab show {what}");
    }
}

fn a_picture_is_named_only_where_there_is_one() {
    let (bundle, folder) = a_run();
    let with = bundle.lab(&["show", "toy"]);
    assert!(with.stdout.contains("Picture: ") && with.stdout.contains("Records: "), "{with:?}");
    fs::remove_file(folder.join("curve.svg")).expect("it was drawn by the run");
    let without = bundle.lab(&["show", "toy"]);
    assert!(!without.stdout.contains("Picture: ") && without.stdout.contains("Records: "), "{without:?}");
}

fn a_picture_of_a_run_is_drawn_into_the_file_that_is_asked_for() {
    let (bundle, folder) = a_run();
    let before = files(&folder);
    assert_eq!(bundle.lab(&["show", "toy", "--svg", "asked.svg"]).code, Some(0));
    let picture = fs::read_to_string(bundle.path().join("asked.svg")).expect("it was asked for");
    assert!(picture.starts_with("<svg"), "{picture}");
    assert_eq!(files(&folder), before);
    let refused = bundle.lab(&["show", "toy", "--csv", "asked.csv"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("--svg"), "{refused:?}");
}

/// A bundle with one run of the toy, and the folder of its records.
fn a_run() -> (Bundle, PathBuf) {
    let bundle = Bundle::new();
    let said = bundle.lab(&["run", "toy", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let folder = said.json()["folder"].as_str().expect("the folder of the records").into();
    (bundle, folder)
}

/// The files of a folder by name, with their contents and the times of their last change.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let entries = folder.read_dir().expect("the folder of the records").flatten();
    let file = |path: PathBuf| {
        let changed = path.metadata().and_then(|file| file.modified()).expect("a time");
        (path.clone(), (fs::read(&path).expect("a file"), changed))
    };
    entries.map(|entry| file(entry.path())).collect()
}
