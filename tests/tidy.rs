//! The rules of the repository that no compiler checks. Each failure says what to do.

#[path = "common/mutants.rs"]
mod mutants;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lab::learn::costs::costs;
use lab::learn::diagnosis::ANSWER;
use lab::learn::grade::PHASES;
use lab::model::record::Record;
use lab::model::verdict::{ENDS, WORK};
use lab::scenario::{Against, Catalog, Kind, Scenario, Variant};

/// The most lines that a variant may have: it should fit on one screen.
const VARIANT_LINES: usize = 60;

/// The most lines that may come and go between two variants: they are the lesson.
const DIFFERENT_LINES: usize = 20;

/// The fewest exercises of a scenario: one to begin with, and one that is harder or the other way round.
const EXERCISES: usize = 2;

/// The fewest mutants of an exercise: one is too easily rejected.
const MUTANTS: usize = 3;

/// The headings of every chapter, in order.
const HEADINGS: [&str; 9] = [
    "What you see",
    "Predict",
    "The difference",
    "Why",
    "The evidence",
    "The claims",
    "The price of each fix",
    "Try it",
    "In Python",
];

/// What a variant may not use, and why.
const NOT_IN_A_VARIANT: [(&str, &str); 5] = [
    ("Instant", "a scenario does not measure itself: announce phases with `bench.mark`"),
    ("SystemTime", "a scenario does not measure itself: announce phases with `bench.mark`"),
    ("/proc", "a scenario does not measure itself: `lab` reads /proc from outside"),
    ("std::env", "labkit reads the arguments: ask `bench` for sizes and folders"),
    ("println!", "facts go to the harness: state them with `bench.fact`"),
];

/// What no file may name: paths that exist on one machine only, and hosts of package registries,
/// which a mirror may replace. Each is split here, so that this file passes too.
const NOT_ANYWHERE: [&str; 8] = [
    concat!("/wo", "rk/"),
    concat!("../sha", "red"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("npmjs", ".org"),
];

#[test]
fn the_harness_names_no_scenario() {
    let slugs: Vec<String> = catalog().scenarios().iter().map(|scenario| scenario.slug.clone()).collect();
    // A bench may race whatever it likes.
    let is_of_benches = |file: &PathBuf| file.components().any(|part| part.as_os_str() == "benches");
    let code = files(&root().join("harness")).into_iter().filter(|file| is_code(file) && !is_of_tests(file));
    for file in code.filter(|file| !is_of_benches(file)) {
        // Tests at the end of a file may call their example by a real name.
        let text = read(&file);
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for slug in &slugs {
            let line =
                text.lines().position(|line| line.contains(slug) && !line.trim_start().starts_with("//"));
            if let Some(line) = line {
                panic!(
                    "{}:{} names the scenario {slug}. The harness must work for every scenario: \
                     move what is special about this one into its scenario.toml",
                    file.display(),
                    line + 1
                );
            }
        }
    }
}

#[test]
fn no_scenario_depends_on_lab() {
    for scenario in catalog().scenarios() {
        let manifest = manifest(&scenario.folder);
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let names = manifest.get(table).and_then(toml::Value::as_table).cloned().unwrap_or_default();
            assert!(
                !names.contains_key("lab"),
                "{} depends on lab. What crosses between them is text: use labkit alone",
                scenario.slug
            );
        }
    }
}

#[test]
fn folder_package_and_program_have_one_name() {
    for scenario in catalog().scenarios() {
        let manifest = manifest(&scenario.folder);
        let name = manifest["package"]["name"].as_str();
        assert_eq!(
            name,
            Some(scenario.slug.as_str()),
            "rename the package of {} to its folder",
            scenario.slug
        );
        assert!(
            manifest.get("bin").is_none() && scenario.folder.join("src/main.rs").is_file(),
            "{} must have one program, src/main.rs, without a [[bin]] that renames it",
            scenario.slug
        );
    }
}

#[test]
fn every_package_takes_the_lints_of_the_workspace() {
    let manifests = files(&root()).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    for path in manifests {
        let inherits = manifest(path.parent().expect("a file is in a folder"))
            .get("lints")
            .and_then(|lints| lints.get("workspace")?.as_bool());
        assert_eq!(inherits, Some(true), "add `[lints] workspace = true` to {}", path.display());
    }
    let lints = &manifest(&root())["workspace"]["lints"];
    assert_eq!(lints["rust"]["unsafe_code"].as_str(), Some("deny"), "Cargo.toml must deny unsafe_code");
}

#[test]
fn only_sys_rs_may_use_unsafe() {
    let exception = concat!("(unsafe", "_code");
    for file in
        files(&root()).iter().filter(|file| is_code(file) && !file.ends_with("harness/kit/src/sys.rs"))
    {
        assert!(
            !read(file).contains(exception),
            "{} makes an exception from the lint unsafe_code. Put the call into harness/kit/src/sys.rs, \
             behind a safe function",
            file.display()
        );
    }
}

#[test]
fn every_unsafe_block_says_why_it_is_sound() {
    let path = root().join("harness/kit/src/sys.rs");
    let text = read(&path);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("unsafe {")) {
        // The statement may have begun on a line before.
        let statement = |line: &&&str| !line.starts_with("//") && !line.ends_with([';', '{', '}']);
        let before = lines[..number].iter().rev().skip_while(statement);
        let comment = before.take_while(|line| line.starts_with("//"));
        assert!(
            comment.last().is_some_and(|first| first.starts_with("// SAFETY: ")),
            "{}:{} has no comment `// SAFETY: ...` above it that names the fact that makes it sound: {line}",
            path.display(),
            number + 1
        );
    }
}

#[test]
fn every_variant_is_a_file_and_every_file_a_variant() {
    for scenario in catalog().scenarios() {
        let mut named: Vec<PathBuf> =
            scenario.variants.iter().map(|variant| variant_file(scenario, &variant.name)).collect();
        named.extend(["main.rs", "setup.rs"].map(|file| scenario.folder.join("src").join(file)));
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

#[test]
fn every_exercise_is_described_and_can_be_replaced_by_the_learners_file() {
    for scenario in catalog().scenarios() {
        let main = read(&scenario.folder.join("src/main.rs"));
        for Variant { name, .. } in scenario.variants.iter().filter(|one| one.kind == Kind::Exercise) {
            let exercise = scenario.exercise(name).unwrap_or_else(|missing| {
                panic!("{missing}: add an [[exercise]] to the scenario.toml of {}", scenario.slug)
            });
            let choices = exercise.diagnosis.iter().flat_map(|diagnosis| diagnosis.choices.values());
            for text in exercise.hints.iter().chain([&exercise.asks, &exercise.why]).chain(choices) {
                assert!(
                    text.ends_with(['.', '?']),
                    "{}: a text of {name} is no whole sentence: {text}",
                    scenario.slug
                );
            }
            let module = name.replace('-', "_");
            let line = format!(
                "#[cfg_attr(my = \"{name}\", path = \"../../../my/{}/{module}.rs\")]\nmod {module};",
                scenario.slug
            );
            assert!(main.contains(&line), "`lab check` needs this in {}/src/main.rs:\n{line}", scenario.slug);
        }
        // The others are for those who want more.
        let minutes = scenario.exercises.first().map_or(0, |first| first.minutes);
        let planned = scenario.minutes.exercise;
        assert!(
            minutes <= planned,
            "the first exercise of {} takes {minutes} minutes, and {planned} are planned: see minutes.do",
            scenario.slug
        );
    }
}

#[test]
fn every_scenario_has_exercises_enough_and_every_exercise_has_mutants_enough() {
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        let count = scenario.exercises.len();
        assert!(count >= EXERCISES, "{slug} has {count} exercises, {EXERCISES} are the fewest: add one");
        let mutants = mutants::of(scenario);
        for exercise in &scenario.exercises {
            let own = mutants.iter().filter(|mutant| mutant.exercise == exercise.name);
            let names: BTreeSet<&str> = own.map(|mutant| mutant.name.as_str()).collect();
            assert!(
                names.len() >= MUTANTS,
                "{slug}: {MUTANTS} mutants are the fewest for an exercise, and {} has these: {names:?}. Add \
                 programs to its mutants.toml that nearly solve it",
                exercise.name
            );
        }
    }
}

#[test]
fn every_mutant_can_be_made_and_says_what_is_wrong_and_which_claim_rejects_it() {
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        for mutant in mutants::of(scenario) {
            mutant.source(scenario);
            let exercise = scenario.exercise(&mutant.exercise).expect("its source is made of one");
            if let Some(answer) = mutant.answer(exercise) {
                let choices = exercise.diagnosis.as_ref().map(|diagnosis| &diagnosis.choices);
                let is_one = choices.is_some_and(|choices| choices.contains_key(answer));
                assert!(is_one, "{slug}: {answer} can not be answered to {}", exercise.name);
            }
            let (name, says, claim) = (&mutant.name, &mutant.says, mutant.rejected_by.as_str());
            assert!(says.ends_with('.'), "{slug}: what {name} says is no whole sentence: {says}");
            let bounds = |id: &str| {
                let mut claims = scenario.claims.iter();
                claims.any(|claim| claim.id == id && claim.bounds.contains_key(&mutant.exercise))
            };
            assert!(
                [ENDS, WORK, PHASES, ANSWER].contains(&claim) || bounds(claim),
                "{slug}: {claim}, which should reject {name}, is no claim on {}",
                mutant.exercise
            );
        }
    }
}

#[test]
fn what_is_asked_of_an_exercise_is_asked_of_its_solution_too() {
    for scenario in catalog().scenarios() {
        for exercise in &scenario.exercises {
            for claim in &scenario.claims {
                let bound = |variant: &String| claim.bounds.get(variant);
                let (asked, solved) = (bound(&exercise.name), bound(&exercise.solution));
                let is_itself = asked.is_some_and(|bound| {
                    matches!(&bound.against, Against::Variant { name, .. } if *name == exercise.solution)
                });
                assert!(
                    asked.is_none() || asked == solved || is_itself,
                    "{}: {} bounds {} and not {} in the same way, so nothing shows that it can be solved",
                    scenario.slug,
                    claim.id,
                    exercise.name,
                    exercise.solution
                );
            }
        }
    }
}

#[test]
fn every_scenario_states_the_costs_of_its_fixes_and_its_chapter_shows_them() {
    const TABLE: &str = "{{#include results/costs.md}}";
    for scenario in catalog().scenarios() {
        let slug = &scenario.slug;
        assert!(
            costs(scenario).len() >= 2,
            "{slug} has nothing that `lab check` can show to a learner who has solved its exercise: add [[cost]], \
             and 'does' and 'costs' to each fix, in its scenario.toml"
        );
        let chapter = read(&scenario.folder.join(&scenario.chapter));
        assert!(
            chapter.contains(TABLE),
            "the chapter of {slug} has no {TABLE} below \"The price of each fix\""
        );
    }
}

#[test]
fn every_chapter_has_the_same_headings_in_the_same_order() {
    for (path, text) in chapters() {
        let prose = without_code(&text);
        let headings: Vec<&str> =
            prose.lines().filter_map(|line| line.strip_prefix("## ")).map(str::trim).collect();
        assert_eq!(headings, HEADINGS, "{} (left) must have the headings on the right", path.display());
    }
}

#[test]
fn no_chapter_holds_a_measured_number() {
    const UNITS: [&str; 10] = ["KiB", "MiB", "KiB/s", "MiB/s", "GiB/s", "us", "ms", "s", "seconds", "%"];
    for (path, text) in chapters() {
        let prose = without_code(&text);
        let words: Vec<&str> =
            prose.split_whitespace().map(|word| word.trim_end_matches([',', '.', ';', ':', ')'])).collect();
        for pair in words.windows(2) {
            assert!(
                !(pair[0].ends_with(|c: char| c.is_ascii_digit()) && UNITS.contains(&pair[1])),
                "{} says `{} {}`. What was measured is included from results/; a constant of a program \
                 stands in backticks",
                path.display(),
                pair[0],
                pair[1]
            );
        }
    }
}

#[test]
fn recorded_results_are_whole_records_of_their_scenario() {
    for scenario in catalog().scenarios() {
        let records = files(&scenario.folder.join("results"));
        for path in records.iter().filter(|path| path.to_string_lossy().contains(".jsonl")) {
            let record = Record::read(path).expect("a record that is committed can be read");
            assert_eq!(record.header.scenario, scenario.slug, "{} is in the wrong folder", path.display());
            assert!(
                record.trailer.is_some() && path.extension().is_some_and(|end| end == "jsonl"),
                "{} was cut short: record it again",
                path.display()
            );
        }
    }
}

#[test]
fn every_peer_has_a_script_with_the_variants_of_its_scenario_toml_and_pinned_requirements() {
    let catalog = catalog();
    for scenario in catalog.scenarios() {
        let slug = &scenario.slug;
        let folder = scenario.folder.join("peer");
        let Some(peer) = catalog.peer(scenario) else {
            assert!(!folder.exists(), "{} is no peer without a table [peer] in {slug}", folder.display());
            continue;
        };
        let (_, table) = read(&peer.script()).split_once("labpeer.run(").map_or_else(
            || panic!("{} must end with labpeer.run({{...}})", peer.script().display()),
            |(before, table)| (before.to_owned(), table.to_owned()),
        );
        let names = table.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\": "));
        let mut scripted: Vec<&str> = names.map(|(name, _)| name).collect();
        let mut stated: Vec<&str> =
            peer.scenario.variants.iter().map(|variant| variant.name.as_str()).collect();
        scripted.sort_unstable();
        stated.sort_unstable();
        assert_eq!(scripted, stated, "the variants of {slug}'s peer.py (left) and of its [peer] (right)");
        let needed: BTreeSet<PathBuf> = stated.iter().map(|name| peer.requirements(name)).collect();
        for path in needed {
            for line in read(&path).lines() {
                let is_pin = line.split_once("==").is_some_and(|(name, version)| {
                    let is_word = |text: &str| {
                        !text.is_empty()
                            && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                    };
                    is_word(name) && is_word(version)
                });
                assert!(is_pin, "{}: '{line}' is no pin: write NAME==VERSION", path.display());
            }
        }
    }
}

#[test]
fn the_readme_lists_every_scenario_with_its_lesson() {
    let readme = read(&root().join("README.md"));
    for Scenario { number, slug, lesson, .. } in catalog().scenarios() {
        let row = format!("| {number} | [{slug}](scenarios/{slug}) | {lesson} |");
        assert!(readme.contains(&row), "add this line to the table of scenarios in README.md:\n{row}");
    }
}

#[test]
fn every_link_of_the_readme_leads_to_a_file() {
    let readme = read(&root().join("README.md"));
    for link in readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let there = link.starts_with("https://") || root().join(link).exists();
        assert!(there, "README.md links to {link}, which is not there");
    }
}

#[test]
fn no_file_names_a_path_or_host_that_others_do_not_have() {
    // Cargo writes its lock file, and names the registry in it, whichever mirror is used.
    for file in files(&root()).iter().filter(|file| !file.ends_with("Cargo.lock")) {
        let Ok(text) = fs::read_to_string(file) else { continue };
        // Nobody's folder, but that of the user of an emulated machine.
        let text = text.replace(concat!("/ho", "me/user"), "");
        for word in NOT_ANYWHERE {
            assert!(
                !text.contains(word),
                "{} names {word}. Write a path inside of the repository, or say in words what is meant",
                file.display()
            );
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn catalog() -> Catalog {
    Catalog::load(&root()).expect("every scenario.toml can be read")
}

/// Every file below a folder, in order, without what is built, recorded or hidden.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            match name.as_str() {
                "target" | "my" | "node_modules" if is_folder => {}
                ".ci" | ".github" => folders.push(entry.path()),
                hidden if hidden.starts_with('.') => {}
                _ if is_folder => folders.push(entry.path()),
                _ => files.push(entry.path()),
            }
        }
    }
    files.sort();
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(folder: &Path) -> toml::Table {
    read(&folder.join("Cargo.toml")).parse().expect("cargo reads it too")
}

fn is_code(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "rs")
}

fn is_of_tests(path: &Path) -> bool {
    path.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name))
}

fn variant_file(scenario: &Scenario, name: &str) -> PathBuf {
    scenario.folder.join("src").join(format!("{}.rs", name.replace('-', "_")))
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

/// The chapter of every scenario.
fn chapters() -> Vec<(PathBuf, String)> {
    let catalog = catalog();
    let paths = catalog.scenarios().iter().map(|scenario| scenario.folder.join(&scenario.chapter));
    paths.map(|path| (path.clone(), read(&path))).collect()
}

/// Whether the comment that begins with `mark`, which may go on for some lines, ends as a sentence.
fn sentence_ends(text: &str, mark: &str) -> bool {
    let lines = text.lines().map(str::trim).skip_while(|line| !line.starts_with(mark));
    lines.take_while(|line| line.starts_with("//")).last().is_some_and(|line| line.ends_with('.'))
}

/// Markdown without its blocks and spans of code.
fn without_code(text: &str) -> String {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    prose.join("").split('`').step_by(2).collect()
}

/// How many lines are only in one of two texts: the lines that `diff` marks with `<` and `>`.
fn different_lines(left: &str, right: &str) -> usize {
    let (left, right): (Vec<&str>, Vec<&str>) = (left.lines().collect(), right.lines().collect());
    // The row of a table: the longest common subsequence of the lines of `left` so far, and each
    // beginning of `right`.
    let mut common = vec![0; right.len() + 1];
    for line in &left {
        let mut diagonal = 0;
        for (at, other) in right.iter().enumerate() {
            let above = common[at + 1];
            common[at + 1] = if line == other { diagonal + 1 } else { above.max(common[at]) };
            diagonal = above;
        }
    }
    left.len() + right.len() - 2 * common[right.len()]
}
