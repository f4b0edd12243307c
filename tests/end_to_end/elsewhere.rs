//! What this machine can't run is shown as the reference machine ran it, and said to be so. It proves nothing here.

use std::fs;
use std::path::Path;

use lab::learn::mystery::{HEALTHY, Mystery};
use lab::scenario::Catalog;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::{NO_NAMESPACES, Said, said};
use crate::trials_where_possible;
use crate::workbook::Workbook;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        a_run_is_shown_in_its_place_and_stays_unknown,
        a_scenario_of_which_nothing_can_be_run_is_shown,
        a_question_is_asked_and_answered_at_its_sizes,
        a_mystery_is_shown_and_it_is_said_after_the_answer,
        a_learners_program_is_shown_next_to_it,
    ]
}

const INSTEAD: &str = "Here it can't be run; this is the run of the reference machine";

/// The toy, whose first variant can't be run without namespaces; what it has done where there are some is its
/// recorded result.
fn recorded() -> Result<Bundle, String> {
    let title = "title = \"writes every file\"\n";
    let question = "[[predict]]
id = \"written\"
asks = \"Of {files} files, how many are written?\"
number = { variant = \"broken\", measure = { fact = \"files_written\" } }
because = \"It is {answer}.\"
";
    let bundle = Bundle::changed(title, &format!("{title}needs = [\"private-tmpfs\"]\n\n{question}"));
    let said = bundle.lab(&["run", "toy", "broken", "fixed", "--size", "smoke", "--json"]);
    if said.code != Some(0) {
        return Err("what is to be shown can't be run here at all".into());
    }
    let (results, json) = (bundle.path().join("scenarios/toy/results"), said.json());
    let folder = Path::new(json["folder"].as_str().expect("the folder of the records"));
    fs::create_dir(&results).expect("a folder in the bundle");
    for name in ["broken.jsonl", "fixed.jsonl"] {
        fs::copy(folder.join(name), results.join(name)).expect("room for a copy");
    }
    possible(&bundle)?;
    Ok(bundle)
}

/// Why nothing can be run without namespaces here, if so.
fn possible(bundle: &Bundle) -> Result<(), String> {
    let said = without(bundle, &["list"]);
    if said.code == Some(0) { Ok(()) } else { Err(said.stderr.trim().replace('\n', "; ")) }
}

fn without(bundle: &Bundle, args: &[&str]) -> Said {
    said(bundle.command(NO_NAMESPACES, args))
}

/// Whether it says this, wherever its lines end.
#[track_caller]
fn says(said: &Said, code: i32, texts: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    let all = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in texts {
        assert!(all.contains(text), "it does not say '{text}': {said:?}");
    }
}

fn a_run_is_shown_in_its_place_and_stays_unknown() -> Option<String> {
    let bundle = match recorded() {
        Ok(bundle) => bundle,
        Err(why) => return Some(why),
    };
    let run = ["run", "toy", "broken", "fixed", "--size", "smoke"];
    let beside = without(&bundle, &run);
    let place = format!("{INSTEAD}: broken (reference).");
    says(&beside, 2, &[&place, "UNKNOWN broken: not started", "HOLDS fixed: exited with 0"]);
    // In the place of the run: there is one figure, and no row of a run that wasn't started.
    assert_eq!(beside.stdout.matches("A toy").count(), 2, "the heading and one figure: {beside:?}");
    assert!(beside.stdout.contains("a broken (reference)  peak 4 MiB"), "{beside:?}");
    says(&without(&bundle, &["show", "toy"]), 2, &[&place]);
    let json = without(&bundle, &[&run[..], &["--json"]].concat());
    assert!(!json.stdout.contains("reference"), "{json:?}");

    // What it has run at other sizes is by itself.
    let apart = without(&bundle, &["run", "toy", "broken", "fixed"]);
    let place = format!("{INSTEAD}, at file_mib = 1, files = 4: broken (reference).");
    says(&apart, 2, &["broken not started", &place]);
    assert_eq!(apart.stdout.matches("A toy").count(), 3, "the heading and two figures: {apart:?}");
    bundle.leaves_nothing();
    None
}

fn a_scenario_of_which_nothing_can_be_run_is_shown() -> Option<String> {
    let bundle = match recorded() {
        Ok(bundle) => bundle,
        Err(why) => return Some(why),
    };
    let path = bundle.path().join("scenarios/toy/scenario.toml");
    let text = fs::read_to_string(&path).expect("the toy");
    let needs = text.replace("needs   = [\"tmpfs\"]", "needs   = [\"private-tmpfs\"]");
    fs::write(&path, needs).expect("room for it");
    for (args, shown) in [
        (&["run", "toy"][..], "broken (reference), fixed (reference)"),
        (&["run", "toy", "fixed"], ": fixed (reference)."),
    ] {
        let said = without(&bundle, args);
        says(&said, 2, &[INSTEAD, shown, "exited with 0"]);
        assert!(
            said.stderr.contains("UNKNOWN on this machine: this machine allows no namespaces"),
            "{said:?}"
        );
    }
    let json = without(&bundle, &["run", "toy", "--json"]);
    assert_eq!((json.code, json.stdout.as_str()), (Some(2), ""), "{json:?}");
    says(&without(&bundle, &["predict", "toy"]), 2, &["UNKNOWN on this machine", "Of 4 files", "It is: 4."]);
    bundle.leaves_nothing();
    None
}

fn a_question_is_asked_and_answered_at_its_sizes() -> Option<String> {
    let bundle = match recorded() {
        Ok(bundle) => bundle,
        Err(why) => return Some(why),
    };
    let results = bundle.path().join("scenarios/toy/results/broken.jsonl");
    let text = fs::read_to_string(&results).expect("the record");
    fs::write(&results, text.replace("\"files\":4", "\"files\":3")).expect("room for it");
    let said = without(&bundle, &["predict", "toy", "--size", "smoke"]);
    says(&said, 0, &[&format!("Of 3 files, how many are written? ({INSTEAD}.)"), "It is: 4."]);
    bundle.leaves_nothing();
    None
}

fn a_mystery_is_shown_and_it_is_said_after_the_answer() -> Option<String> {
    let bundle = match recorded() {
        Ok(bundle) => bundle,
        Err(why) => return Some(why),
    };
    let catalog = Catalog::load(bundle.path()).expect("the toy can be read");
    let some = "For the others you see the run of the reference machine.";
    for (truth, code) in [("toy", 0), (HEALTHY, 0)] {
        let is_that = |seed: &u64| Mystery::draw(&catalog, *seed).expect("a pair").truth() == truth;
        let seed = (0..).find(is_that).expect("one in some").to_string();
        let shown = without(&bundle, &["mystery", "--seed", &seed, "--size", "smoke"]);
        // The same is said of both: else it would be a clue.
        says(&shown, code, &[some, "The end: exited with 0"]);
        assert!(!shown.stdout.contains(INSTEAD), "{shown:?}");
        let answered = without(&bundle, &["mystery", "--answer", truth]);
        says(&answered, code, &["Right:"]);
        assert_eq!(answered.stdout.contains(INSTEAD), truth == "toy", "{answered:?}");
    }
    bundle.leaves_nothing();
    None
}

fn a_learners_program_is_shown_next_to_it() -> Option<String> {
    if let Err(why) = possible(&Bundle::new()) {
        return Some(why);
    }
    let book = Workbook::new();
    let results = "scenarios/shm-exhaustion/results";
    fs::create_dir(book.path(results)).expect("a folder of the copy");
    let record = Path::new(env!("CARGO_MANIFEST_DIR")).join(results).join("broken.jsonl");
    fs::copy(record, book.path(&format!("{results}/broken.jsonl"))).expect("room for a copy");
    assert_eq!(book.lab(&["exercise", "2"]).code, Some(0));
    let check = book.lab_after(NO_NAMESPACES, &["check", "2", "--size", "smoke"]);
    says(&check, 1, &["broken not started", INSTEAD, "broken (reference) ENOSPC", "Not yet."]);
    book.write("my/shm-exhaustion/exercise.rs", &book.read("scenarios/shm-exhaustion/src/solution.rs"));
    says(&book.lab_after(NO_NAMESPACES, &["check", "2", "--size", "smoke"]), 0, &[INSTEAD, "Passed."]);
    None
}
