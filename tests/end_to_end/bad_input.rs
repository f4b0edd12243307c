//! What `lab` says to what is wrong: where it is, what is allowed, and what to do next.

use std::fs;
use std::path::{Path, PathBuf};

use lab::model::record::SCHEMA;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::Said;
use crate::{toy, trials};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        an_unknown_name_is_answered_with_the_nearest_and_with_all_that_exist,
        a_size_that_can_not_be_set_is_refused,
        a_word_that_is_no_command_is_misuse_and_help_is_not,
        a_mistake_in_a_scenario_is_answered_with_its_line_and_what_is_allowed,
        sizes_that_no_machine_has_room_for_are_refused_with_the_arithmetic,
        a_scenario_that_was_never_run_has_nothing_to_show,
        a_damaged_record_is_named_with_its_line_and_harms_no_other,
        a_newer_record_is_not_guessed_at,
        a_record_that_was_cut_short_makes_no_claim_of_a_fix_hold,
    ]
}

#[track_caller]
fn refused(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    for word in words {
        assert!(said.stderr.contains(word), "it does not say '{word}': {said:?}");
    }
}

fn an_unknown_name_is_answered_with_the_nearest_and_with_all_that_exist() {
    let bundle = Bundle::new();
    for (args, nearest, all) in [
        (&["run", "tyo"][..], "did you mean 'toy'?", "(there is: toy)"),
        (&["show", "tyo"], "did you mean 'toy'?", "(there is: toy)"),
        (&["run", "toy", "fxied"], "did you mean 'fixed'?", "(there is: broken, fixed, idle, "),
        (&["run", "toy", "--size", "smok"], "did you mean 'smoke'?", "(there is: lab, post, smoke)"),
    ] {
        refused(&bundle.lab(args), 3, &[nearest, all]);
    }
}

fn a_size_that_can_not_be_set_is_refused() {
    let bundle = Bundle::new();
    refused(&bundle.lab(&["run", "toy", "--set", "file_mb=2"]), 3, &["'file_mb'", "file_mib, files"]);
    refused(&bundle.lab(&["run", "toy", "--set", "files=0"]), 3, &["files must be at least 1"]);
    refused(&bundle.lab(&["run", "toy", "--set", "files=many"]), 3, &["'many' isn't a whole number"]);
    refused(&bundle.lab(&["run", "toy", "--set", "files"]), 3, &["must look like"]);
}

fn a_word_that_is_no_command_is_misuse_and_help_is_not() {
    let bundle = Bundle::new();
    refused(&bundle.lab(&["shwo"]), 3, &["'show'"]);
    assert_eq!(bundle.lab(&["--help"]).code, Some(0));
    assert_eq!(bundle.lab(&["--version"]).code, Some(0));
}

fn a_mistake_in_a_scenario_is_answered_with_its_line_and_what_is_allowed() {
    for (good, bad, allowed) in [
        ("lesson  =", "leson   =", "`lesson`"),
        ("number  = 1", "number  = \"one\"", "expected a nonzero u32"),
        ("curve   = \"tmpfs\"", "curve   = \"tmfps\"", "did you mean 'tmpfs'? (there is: cgroup, "),
        (
            "{ peak = \"tmpfs\" }",
            "{ at = \"tmpfs\", mark = \"ent\" }",
            "did you mean 'end'? (there is: begin, end)",
        ),
        ("{ peak = \"tmpfs\" }", "{ peak = \"rsss\" }", "did you mean 'rss'?"),
        ("{ fact = \"files_written\" }", "{ facts = \"files_written\" }", "`fact`"),
    ] {
        let before = toy::TEXT.find(good).map(|at| &toy::TEXT[..at]).expect(good);
        let place = format!("scenarios/toy/scenario.toml:{}:", before.matches('\n').count() + 1);
        let bundle = Bundle::changed(good, bad);
        for args in [&["list"][..], &["run", "toy"], &["show"]] {
            refused(&bundle.lab(args), 3, &[&place, allowed]);
        }
    }
}

fn sizes_that_no_machine_has_room_for_are_refused_with_the_arithmetic() {
    let bundle = Bundle::new();
    let words = ["UNKNOWN on this machine", "iB = 8.00 x 1000000000 MiB", "MiB are available here"];
    refused(&bundle.lab(&["run", "toy", "--size", "post"]), 2, &words);
    bundle.leaves_nothing();
}

fn a_scenario_that_was_never_run_has_nothing_to_show() {
    refused(&Bundle::new().lab(&["show", "toy"]), 3, &["there is no record of toy yet: `lab run toy`"]);
}

/// The folder of the records of a fresh run.
fn recorded(bundle: &Bundle) -> PathBuf {
    let said = bundle.lab(&["run", "toy", "broken", "fixed", "--size", "smoke", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    PathBuf::from(said.json()["folder"].as_str().expect("the folder of the records"))
}

/// Writes the record again with its text changed.
fn change(record: &Path, change: impl FnOnce(&str) -> String) {
    let text = fs::read_to_string(record).expect("the record of a run");
    let changed = change(&text);
    assert_ne!(text, changed);
    fs::write(record, changed).expect("it was written before");
}

fn a_damaged_record_is_named_with_its_line_and_harms_no_other() {
    let bundle = Bundle::new();
    let [before, damaged] = [recorded(&bundle), recorded(&bundle)];
    let good = fs::read(damaged.join("fixed.jsonl")).expect("the record of a run");
    change(&damaged.join("broken.jsonl"), |text| text.replacen("\n{\"", "\n{\"?", 1));
    for args in [&["show"][..], &["show", "toy"], &["show", &damaged.display().to_string()]] {
        refused(&bundle.lab(args), 3, &["broken.jsonl, line 2: ", "run it again for a new one"]);
    }
    assert_eq!(fs::read(damaged.join("fixed.jsonl")).expect("it is still there"), good);
    assert_eq!(bundle.lab(&["show", &before.display().to_string()]).code, Some(0));
    recorded(&bundle);
    assert_eq!(bundle.lab(&["show", "toy"]).code, Some(0));
}

fn a_newer_record_is_not_guessed_at() {
    let bundle = Bundle::new();
    let today = format!("\"schema\":{SCHEMA}");
    change(&recorded(&bundle).join("fixed.jsonl"), |text| text.replacen(&today, "\"schema\":999", 1));
    refused(&bundle.lab(&["show"]), 3, &["fixed.jsonl has format 999", "use a newer lab"]);
}

fn a_record_that_was_cut_short_makes_no_claim_of_a_fix_hold() {
    let bundle = Bundle::new();
    let folder = recorded(&bundle);
    change(&folder.join("fixed.jsonl"), |text| {
        let body = text.find("\n").expect("a header") + 1;
        text[..(body + text.len()) / 2].to_owned()
    });
    let shown = bundle.lab(&["show", "toy", "--json"]);
    assert!(matches!(shown.code, Some(1 | 2)), "{shown:?}");
    let verdicts = shown.json()["verdicts"].as_array().expect("a list of verdicts").clone();
    assert!(verdicts.iter().any(|verdict| verdict["variant"] == "fixed"));
    assert!(verdicts.iter().all(|verdict| verdict["variant"] != "fixed" || verdict["status"] != "holds"));
    // Cut in its first line, it says nothing at all.
    change(&folder.join("fixed.jsonl"), |text| text[..40].to_owned());
    refused(&bundle.lab(&["show", "toy"]), 3, &["fixed.jsonl, line 1: "]);
}
