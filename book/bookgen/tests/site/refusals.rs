//! What is wrong stops the build, with the place and with what to type.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use crate::copy::Copy;

const CHAPTER: &str = "scenarios/slice-dup/chapter.md";

/// Asserts that the book is refused, with all of these words.
#[track_caller]
fn refused(copy: &Copy, words: &[&str]) {
    let said = copy.build().expect_err("the build must fail");
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
    assert!(!copy.site().join("index.html").exists(), "a book that is refused must not be built");
}

#[test]
fn a_stale_fragment() {
    let copy = Copy::new();
    copy.edit("scenarios/slice-dup/results/figures/curve.html", "640 MiB", "641 MiB");
    refused(&copy, &["results/figures/curve.html:", "is stale", "bookgen -- fragments"]);
    copy.fragments().unwrap();
    copy.build().unwrap();
}

#[test]
fn a_missing_fragment() {
    let copy = Copy::new();
    fs::remove_file(copy.path("scenarios/slice-dup/results/lesson.diff")).unwrap();
    refused(&copy, &["results/lesson.diff is missing", "bookgen -- fragments"]);
}

#[test]
fn a_fragment_that_nothing_makes_any_more() {
    let copy = Copy::new();
    fs::write(copy.path("scenarios/slice-dup/results/figures/old.html"), "<figure></figure>").unwrap();
    refused(&copy, &["results/figures/old.html is left over"]);
    copy.fragments().unwrap();
    copy.build().unwrap();
}

#[test]
fn a_number_that_does_not_exist() {
    for (name, answer) in [
        ("brocken__peak__tmpfs", "did you mean 'broken'"),
        ("broken__peak__tmpsf", "did you mean 'tmpfs'"),
        ("broken__at__tmpfs__tasks-don", "did you mean 'tasks-done'"),
        ("broken__fact__files", "files_written"),
        ("size__array", "did you mean 'array_mib'"),
        ("broken__peak__tmpfs__over__broken__duration", "means nothing"),
        ("broken__peak__tmpfs__over__threads__peak__tmpfs", "divided by 0"),
        ("broken__claim__one_file_a_task", "did you mean 'one_file_per_task'"),
        ("nothing", "no variant is called 'nothing'"),
        ("broken__nothing", "size__NAME and machine"),
    ] {
        let copy = Copy::new();
        copy.edit(
            CHAPTER,
            "## Predict",
            &format!("{{{{#include results/numbers.txt:{name}}}}}\n\n## Predict"),
        );
        refused(&copy, &["scenarios/slice-dup/chapter.md:", name, answer]);
    }
}

#[test]
fn an_include_of_a_file_that_does_not_exist() {
    let copy = Copy::new();
    copy.edit("book/src/method.md", "\n", "\n\n{{#include figures/nothing.html}}\n");
    refused(&copy, &["book/src/method.md:3", "there is no book/src/figures/nothing.html"]);
}

#[test]
fn a_result_that_contradicts_its_claim() {
    let copy = Copy::new();
    copy.edit("scenarios/slice-dup/scenario.toml", "repeats       = 20", "repeats       = 21");
    copy.edit("scenarios/slice-dup/scenario.toml", "exactly = 0.0", "exactly = 3.0");
    refused(&copy, &["slice-dup", "fails on threads", "lab run slice-dup --reference"]);
}

#[test]
fn a_result_of_other_sizes() {
    let copy = Copy::new();
    copy.edit("scenarios/slice-dup/scenario.toml", "array_mib     = 32", "array_mib     = 64");
    refused(&copy, &["slice-dup", "other sizes", "lab run slice-dup --reference"]);
}

#[test]
fn a_variant_that_has_no_record() {
    let copy = Copy::new();
    fs::remove_file(copy.path("scenarios/slice-dup/results/threads.jsonl")).unwrap();
    refused(&copy, &["threads.jsonl is missing", "lab run slice-dup --reference"]);
}

#[test]
fn numbers_are_written_as_they_are_used() {
    let copy = Copy::new();
    let names = "{{#include results/numbers.txt:broken__peak__tmpfs}} \
                 {{#include results/numbers.txt:broken__peak__tmpfs__over__fixed__peak__tmpfs}} \
                 {{#include results/numbers.txt:size__array_mib}}";
    copy.edit(CHAPTER, "## Predict", &format!("Numbers: {names}.\n\n## Predict"));
    refused(&copy, &["results/numbers.txt", "bookgen -- fragments"]);
    copy.fragments().unwrap();
    copy.build().unwrap();
    let page = fs::read_to_string(copy.site().join("scenarios/slice-dup/chapter.html")).unwrap();
    assert!(page.contains("<p>Numbers: 640 MiB 20 32 MiB.</p>"), "the numbers are not in the page");
}

#[test]
fn a_build_that_is_killed_leaves_the_site_whole() {
    let copy = Copy::new();
    let begun = Instant::now();
    copy.build().unwrap();
    let takes = begun.elapsed();
    let whole = files(&copy.site());
    // The site is written in the second half of the time.
    for eighth in 4..8 {
        let mut build = copy.command("build").stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(takes * eighth / 8);
        build.kill().unwrap();
        build.wait().unwrap();
        assert!(files(&copy.site()) == whole, "after {eighth} eighths of the time");
    }
}

/// The names of all files below a folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in folder.read_dir().unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path => drop(found.insert(path)),
        }
    }
    found
}
