//! What makes a variant a lesson: it is short, differs in few lines, and names its culprit.

use std::path::PathBuf;

use lab::scenario::{Kind, Scenario};
use similar::{ChangeTag, TextDiff};

use crate::{catalog, files, read, variant_file};

/// The most lines that a variant may have: it should fit on one screen.
const VARIANT_LINES: usize = 60;

/// The most lines that may come and go between two variants: they are the lesson.
const DIFFERENT_LINES: usize = 20;

/// What a variant may not use, and why.
const NOT_IN_A_VARIANT: [(&str, &str); 5] = [
    ("Instant", "a scenario does not measure itself: announce phases with `bench.mark`"),
    ("SystemTime", "a scenario does not measure itself: announce phases with `bench.mark`"),
    ("/proc", "a scenario does not measure itself: `lab` reads /proc from outside"),
    ("std::env", "labkit reads the arguments: ask `bench` for sizes and folders"),
    ("println!", "facts go to the harness: state them with `bench.fact`"),
];

#[test]
fn every_variant_is_a_file_and_every_file_a_variant() {
    for scenario in catalog().scenarios() {
        let mut named: Vec<PathBuf> =
            scenario.variants.iter().map(|variant| variant_file(scenario, &variant.name)).collect();
        named.extend(["main.rs", "my.rs", "setup.rs"].map(|file| scenario.folder.join("src").join(file)));
        named.sort();
        assert_eq!(
            files(&scenario.folder.join("src")),
            named,
            "the files in src (left) and the [[variant]]s of scenario.toml (right) are not the same"
        );
    }
}

#[test]
fn variants_are_short() {
    for (_, path) in variants() {
        let lines = read(&path).lines().count();
        assert!(
            lines <= VARIANT_LINES,
            "{} has {lines} lines, {VARIANT_LINES} are the most: move what variants share into setup.rs",
            path.display()
        );
    }
}

#[test]
fn variants_differ_in_few_lines() {
    for scenario in catalog().scenarios() {
        let first = |kind: Kind| scenario.variants.iter().find(|variant| variant.kind == kind);
        for variant in &scenario.variants {
            let solved = scenario.exercises.iter().find(|exercise| exercise.solution == variant.name);
            let model = match variant.kind {
                Kind::Broken | Kind::Fixed | Kind::Mutant => first(Kind::Broken),
                // Each is a program of its own.
                Kind::Exercise => continue,
                Kind::Solution => solved.and_then(|exercise| scenario.variant(&exercise.name).ok()),
            };
            let model = model
                .unwrap_or_else(|| panic!("{} has nothing to compare {} with", scenario.slug, variant.name));
            let [path, model] = [variant, model].map(|variant| variant_file(scenario, &variant.name));
            let different = different_lines(&read(&model), &read(&path));
            assert!(
                different <= DIFFERENT_LINES,
                "{} lines come and go between {} and {}, {DIFFERENT_LINES} are the most: move machinery \
                 that only one of them needs into setup.rs",
                different,
                model.display(),
                path.display()
            );
        }
    }
}

#[test]
fn variants_leave_measuring_and_arguments_to_the_harness() {
    for (_, path) in variants() {
        let text = read(&path);
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (word, remedy) in NOT_IN_A_VARIANT {
                assert!(!line.contains(word), "{} uses {word}: {remedy}", path.display());
            }
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let number = words.find(|word| word.len() > 1 && word.starts_with(|c: char| c.is_ascii_digit()));
            assert_eq!(number, None, "{} has a size of its own: give it a name in [sizes]", path.display());
        }
    }
}

#[test]
fn every_variant_names_its_culprit_once_in_a_full_sentence() {
    for (kind, path) in variants() {
        let mark = match kind {
            Kind::Broken => "// Broken: ",
            Kind::Mutant => "// Mutant: ",
            Kind::Fixed | Kind::Solution => "// Fixed: ",
            Kind::Exercise => "// TODO: ",
        };
        let text = read(&path);
        let comments: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix(mark)).collect();
        assert!(
            matches!(comments.as_slice(), [sentence] if sentence.contains(' ')) && sentence_ends(&text, mark),
            "{} must have one comment `{mark}...` above the decisive line, a full sentence; it has {comments:?}",
            path.display()
        );
    }
}

/// The file of every variant of every scenario.
fn variants() -> Vec<(Kind, PathBuf)> {
    let catalog = catalog();
    let of = |scenario: &Scenario| -> Vec<(Kind, PathBuf)> {
        scenario
            .variants
            .iter()
            .map(|variant| (variant.kind, variant_file(scenario, &variant.name)))
            .collect()
    };
    catalog.scenarios().iter().flat_map(of).collect()
}

/// Whether the comment that begins with `mark`, which may go on for some lines, ends as a sentence.
fn sentence_ends(text: &str, mark: &str) -> bool {
    let lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(mark));
    lines.take_while(|line| line.starts_with("//")).last().is_some_and(|line| line.ends_with('.'))
}

/// How many lines are only in one of two texts: the lines that `diff` marks with `<` and `>`.
fn different_lines(left: &str, right: &str) -> usize {
    let difference = TextDiff::from_lines(left, right);
    difference.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal).count()
}
