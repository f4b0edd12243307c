//! A script in the place of a learner: an exercise from its first look to its solution.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Command;

use lab::scenario::Catalog;
use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::tcgetattr;
use nix::unistd::Pid;

use crate::common::Said;
use crate::trials;
use crate::workbook::Workbook;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_learner_goes_from_the_start_to_the_solution,
        what_only_looks_like_a_solution_does_not_pass,
        what_is_not_the_learners_is_not_compiled_in_and_what_the_verdict_rests_on_is_as_it_was,
        every_exercise_begins_unsolved_and_says_where_and_its_solution_passes,
        what_an_exercise_asks_for_is_answered_and_proved_by_the_run,
        a_watch_checks_after_every_save_and_ends_with_ctrl_c,
        a_watch_on_a_terminal_has_keys_and_ends_with_the_whole_verdict,
        an_editor_sees_the_file_of_the_learner_and_cargo_its_errors,
        a_scenario_leads_to_its_second_exercise,
        scenarios_are_listed_in_a_line_each_and_no_fix_is_told,
        a_file_of_the_learners_is_never_lost,
        five_hints_lead_to_the_solution,
        progress_survives_an_update_and_can_be_handed_in,
        a_guess_is_asked_for_before_the_run_and_drawn_on_the_curve,
        what_a_run_can_not_answer_the_recorded_one_does,
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
    begun_in(Workbook::new())
}

fn begun_in(book: Workbook) -> Workbook {
    says(&book.lab(&["exercise", "1"]), 0, &["Open: my/slice-dup/exercise.rs", "lab check 1", "lab hint 1"]);
    book
}

fn a_learner_goes_from_the_start_to_the_solution() {
    let book = begun();
    let mark = line(&book, "bench.mark(\"tasks done\")");
    let place = format!("See {MINE}:{mark}, in the phase 'tasks done' (");
    let start = book.lab(CHECK);
    says(&start, 1, &["exercise: 160; exactly 8 slices", &place, "Not yet.", "lab hint 1"]);

    // A file that does not compile: the compiler's words, and the place as the learner knows it.
    book.change(MINE, "let mut pool =", "let mut pool: u8 =");
    let place = format!("--> {MINE}:{}:", line(&book, "let mut pool: u8"));
    says(&book.lab(CHECK), 1, &["error[E0308]", &place, "It doesn't compile yet"]);
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
        &["exercise: 8; exactly 8 slices", "Passed.", "What is repeated must be the object", "The costs of"],
    );

    // The ordinary program is not the learner's.
    let ordinary = book.lab(&["run", "1", "exercise", "--size", "smoke"]);
    says(&ordinary, 1, &["exercise: 160; exactly 8 slices"]);
    says(&book.lab(&["progress"]), 0, &["slice-dup exercise passed 2", "5 checks, 1 hint", "1 of "]);
}

fn what_only_looks_like_a_solution_does_not_pass() {
    let book = begun();
    let begin = "    let array = Array::from(";
    book.change(MINE, begin, &format!("    loop {{ std::hint::spin_loop() }}\n{begin}"));
    says(
        &book.lab(CHECK),
        1,
        &["no phase began, and no task was done, for 5 s.", "it was busy.", "Not yet."],
    );
    let title = "title = \"pairs of slices, to be fixed\"\n";
    book.change("scenarios/slice-dup/scenario.toml", title, &format!("{title}seconds = 2\n"));
    let done = "    bench.mark(\"tasks done\");";
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
        (done, "    bench.fact(\"files_written\", 8);\n", "stated by your file: files_written"),
        (done, "    bench.fact(\"checksum\", 7);\n", "stated by your file: checksum"),
        ("bench.mark(\"pool closed\")", "bench.mark(\"over\"); // ", "'over' instead of 'pool closed'."),
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
    says(&book.lab(CHECK), 2, &["nothing to compare the work with", "Unknown.", "lab doctor"]);
    says(&book.lab(&["progress"]), 0, &["0 of "]);
}

fn what_is_not_the_learners_is_not_compiled_in_and_what_the_verdict_rests_on_is_as_it_was() {
    let book = begun();
    let start = book.read("scenarios/slice-dup/src/exercise.rs");
    let allowed = concat!("#![allow(unsafe", "_code)]\n");
    for (text, words) in [
        ("pub(crate) use crate::solution::run;\n", "find `solution`"),
        (&format!("{allowed}{start}unsafe fn none() {{}}\n"), "declaration of an `unsafe` function"),
        (
            &format!(
                "{allowed}macro_rules! none {{ () => {{ unsafe {{}} }} }}\n{}",
                start.replace("    let array =", "    none!();\n    let array =")
            ),
            "usage of an `unsafe` block",
        ),
        (
            "#[path = \"../../scenarios/slice-dup/src/solution.rs\"]\nmod theirs;\npub(crate) use theirs::run;\n",
            "Your program has scenarios/slice-dup/src/solution.rs compiled in, and what you hand in is one file.",
        ),
        (
            &format!("{start}const _: &str = include_str!(\"../../scenarios/slice-dup/src/fixed.rs\");\n"),
            "Your program has scenarios/slice-dup/src/fixed.rs compiled in",
        ),
    ] {
        book.write(MINE, text);
        says(&book.lab(CHECK), 1, &[words, "lab check 1"]);
    }
    // A bound that was changed is said.
    let repository = |words: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x"]).args(words).current_dir(book.path(""));
        assert!(git.output().is_ok_and(|done| done.status.success()), "git {words:?}");
    };
    repository(&["init", "--quiet"]);
    repository(&["add", "Cargo.toml", "Cargo.lock", "scenarios", "harness"]);
    repository(&["commit", "--quiet", "--message", "x"]);
    book.change(
        "scenarios/slice-dup/scenario.toml",
        "exercise    = { about = 1.0, within = 0.02",
        "exercise    = { about = 1.0, within = 0.03",
    );
    book.write(MINE, &start);
    let words = "files that were changed here, so it holds in this workbook alone: scenarios/slice-dup/scenario.toml.";
    says(&book.lab(CHECK), 1, &[words]);
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

/// What stands on a terminal, as far as it's known.
struct Seen {
    terminal: File,
    text: String,
}

impl Seen {
    /// Reads until something is seen that was not there before, and returns what came up to it.
    #[track_caller]
    fn until(&mut self, word: &str) -> String {
        let mut bytes = [0; 4096];
        loop {
            if let Some(at) = self.text.find(word) {
                let rest = self.text.split_off(at + word.len());
                return std::mem::replace(&mut self.text, rest);
            }
            let read = self.terminal.read(&mut bytes).unwrap_or(0);
            assert!(read > 0, "the terminal ends without '{word}': {}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        }
    }

    fn press(&mut self, key: &str) {
        self.terminal.write_all(key.as_bytes()).expect("it's open");
    }
}

/// What is left on a screen of so many lines, after the picture that moved was taken away, without colours.
fn page(seen: &str, lines: usize) -> Vec<String> {
    let last = seen.rsplit("\x1b[J").next().unwrap_or_default();
    let mut parts = last.split("\x1b[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    text.extend(parts.map(|part| part.split_once('m').map_or("", |(_, text)| text)));
    let all: Vec<String> = text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect();
    all[all.len().saturating_sub(lines)..].to_vec()
}

/// What is seen of a page of so many lines and 80 columns.
#[track_caller]
fn fits(seen: &str, lines: usize, words: &[&str]) {
    let page = page(seen, lines);
    assert!(page.iter().all(|line| line.chars().count() <= 80), "{page:#?}");
    let text = page.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(text.contains(word), "it does not say '{word}': {page:#?}");
    }
}

fn a_watch_on_a_terminal_has_keys_and_ends_with_the_whole_verdict() {
    const CLEAR: &str = "\x1b[H\x1b[2J";
    const KEYS: &str = "press h (next hint), n (next exercise), q (quit).";
    let book = begun();
    let (mut watch, terminal) = book.on_a_terminal(&["watch", "1", "--size", "smoke"], (80, 24));
    let mode = |terminal: &File| tcgetattr(terminal).expect("a terminal").local_flags;
    let before = mode(&terminal);
    let mut seen = Seen { terminal, text: String::new() };
    seen.until(CLEAR);
    let fails = ["exercise: 160; exactly 8 slices", "See my/slice-dup/exercise.rs:", "Not yet.", KEYS];
    fits(&seen.until(KEYS), 24, &fails);

    seen.press("h");
    seen.until("Hint 1 of 5");
    assert_ne!(mode(&seen.terminal), before, "a key is read without Enter");
    seen.until(KEYS);
    seen.press("x");
    seen.press("h");
    seen.until("Hint 2 of 5");
    seen.until(KEYS);

    book.change(MINE, "let mut pool =", "let mut pool: u8 =");
    seen.until(CLEAR);
    assert_eq!(mode(&seen.terminal), before, "for the time of a check the terminal is as it was");
    let shown = seen.until(KEYS);
    assert!(shown.contains("E0308") && shown.contains("doesn't compile"), "{shown}");

    book.write(MINE, &book.read(SOLUTION));
    seen.until(CLEAR);
    fits(&seen.until(KEYS), 24, &["Passed.", "What is repeated must be the object", "lab progress", KEYS]);

    // The next exercise is put there, and not checked before its first save.
    seen.press("n");
    let task = seen.until(KEYS);
    assert!(task.contains("my/slice-dup/exercise_growth.rs") && !task.contains("verdicts"), "{task}");
    assert!(book.path("my/slice-dup/exercise_growth.rs").is_file());
    seen.press("q");
    assert_eq!(watch.wait().expect("it is a child of this process").code(), Some(0));
    says(&book.lab(&["progress"]), 0, &["passed 2", "3 checks, 2 hints"]);

    // Where there is more room, the curves and the table stand above the verdict.
    let (mut watch, terminal) = book.on_a_terminal(&["watch", "1", "2", "--size", "smoke"], (80, 60));
    let mut seen = Seen { terminal, text: String::new() };
    let title =
        Catalog::load(&book.path("")).expect("it can be read").find("slice-dup").expect("it").title.clone();
    fits(&seen.until(KEYS), 60, &[&format!("{title}: "), "variant outcome", "FAILS", "Not yet."]);
    seen.press("q");
    assert_eq!(watch.wait().expect("it is a child of this process").code(), Some(0));
}

fn an_editor_sees_the_file_of_the_learner_and_cargo_its_errors() {
    let book = begun();
    let cargo = |folder: &str, args: &[&str]| {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        book.at_home(&mut command);
        command.args(args).arg("--offline").current_dir(book.path(folder));
        let output = command.output().expect("cargo is there");
        let text = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("it is JSON"));
        (output.status.success(), lines.collect::<Vec<serde_json::Value>>(), output.stderr)
    };
    let check = || cargo("my", &["check", "--message-format=json"]);
    let (lock, manifest) = (book.read("Cargo.lock"), book.read("Cargo.toml"));
    let told = |lines: &[serde_json::Value]| {
        let messages = lines.iter().filter(|line| line["reason"] == "compiler-message");
        messages.map(|line| line["message"].clone()).collect::<Vec<_>>()
    };
    let (passes, lines, said) = check();
    assert!(passes, "{}", String::from_utf8_lossy(&said));
    assert_eq!(told(&lines), Vec::<serde_json::Value>::new());

    book.change(MINE, "let mut pool =", "let mut pool: u8 =");
    let (passes, lines, _) = check();
    let errors = told(&lines);
    let error = errors.iter().find(|message| message["code"]["code"] == "E0308").expect("it is wrong");
    let span = &error["spans"][0];
    let named = book.path("my").join(span["file_name"].as_str().expect("a file"));
    let [named, mine] = [named, book.path(MINE)].map(|path| path.canonicalize().expect("it is there"));
    assert_eq!((passes, named), (false, mine));
    assert_eq!(span["line_start"], line(&book, "let mut pool: u8"));
    book.change(MINE, "let mut pool: u8 =", "let mut pool =");

    // Another exercise of the scenario, and one of another.
    for words in [&["exercise", "1", "2"], &["exercise", "2", "1"]] {
        says(&book.lab(words), 0, &["Editor: open the folder my"]);
    }
    book.change("my/slice-dup/exercise_growth.rs", "pub(crate) fn run(", "pub(crate) fn walk(");
    let (passes, lines, _) = check();
    let message = told(&lines).iter().map(|message| message["rendered"].to_string()).collect::<String>();
    assert!(!passes && message.contains("exercise_growth"), "{message}");

    // The versions are those of the repository, which knows nothing of this.
    let versions = |lock: &str| {
        let lock: toml::Table = toml::from_str(lock).expect("it is TOML");
        let packages = lock["package"].as_array().expect("a list").clone();
        let of = |package: toml::Value| format!("{} {}", package["name"], package["version"]);
        packages.into_iter().map(of).collect::<std::collections::BTreeSet<_>>()
    };
    let (mine, known) = (versions(&book.read("my/Cargo.lock")), versions(&lock));
    let foreign: Vec<_> = mine.difference(&known).filter(|name| !name.contains("my-")).collect();
    assert!(foreign.is_empty() && mine.len() > 3, "{foreign:?}");
    let (_, lines, _) = cargo("", &["metadata", "--no-deps", "--format-version=1"]);
    let packages = lines[0]["packages"].as_array().expect("a list");
    assert!(packages.iter().all(|package| !package["name"].to_string().contains("my-")), "{packages:?}");
    assert_eq!((book.read("Cargo.lock"), book.read("Cargo.toml")), (lock, manifest));
}

fn a_scenario_leads_to_its_second_exercise() {
    let book = begun();
    let first =
        ["exercise-growth: ", "lab exercise 1 exercise-growth", "make exercise-1 EXERCISE=exercise-growth"];
    says(&book.lab(&["exercise", "1"]), 0, &first);
    let second =
        ["my/slice-dup/exercise_growth.rs", "lab check 1 exercise-growth", "exercise: ", "make exercise-1,"];
    for name in ["exercise-growth", "2"] {
        says(&book.lab(&["exercise", "1", name]), 0, &second);
    }
    says(&book.lab(&["exercise", "1", "3"]), 3, &["exercise-growth"]);
    // What make would call.
    for verb in ["exercise", "check", "watch", "hint", "reset"] {
        let mut make = Command::new("make");
        book.at_home(&mut make);
        let output = make.args(["-n", &format!("{verb}-1"), "EXERCISE=2"]).output().expect("make is there");
        let called = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(called.contains(&format!("-- {verb} 1 2")), "{called}");
    }
}

fn scenarios_are_listed_in_a_line_each_and_no_fix_is_told() {
    let book = Workbook::new();
    let catalog = Catalog::load(&book.path("")).expect("every scenario.toml can be read");
    let short = book.lab(&["list"]);
    says(&short, 0, &["lab list --all"]);
    let lines: Vec<&str> = short.stdout.lines().collect();
    assert!(lines.len() == catalog.scenarios().len() + 2 && lines.len() <= 24, "{short:?}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{short:?}");
    let long = book.lab(&["list", "--all"]);
    let all = book.lab(&["list", "--json"]).json();
    for scenario in all.as_array().expect("a list") {
        let title = |of: &serde_json::Value| of["title"].as_str().expect("a title").to_owned();
        assert!(short.stdout.contains(&title(scenario)) && long.stdout.contains(&title(scenario)));
        for variant in scenario["variants"].as_array().expect("a list") {
            assert!(!short.stdout.contains(&title(variant)), "{variant}: {short:?}");
            assert!(long.stdout.contains(&title(variant)), "{variant}: {long:?}");
        }
    }
    // Beside a learner's own program, the others have names and numbers.
    let checked = begun_in(book).lab(CHECK);
    assert!(checked.stdout.contains("fixed ...") && !checked.stdout.contains("is made once"), "{checked:?}");
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
        &["slice-dup exercise has passed, but its source"],
    );
    says(&book.lab(&["progress", "--export", "anna.json"]), 3, &["anna.json already exists"]);

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
        &["'much' isn't a number", "your guess 40 MiB", "You said 40 MiB, and it is 80 MiB", "It is: 8."],
    );
    let asked = said.stdout.find("How much shared memory").expect("the question");
    assert!(asked < said.stdout.find("broken: a fresh slice").expect("the run"), "{said:?}");
    // A choice is named by its word; "5" and "fix" name none, or several.
    let said = book.typed(&["predict", "1", "--size", "smoke"], "\n1,000\n5\nfix\nthreads\n");
    says(&said, 0, &["'5' isn't one of these", "'fix' isn't one", "type 1 to 4, or fixed, fixed-whole"]);
    says(&said, 0, &["You said 1000, and it is 8: your guess is about 130 times as much.", "threads:"]);
    assert!(!said.stdout.contains("'threads' isn't one"), "{said:?}");
    // The second guess knows the answer.
    book.typed(&["predict", "1", "--size", "smoke"], "80\n");
    assert!(book.read("my/progress.toml").contains("guess = 40"), "{}", book.read("my/progress.toml"));
}

fn what_a_run_can_not_answer_the_recorded_one_does() {
    let book = Workbook::new();
    // The program that would answer the second question doesn't get there.
    let begin = "    let array = Array::from(";
    book.change(
        "scenarios/slice-dup/src/fixed.rs",
        begin,
        &format!("    return Err(\"no\".into());\n{begin}"),
    );
    let said = book.typed(&["predict", "1", "--size", "smoke"], "80\n8\n\n");
    says(&said, 0, &["This run can't show it: fixed: The program never stated the fact 'files_written'"]);
    assert!(!said.stdout.contains("The recorded run does"), "there is none: {said:?}");
    let results = "scenarios/slice-dup/results";
    std::fs::create_dir(book.path(results)).expect("a folder in it");
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(results);
    for variant in ["broken", "fixed"] {
        let file = format!("{variant}.jsonl");
        std::fs::copy(repository.join(&file), book.path(results).join(&file)).expect("it is recorded");
    }
    let said = book.typed(&["predict", "1", "--size", "smoke"], "80\n8\n\n");
    says(
        &said,
        0,
        &["can't show it: fixed", "The recorded run does. It is: 8.", "It writes 8: one for each slice"],
    );
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
    says(&book.lab(CHECK), 3, &["my/slice-dup/exercise.rs isn't there", "lab exercise 1"]);
    says(&book.lab(&["watch", "1"]), 3, &["lab exercise 1"]);
    says(&book.lab(&["hint", "1", "exercis"]), 3, &["did you mean 'exercise'?"]);
    says(&book.lab(&["exercise", "slice-dap"]), 3, &["did you mean 'slice-dup'?"]);
}
