//! A program under a neutral name: the same for the same seed, named nowhere, and judged when answered.

use std::fs;

use lab::learn::mystery::{HEALTHY, Mystery};
use lab::scenario::Catalog;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_mystery_names_nothing_until_it_is_answered,
        an_answer_needs_a_mystery_that_was_looked_at,
        a_mystery_that_the_machine_can_not_show_is_unknown,
        seeds_reach_every_scenario_and_leave_some_healthy,
        the_instructor_gets_seeds_and_what_each_leads_to,
        a_mystery_is_drawn_from_the_scenarios_that_are_asked_for,
    ]
}

/// All that would give the toy away: its name, sizes, facts, variants and phases.
const TRACES: [&str; 8] =
    ["toy", "file_mib", "files_written", "checksum", "broken", "fixed", "\"begin\"", "writes"];

fn a_mystery_names_nothing_until_it_is_answered() {
    for truth in ["toy", HEALTHY] {
        let bundle = Bundle::new();
        let catalog = Catalog::load(bundle.path()).expect("the toy can be read");
        let is_that = |seed: &u64| Mystery::draw(&catalog, *seed).expect("a pair").truth() == truth;
        let seed = (0..).find(is_that).expect("one in some").to_string();
        let said = bundle.lab(&["mystery", "--seed", &seed, "--size", "smoke"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let (shown, asked) = said.stdout.split_once("Which of these is it?").expect("it asks");
        assert!(asked.contains("toy") && asked.contains(HEALTHY), "{said:?}");
        assert!(shown.contains("phase 1") && shown.contains("The end: exited with 0"), "{said:?}");
        let folder = bundle.path().join("target/lab/.mystery");
        let kept: Vec<_> = fs::read_dir(&folder).expect("it is kept").flatten().collect();
        assert!(kept.iter().all(|entry| entry.path().is_file()), "a run has left its folder: {kept:?}");
        let record = fs::read_to_string(folder.join(format!("{seed}.jsonl"))).expect("the record is kept");
        let progress = fs::read_to_string(bundle.path().join("my/progress.toml")).expect("it is noted");
        for word in TRACES {
            assert!(!shown.contains(word), "{word}: {said:?}");
            assert!(!record.contains(word), "{word} is in the record");
            assert!(!progress.contains(word), "{word} is in {progress}");
        }
        let wrong = if truth == HEALTHY { "1" } else { HEALTHY };
        // A failure mode is an answer too, if a chapter of this workbook is about it.
        let said = bundle.lab(&["mystery", "--answer", "shm-per-task"]);
        assert!(said.code == Some(3) && said.stderr.contains("slice-dup"), "{said:?}");
        let said = bundle.lab(&["mystery", "--answer", wrong]);
        assert_eq!((said.code, said.stdout.contains("Not so:")), (Some(1), true), "{said:?}");
        let said = bundle.lab(&["mystery", "--seed", &seed, "--answer", truth]);
        assert_eq!((said.code, said.stdout.contains("Right:")), (Some(0), true), "{said:?}");
        for word in [
            "A program may do anything",
            "What its record shows by itself: ",
            "scenarios/toy/chapter.md",
            &format!("--seed {seed}"),
        ] {
            assert!(said.stdout.contains(word), "{word}: {said:?}");
        }
        // The first answer counts, and it was wrong.
        let said = bundle.lab(&["progress"]);
        assert!(said.stdout.contains("0 of 1 mysteries solved"), "{said:?}");
        bundle.leaves_nothing();
    }
}

fn an_answer_needs_a_mystery_that_was_looked_at() {
    let bundle = Bundle::new();
    for (words, says) in [
        (&["mystery", "--answer", "toy"][..], "lab mystery shows it"),
        (&["mystery", "--answer", "toy", "--seed", "7"], "lab mystery --seed 7 shows it"),
        (&["mystery", "--answer", "helthy"], "did you mean 'healthy'?"),
    ] {
        let said = bundle.lab(words);
        assert_eq!((said.code, said.stderr.contains(says)), (Some(3), true), "{said:?}");
    }
}

fn a_mystery_that_the_machine_can_not_show_is_unknown() {
    let said = Bundle::new().lab(&["mystery", "--seed", "7", "--size", "post"]);
    assert_eq!((said.code, said.stderr.contains("UNKNOWN on this machine")), (Some(2), true), "{said:?}");
}

fn seeds_reach_every_scenario_and_leave_some_healthy() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Catalog::load(root).expect("every scenario.toml can be read");
    let draw = |seed| Mystery::draw(&catalog, seed).expect("there are scenarios");
    let healthy = (0..1000).filter(|seed| draw(*seed).truth() == HEALTHY).count();
    assert!((150..350).contains(&healthy), "{healthy} of 1000 are healthy");
    for scenario in catalog.scenarios() {
        let some = (0..1000).any(|seed| draw(seed).truth() == scenario.slug);
        assert!(some, "no seed leads to {}", scenario.slug);
    }
}

fn the_instructor_gets_seeds_and_what_each_leads_to() {
    let bundle = Bundle::new();
    let catalog = Catalog::load(bundle.path()).expect("the toy can be read");
    let said = bundle.lab(&["mystery", "--seeds", "--only", "1"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let row = said.stdout.lines().find(|line| line.starts_with("toy")).expect("a row of the toy");
    let numbers: Vec<u64> =
        row.split_whitespace().skip(2).map(|word| word.parse().expect("a seed")).collect();
    let truths: Vec<&str> =
        numbers.iter().map(|seed| Mystery::draw(&catalog, *seed).expect("a pair").truth()).collect();
    assert_eq!(truths, ["toy", "toy", "toy", "toy", "toy", HEALTHY, HEALTHY, HEALTHY, HEALTHY, HEALTHY]);
    assert!(!bundle.path().join("my").exists(), "nothing was run");
}

fn a_mystery_is_drawn_from_the_scenarios_that_are_asked_for() {
    let bundle = Bundle::new();
    // A second scenario, which has no program and can't be drawn.
    let text = crate::toy::TEXT.replacen("number  = 1", "number  = 2", 1);
    fs::create_dir(bundle.path().join("scenarios/other")).expect("a folder in it");
    fs::write(bundle.path().join("scenarios/other/scenario.toml"), text).expect("a file in it");
    std::os::unix::fs::symlink("toy", bundle.path().join("bin/other")).expect("a link in it");
    for _ in 0..3 {
        let said = bundle.lab(&["mystery", "--only", "toy", "--size", "smoke"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let asked = said.stdout.split_once("Which of these is it?").expect("it asks").1;
        assert!(asked.contains("toy") && asked.contains(HEALTHY) && !asked.contains("other"), "{said:?}");
        let number = said.stdout.strip_prefix("Mystery ").and_then(|rest| rest.split_once('.'));
        let seed = number.expect("its seed").0.parse().expect("a number");
        let catalog = Catalog::load(bundle.path()).expect("both can be read");
        let truth = Mystery::draw(&catalog, seed).expect("a pair").truth().to_owned();
        assert_ne!(truth, "other");
    }
    let said = bundle.lab(&["mystery", "--only", "toy,toys"]);
    assert_eq!((said.code, said.stderr.contains("did you mean 'toy'?")), (Some(3), true), "{said:?}");
    bundle.leaves_nothing();
}
