//! A script in the place of a learner: an exercise from its first look to its solution.

use std::io::{BufRead, BufReader};

use lab::scenario::Catalog;
use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::common::Said;
use crate::trials;
use crate::workbook::Workbook;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_learner_goes_from_the_start_to_the_solution,
        what_only_looks_like_a_solution_does_not_pass,
        every_exercise_begins_unsolved_and_says_where_and_its_solution_passes,
        what_an_exercise_asks_for_is_answered_and_proved_by_the_run,
        a_watch_checks_after_every_save_and_ends_with_ctrl_c,
        a_file_of_the_learners_is_never_lost,
        five_hints_lead_to_the_solution,
        progress_survives_an_update_and_can_be_handed_in,
        a_guess_is_asked_for_before_the_run_and_drawn_on_the_curve,
        what_is_listened_to_is_said_in_sentences,
        an_exercise_that_is_not_there_is_answered_with_what_to_type,
    ]
}

const MINE: &str = "my/slice-dup/exercise.rs";
const SOLUTION: &str = "scenarios/slice-dup/src/solution.rs";
const CHECK: &[&str] = &["check", "1", "--size", "smoke"];

#[track_caller]
fn says(said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, Some(code), "{said:?}");
    // Where a line ends depends on the width of the screen.
    let all = format!("{}\n{}", said.stdout, said.stderr);
    let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(all.contains(word), "it does not say '{word}': {said:?}");
    }
}

/// The line of a file, from 1 on, that contains a text.
#[track_caller]
fn line(book: &Workbook, text: &str) -> usize {
    let source = book.read(MINE);
    source.lines().position(|line| line.contains(text)).expect(text) + 1
}

/// Lets one check begin where one is judged: the learner's file is the start, or as a test has changed it.
fn begun() -> Workbook {
    let book = Workbook::new();
    says(&book.lab(&["exercise", "1"]), 0, &["Open: my/slice-dup/exercise.rs", "lab check 1", "lab hint 1"]);
    book
}

fn a_learner_goes_from_the_start_to_the_solution() {
    let book = begun();
    let place = format!("See {MINE}:{}, in the phase 'tasks begin' (", line(&book, "\"files_written\""));
    let start = book.lab(CHECK);
    says(&start, 1, &["exercise: 160; exactly 8 slices", &place, "Not yet.", "lab hint 1"]);

    // A file that does not compile: the compiler's words, and the place as the learner knows it.
    book.change(MINE, "let mut pool =", "let mut pool: u8 =");
    let place = format!("--> {MINE}:{}:", line(&book, "let mut pool: u8"));
    says(&book.lab(CHECK), 1, &["error[E0308]", &place, "It does not compile yet"]);
    book.change(MINE, "let mut pool: u8 =", "let mut pool =");

    // What the program prints is shown as its own words.
    book.change(MINE, "let mut pool =", "eprintln!(\"a pool of {}\", 2);\n    let mut pool =");
    says(&book.lab(CHECK), 1, &["Your program printed:", "| a pool of 2"]);

    // A wrong fix: half of the slices are made once.
    book.change(MINE, "fold.train(), fold.test()", "fold.train(), array.clone()");
    says(&book.lab(CHECK), 1, &["The work is done, and it is the same work. FAILS", "Not yet."]);

    says(&book.lab(&["hint", "1"]), 0, &["Hint 1 of 5"]);

    book.write(MINE, &book.read(SOLUTION));
    let solved = book.lab(CHECK);
    says(
        &solved,
        0,
        &["exercise: 8; exactly 8 slices", "Passed.", "What is repeated must be the object", "cost:"],
    );

    // The ordinary program is not the learner's.
    let ordinary = book.lab(&["run", "1", "exercise", "--size", "smoke"]);
    says(&ordinary, 1, &["exercise: 160; exactly 8 slices"]);
    says(&book.lab(&["progress"]), 0, &["slice-dup exercise passed 2", "5 checks, 1 hint", "1 of "]);
}

fn what_only_looks_like_a_solution_does_not_pass() {
    let book = begun();
    let title = "title = \"pairs of slices, to be fixed\"\n";
    book.change("scenarios/slice-dup/scenario.toml", title, &format!("{title}seconds = 2\n"));
    let begin = "    let array = Array::from(";
    for (good, bad, words) in [
        (begin, "    return Ok(());\n", "no checksum"),
        (begin, "    std::process::exit(0);\n", "no checksum"),
        (begin, "    println!(\"8 files\"); loop { std::thread::park() }\n", "timed out"),
        (begin, "    std::process::abort();\n", "SIGABRT"),
        (begin, "    return Err(\"no\".into());\n", "It said: no."),
        (
            begin,
            "    panic!(\"no\");\n",
            "See my/slice-dup/exercise.rs:33, where it panicked, and the run ended at",
        ),
        ("pool.files_written()", "8 + 0 * ", "80 MiB; 4 MiB array, give or take 2 %"),
        ("sum?", "7 + 0 * ", "checksum 0000000000000007"),
        ("bench.mark(\"pool closed\")", "bench.mark(\"over\"); // ", "'over' in the place of 'pool closed'."),
    ] {
        book.write(MINE, &book.read("scenarios/slice-dup/src/exercise.rs"));
        // What comes after it is left as it is, so that it compiles.
        book.change(MINE, good, &format!("{bad}{good}"));
        says(&book.lab(CHECK), 1, &[words, "Not yet."]);
    }
    // Not even the solution passes where nothing shows that its work is right.
    book.write(MINE, &book.read(SOLUTION));
    book.change(
        "scenarios/slice-dup/src/fixed.rs",
        begin,
        &format!("    return Err(\"no\".into());\n{begin}"),
    );
    says(&book.lab(CHECK), 2, &["the work was compared with nothing", "Unknown.", "lab doctor"]);
    says(&book.lab(&["progress"]), 0, &["0 of "]);
}

fn every_exercise_begins_unsolved_and_says_where_and_its_solution_passes() {
    let book = Workbook::new();
    let catalog = Catalog::load(&book.path("")).expect("every scenario.toml can be read");
    for scenario in catalog.scenarios() {
        for exercise in scenario.exercises.iter().filter(|exercise| exercise.diagnosis.is_none()) {
            let (slug, name) = (scenario.slug.as_str(), exercise.name.as_str());
            let check = || book.lab(&["check", slug, name, "--size", "smoke"]);
            says(&book.lab(&["exercise", slug, name]), 0, &["Check:"]);
            let start = check();
            if let Some(2) = start.code {
                // This machine can't show it, and says so; then it can't show the solution either.
                continue;
            }
            says(
                &start,
                1,
                &[&format!("HOLDS {name}: exited with 0"), &format!("HOLDS {name}: checksum"), "Not yet."],
            );
            let fails: Vec<&str> = start.stdout.split("FAILS").skip(1).collect();
            for text in fails {
                let text = text.split("HOLDS").next().unwrap_or_default();
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                for word in ["See ", ".rs:", " in the phase '", " s"] {
                    assert!(text.contains(word), "{slug} {name} does not say '{word}': {text}");
                }
            }
            let module = name.replace('-', "_");
            let solution = format!("scenarios/{slug}/src/{}.rs", exercise.solution.replace('-', "_"));
            book.write(&format!("my/{slug}/{module}.rs"), &book.read(&solution));
            says(&check(), 0, &["Passed."]);
        }
    }
}

fn what_an_exercise_asks_for_is_answered_and_proved_by_the_run() {
    let book = Workbook::new();
    let catalog = Catalog::load(&book.path("")).expect("every scenario.toml can be read");
    for scenario in catalog.scenarios() {
        for exercise in &scenario.exercises {
            let Some(diagnosis) = &exercise.diagnosis else { continue };
            let (slug, name) = (scenario.slug.as_str(), exercise.name.as_str());
            let check = ["check", slug, name, "--size", "smoke"];
            let choices: Vec<&str> = diagnosis.choices.iter().map(|mode| mode.id).collect();
            says(&book.lab(&["exercise", slug, name]), 0, &choices);
            let asked = book.lab(&check);
            if let Some(2) = asked.code {
                continue;
            }
            // The claims would give the answer away.
            says(&asked, 1, &choices);
            assert!(!asked.stdout.contains("HOLDS") && !asked.stdout.contains("FAILS"), "{asked:?}");
            let answer = diagnosis.answer;
            for word in choices.iter().filter(|word| **word != answer.id) {
                let wrong = book.lab(&[&check[..], &["--answer", word]].concat());
                says(&wrong, 1, &["The answer is right. FAILS", "Not yet."]);
                assert!(!wrong.stdout.contains("HOLDS"), "{wrong:?}");
            }
            says(&book.lab(&[&check[..], &["--answer", "dunno"]].concat()), 3, &["there is: "]);
            let right = book.lab(&[&check[..], &["--answer", answer.id]].concat());
            says(&right, 0, &["The answer is right. HOLDS", "Passed."]);
            let last = book.lab(&["hint", slug, name, "--level", "5"]);
            says(&last, 0, &[answer.id, answer.says]);
        }
    }
    says(&book.lab(&["check", "1", "--answer", "leak"]), 3, &["leave --answer out"]);
}

fn a_watch_checks_after_every_save_and_ends_with_ctrl_c() {
    let book = begun();
    let mut watch = book.start(&["watch", "1", "--size", "smoke"]);
    let mut lines = BufReader::new(watch.stdout.take().expect("its output is read here")).lines();
    let mut until = |word: &str| {
        let found =
            lines.by_ref().map(|line| line.expect("lab prints UTF-8")).find(|line| line.contains(word));
        assert!(found.is_some(), "the watch ends without '{word}'");
    };
    until("Not yet.");
    until("Watching my/slice-dup/exercise.rs");
    // As an editor does that is careful: a new file in the place of the old one.
    book.write("my/slice-dup/new", &book.read(SOLUTION));
    std::fs::rename(book.path("my/slice-dup/new"), book.path(MINE)).expect("both are in one folder");
    until("Passed.");
    until("Watching my/slice-dup/exercise.rs");
    kill(Pid::from_raw(watch.id().cast_signed()), Signal::SIGINT).expect("it has not ended");
    assert_eq!(watch.wait().expect("it is a child of this process").code(), Some(130));

    let manual = book.typed(&["watch", "1", "--manual", "--size", "smoke"], "\n");
    says(&manual, 0, &["Enter checks again"]);
    assert_eq!(manual.stdout.matches("Passed.").count(), 2, "{manual:?}");
}

fn a_file_of_the_learners_is_never_lost() {
    let book = begun();
    book.write(MINE, "mine");
    says(&book.lab(&["exercise", "1"]), 0, &["was there already", "lab reset 1"]);
    assert_eq!(book.read(MINE), "mine");
    for (number, text) in [(1, "mine"), (2, "mine too")] {
        book.write(MINE, text);
        let aside = format!("my/slice-dup/exercise.{number}.rs");
        says(&book.lab(&["reset", "1"]), 0, &[&format!("your version is now {aside}")]);
        assert_eq!(book.read(&aside), text);
        assert_eq!(book.read(MINE), book.read("scenarios/slice-dup/src/exercise.rs"));
    }
    assert_eq!(book.read("my/slice-dup/exercise.1.rs"), "mine");
}

fn five_hints_lead_to_the_solution() {
    let book = begun();
    for level in 1..=5 {
        says(&book.lab(&["hint", "1"]), 0, &[&format!("Hint {level} of 5"), "lab check 1"]);
    }
    let last = book.lab(&["hint", "1"]);
    // The lines that make the solution of the start.
    let mut start = book.read(MINE);
    for change in last.stdout.lines().filter(|line| line.starts_with('-') && !line.starts_with("---")) {
        assert!(start.contains(&change[1..]), "{change}");
        start = start.replacen(&change[1..], "", 1);
    }
    for change in last.stdout.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++")) {
        assert!(book.read(SOLUTION).contains(&change[1..]), "{change}");
    }
    says(&book.lab(&["hint", "1", "--level", "3"]), 0, &["Hint 3 of 5"]);
    says(&book.lab(&["hint", "1", "--level", "6"]), 3, &["6 is not in 1..=5"]);
    says(&book.lab(&["progress"]), 0, &["begun, 5 hints"]);
}

fn progress_survives_an_update_and_can_be_handed_in() {
    let book = begun();
    book.write(MINE, &book.read(SOLUTION));
    says(&book.lab(CHECK), 0, &["Passed."]);
    // A scenario that was renamed, and numbers that have moved.
    let progress = book.read("my/progress.toml");
    book.write(
        "my/progress.toml",
        &format!("{progress}\n[gone.exercises.old]\npassed = \"2020-01-01T00:00:00Z\"\n"),
    );
    book.change("scenarios/slice-dup/scenario.toml", "number  = 1\n", "number  = 91\n");
    says(&book.lab(&["progress"]), 0, &["91 slice-dup exercise passed", "has no exercise gone old"]);
    book.lab(&["hint", "91"]);
    assert!(book.read("my/progress.toml").contains("[gone.exercises.old]"));

    says(&book.lab(&["progress", "--export", "anna.json"]), 0, &["anna.json is ready to be handed in"]);
    let handed: serde_json::Value = serde_json::from_str(&book.read("anna.json")).expect("it is JSON");
    assert_eq!((&handed["schema"], &handed["name"]), (&2.into(), &"anna".into()));
    assert_eq!(handed["progress"]["slice-dup"]["exercises"]["exercise"]["checks"], 1);
    let highest =
        handed["curves"][0]["values"].as_array().expect("a curve").iter().filter_map(|v| v.as_u64()).max();
    assert_eq!(highest, Some(4 << 20), "the whole array, once");
    let solved = &handed["sources"][0];
    assert_eq!(solved["text"], book.read(SOLUTION), "the source that passed");
    assert_eq!(solved["record"], handed["progress"]["slice-dup"]["exercises"]["exercise"]["record"]);
    // What goes on after it passed isn't what passed.
    book.write(MINE, "// I go on.");
    says(&book.lab(&["progress", "--export", "later.json"]), 0, &["later.json is ready"]);
    assert!(book.read("later.json").contains("Fixed: the fold holds its slices"));
    book.write("my/slice-dup/exercise.passed.rs", "// I change what passed.");
    says(
        &book.lab(&["progress", "--export", "less.json"]),
        0,
        &["slice-dup exercise has passed, and its source"],
    );
    says(&book.lab(&["progress", "--export", "anna.json"]), 3, &["anna.json is there already"]);

    book.write("my/progress.toml", "[slice-dup");
    says(&book.lab(&["progress"]), 3, &["my/progress.toml", "fix it, or move it away"]);
    says(&book.lab(&["hint", "91"]), 3, &["my/progress.toml"]);
    assert_eq!(book.read("my/progress.toml"), "[slice-dup");
}

fn a_guess_is_asked_for_before_the_run_and_drawn_on_the_curve() {
    let book = Workbook::new();
    let said = book.typed(&["predict", "1", "--size", "smoke"], "much\n40\n");
    says(
        &said,
        0,
        &["'much' is no number", "your guess 40 MiB", "You said 40 MiB, and it is 80 MiB", "It is: 8."],
    );
    let asked = said.stdout.find("How much shared memory").expect("the question");
    assert!(asked < said.stdout.find("broken: a fresh slice").expect("the run"), "{said:?}");
    // The second guess knows the answer.
    book.typed(&["predict", "1", "--size", "smoke"], "80\n");
    assert!(book.read("my/progress.toml").contains("guess = 40"), "{}", book.read("my/progress.toml"));
}

fn what_is_listened_to_is_said_in_sentences() {
    let book = begun();
    let said = book.lab(&["--plain", "check", "1", "--size", "smoke"]);
    says(
        &said,
        1,
        &["broken: at most 80 MiB; 0 at array made (", "tmpfs peak 80 MiB, ", "FAILS", "Not yet."],
    );
    assert!(said.stdout.is_ascii(), "{said:?}");
}

fn an_exercise_that_is_not_there_is_answered_with_what_to_type() {
    let book = Workbook::new();
    says(&book.lab(CHECK), 3, &["my/slice-dup/exercise.rs is not there", "lab exercise 1"]);
    says(&book.lab(&["watch", "1"]), 3, &["lab exercise 1"]);
    says(&book.lab(&["hint", "1", "exercis"]), 3, &["did you mean 'exercise'?"]);
    says(&book.lab(&["exercise", "slice-dap"]), 3, &["did you mean 'slice-dup'?"]);
}
