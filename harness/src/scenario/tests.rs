//! What the catalog reads, and its answers to mistakes.

mod figures;
mod peers;
mod sweeps;

use std::path::Path;

use proptest::prelude::*;

use super::catalog::CatalogError;
use super::*;

/// A scenario.toml that uses all that there is.
const WHOLE: &str = r#"number = 1
title = "Every slice is a new file"
lesson = "A slice is a new object, and the pool knows arrays by object."
minutes = { teach = 10, do = 20, debrief = 5 }
needs = ["tmpfs", "memory-limit", "disk", "private-tmpfs", "huge-pages"]
marks = ["array made", "tasks begin", "tasks done"]
curve = "tmpfs"
scale = ["array_mib", "threshold_kib"]

[sizes.smoke]
array_mib = 4
repeats = 20
threshold_kib = 64

[sizes.lab]
array_mib = 32
repeats = 20
threshold_kib = 1024

[limits]
tmpfs = { factor = 22, times = ["array_mib"] }
memory = { factor = 24.0, times = ["array_mib"], plus_mib = 256 }

[[variant]]
name = "broken"
kind = "broken"
title = "a fresh slice for every task"
ends = "enospc"

[[variant]]
name = "fixed"
kind = "fixed"
title = "slices that live on"

[[claim]]
id = "one_file_per_task"
says = "Every task writes its slice again."
measure = { fact = "files_written" }
post = { broken = "160 files", fixed = "8" }
[claim.bounds]
broken = { exactly = 1.0, times = ["repeats"] }
fixed = { about = 1, within = 0.02 }

[[claim]]
id = "it_fills"
says = "It fills the tmpfs."
measure = { line = "tmpfs", from = "tasks begin", to = "tasks done" }
[claim.bounds]
broken = { at_least = 0.9 }
fixed = { at_most = 2.04, of = "broken" }
"#;

/// A repository with these scenarios, each a slug and the text of its scenario.toml.
fn load(scenarios: &[(&str, &str)]) -> Result<Catalog, CatalogError> {
    let root = tempfile::tempdir().unwrap();
    for (slug, text) in scenarios {
        let folder = root.path().join("scenarios").join(slug);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("scenario.toml"), text).unwrap();
    }
    Catalog::load(root.path())
}

/// Asserts that the scenario with `good` replaced by `bad` is refused with `message`.
#[track_caller]
fn refused(good: &str, bad: &str, message: &str) {
    assert!(WHOLE.contains(good), "the scenario does not contain {good}");
    let error = load(&[("slice-dup", &WHOLE.replacen(good, bad, 1))]).unwrap_err().to_string();
    let (_, said) = error.split_once("scenarios/slice-dup/scenario.toml:").expect("the file is named");
    assert_eq!(said, message);
}

#[test]
fn a_whole_scenario_is_read() {
    let catalog = load(&[("slice-dup", WHOLE)]).unwrap();
    let scenario = catalog.find("slice-dup").unwrap();
    assert_eq!(scenario.chapter, Path::new("chapter.md"));
    assert_eq!(
        scenario.needs,
        [Need::Tmpfs, Need::MemoryLimit, Need::Disk, Need::PrivateTmpfs, Need::HugePages]
    );
    assert_eq!(scenario.limits.seconds, 120);
    assert_eq!(scenario.limits.memory.mib(scenario.sizes("lab").unwrap()), 1024.0);
    assert_eq!(scenario.variant("broken").unwrap().ends, Ends::Enospc);
    assert_eq!(scenario.variant("fixed").unwrap().ends, Ends::Success);
    let [files, fills] = scenario.claims.as_slice() else { panic!("two claims") };
    assert_eq!(files.measure, Measure::Fact("files_written".into()));
    assert_eq!(files.post["broken"], "160 files");
    assert_eq!(files.bounds["fixed"].relation, Relation::About { within: 0.02 });
    assert_eq!(fills.measure.quantity(), Quantity::Ratio);
    assert_eq!(fills.bounds["fixed"].against, Against::Variant { factor: 2.04, name: "broken".into() });
}

#[test]
fn a_scenario_is_found_by_slug_and_by_number_and_listed_by_number() {
    let second = WHOLE.replacen("number = 1", "number = 2", 1);
    let catalog = load(&[("a-second", &second), ("slice-dup", WHOLE)]).unwrap();
    let slugs: Vec<_> = catalog.scenarios().iter().map(|scenario| scenario.slug.as_str()).collect();
    assert_eq!(slugs, ["slice-dup", "a-second"]);
    assert_eq!(catalog.find("2"), catalog.find("a-second"));
    assert_eq!(
        catalog.find("slice-dap").unwrap_err().to_string(),
        "no scenario is called 'slice-dap'; did you mean 'slice-dup'? (there is: slice-dup, a-second)"
    );
}

#[test]
fn an_unknown_variant_or_table_of_sizes_is_answered_with_those_that_exist() {
    let catalog = load(&[("slice-dup", WHOLE)]).unwrap();
    let scenario = catalog.find("1").unwrap();
    assert_eq!(
        scenario.variant("fxied").unwrap_err().to_string(),
        "no variant of slice-dup is called 'fxied'; did you mean 'fixed'? (there is: broken, fixed)"
    );
    assert_eq!(
        scenario.sizes("post").unwrap_err().to_string(),
        "no table of sizes of slice-dup is called 'post' (there is: lab, smoke)"
    );
}

#[test]
fn a_wrong_key_is_answered_with_the_keys_that_are_allowed() {
    refused(
        "lesson =",
        "leson =",
        "3:1: unknown field `leson`, expected one of `number`, `title`, `lesson`, `chapter`, `minutes`, \
         `needs`, `marks`, `curve`, `scale`, `sizes`, `limits`, `rule`, `variant`, `claim`, `cost`, \
         `exercise`, `figure`, `predict`, `sweep`, `peer`; did you mean `lesson`?",
    );
    refused(
        "post = {",
        "posts = {",
        "39:1: unknown field `posts`, expected one of `id`, `says`, `measure`, `post`, `bounds`; \
         did you mean `post`?",
    );
    refused(
        "at_most =",
        "atmost =",
        "50:11: unknown field `atmost`, expected one of `at_least`, `at_most`, `exactly`, `about`, `within`, \
         `times`, `of`, `if_any`, `if_none`; did you mean `at_most`?",
    );
    refused(
        "[sizes.lab]",
        "[sizes.labs]",
        "15:8: unknown field `labs`, expected one of `smoke`, `lab`, `post`; did you mean `lab`?",
    );
}

#[test]
fn a_key_that_is_missing_is_named() {
    refused("kind = \"fixed\"\n", "", "30:1: missing field `kind`");
}

#[test]
fn a_wrong_type_is_answered_with_the_right_one() {
    refused(
        "array_mib = 4",
        "array_mib = \"4\"",
        "11:13: invalid type: string \"4\", expected a nonzero u64",
    );
    refused("array_mib = 4", "array_mib = 0", "11:13: invalid value: integer `0`, expected a nonzero u64");
    refused(
        "\"memory-limit\"",
        "\"memory-limits\"",
        "5:19: unknown variant `memory-limits`, expected one of `tmpfs`, `private-tmpfs`, `memory-limit`, \
         `disk`, `huge-pages`, `glibc`; did you mean `memory-limit`?",
    );
    refused(
        "kind = \"broken\"",
        "kind = \"brocken\"",
        "26:8: unknown variant `brocken`, expected one of `broken`, `fixed`, `exercise`, `solution`, \
         `mutant`; did you mean `broken`?",
    );
}

#[test]
fn an_unknown_name_is_answered_with_the_names_that_exist() {
    refused(
        "to = \"tasks done\"",
        "to = \"task done\"",
        "47:56: no mark is called 'task done'; did you mean 'tasks done'? \
         (there is: array made, tasks begin, tasks done)",
    );
    refused(
        "times = [\"repeats\"]",
        "times = [\"slices\"]",
        "41:36: no size is called 'slices' (there is: array_mib, repeats, threshold_kib)",
    );
    refused(
        "fixed = { about",
        "fxied = { about",
        "42:1: no variant is called 'fxied'; did you mean 'fixed'? (there is: broken, fixed)",
    );
    refused(
        "fixed = \"8\"",
        "fxied = \"8\"",
        "39:32: no variant is called 'fxied'; did you mean 'fixed'? (there is: broken, fixed)",
    );
    refused(
        "of = \"broken\"",
        "of = \"borken\"",
        "50:32: no variant is called 'borken'; did you mean 'broken'? (there is: broken, fixed)",
    );
    let metrics: Vec<&str> = crate::recorder::metrics::all().map(|metric| metric.name).collect();
    refused(
        "curve = \"tmpfs\"",
        "curve = \"tmp\"",
        &format!("7:9: no metric is called 'tmp'; did you mean 'tmpfs'? (there is: {})", metrics.join(", ")),
    );
}

#[test]
fn a_name_is_given_once() {
    refused(
        "id = \"it_fills\"",
        "id = \"one_file_per_task\"",
        "45:6: a second claim is called 'one_file_per_task' (taken so far: one_file_per_task)",
    );
    refused(
        "name = \"fixed\"",
        "name = \"broken\"",
        "31:8: a second variant is called 'broken' (taken so far: broken)",
    );
    refused(
        "\"tasks begin\", \"tasks done\"]",
        "\"array made\"]",
        "6:24: a second mark is called 'array made' (taken so far: array made)",
    );
    refused("id = \"it_fills\"", "id = \"work\"", "45:6: every scenario has a claim 'work' already");
}

#[test]
fn a_number_is_given_once() {
    let error = load(&[("a-second", WHOLE), ("slice-dup", WHOLE)]).unwrap_err().to_string();
    assert!(error.ends_with("slice-dup/scenario.toml:1:10: the number 1 is taken by a-second"), "{error}");
}

#[test]
fn a_measure_or_a_bound_that_is_none_is_answered_with_all_there_are() {
    refused(
        "measure = { fact = \"files_written\" }",
        "measure = { peak = \"tmpfs\", mark = \"tasks done\" }",
        "38:11: a measure is one of { fact = NAME }, { peak = METRIC }, { least = METRIC }, \
         { at = METRIC, mark = MARK }, { change = METRIC, from = MARK, to = MARK }, \
         { rise = METRIC, from = MARK, to = MARK }, { rise = METRIC, or = METRIC, from = MARK, to = MARK }, \
         { gain = METRIC, from = MARK, to = MARK }, { line = METRIC, from = MARK, to = MARK }",
    );
    refused(
        "{ about = 1, within = 0.02 }",
        "{ about = 1 }",
        "42:9: a bound is one of at_least = NUMBER, at_most = NUMBER, exactly = NUMBER, \
         or about = NUMBER with within = SHARE",
    );
}

#[test]
fn a_bound_that_makes_no_sense_is_refused() {
    refused(
        "measure = { fact = \"files_written\" }",
        "measure = { change = \"tmpfs\", from = \"tasks done\", to = \"array made\" }",
        "38:57: 'array made' doesn't come after 'tasks done' \
         (marks in order: array made, tasks begin, tasks done)",
    );
    refused(
        "measure = { fact = \"files_written\" }",
        "measure = { rise = \"tmpfs\", or = \"cpu\", from = \"array made\", to = \"tasks done\" }",
        "38:34: tmpfs and cpu have different units",
    );
    refused(
        "tmpfs = { factor = 22, times = [\"array_mib\"] }",
        "tmpfs = { factor = 22, times = [\"array_mib\", \"threshold_kib\"] }",
        "21:46: a bound in MiB multiplies one size of memory, not two",
    );
    refused("factor = 22", "factor = nan", "21:20: the factor of a limit is a number above 0");
    refused("exactly = 1.0", "exactly = -1.0", "41:10: the numbers of a bound are 0 or more");
    refused("of = \"broken\"", "of = \"fixed\"", "50:32: 'fixed' can't be compared with itself");
    refused(
        "{ at_most = 2.04, of = \"broken\" }",
        "{ at_most = 2.04, of = \"broken\", times = [\"repeats\"] }",
        "50:9: a bound has 'times' or 'of', not both",
    );
    refused(
        "broken = { at_least = 0.9 }\nfixed = { at_most = 2.04, of = \"broken\" }\n",
        "",
        "45:6: the claim 'it_fills' bounds no variant: add one under [claim.bounds]",
    );
}

#[test]
fn tables_of_sizes_with_different_names_are_refused() {
    refused(
        "array_mib = 32\nrepeats = 20\n",
        "array_mib = 32\n",
        "15:1: [sizes.lab] must have the same names as [sizes.smoke]: array_mib, repeats, threshold_kib",
    );
}

#[test]
fn a_folder_without_a_scenario_is_passed_over_and_no_folder_at_all_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let error = Catalog::load(root.path()).unwrap_err().to_string();
    assert!(error.contains("scenarios: No such file"), "{error}");
    std::fs::create_dir_all(root.path().join("scenarios/notes")).unwrap();
    std::fs::write(root.path().join("scenarios/README.md"), "").unwrap();
    assert!(Catalog::load(root.path()).unwrap().scenarios().is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC*") {
        let _ = load(&[("slice-dup", &text)]);
    }

    #[test]
    fn no_damage_to_a_scenario_makes_the_loader_panic(
        at in 0..WHOLE.len(),
        len in 0usize..40,
        other in "[\\PC\n]{0,6}",
    ) {
        let end = (at + len).min(WHOLE.len());
        let damaged = format!("{}{other}{}", &WHOLE[..at], &WHOLE[end..]);
        if let Err(CatalogError::Wrong { line, column, .. }) = load(&[("slice-dup", &damaged)]) {
            let lines = damaged.split('\n').count();
            prop_assert!((1..=lines).contains(&line) && column >= 1, "{line}:{column} of {lines} lines");
        }
    }
}

#[test]
fn a_rule_has_one_relation() {
    let rule = "[limits]\n";
    let with = |relations: &str| {
        format!(
            "[[rule]]\nsays = \"s\"\namount = {{ factor = 1, times = [\"array_mib\"] }}\n{relations}[limits]\n"
        )
    };
    refused(rule, &with(""), "21:8: a rule has one of more_than, at_least, multiple_of");
    refused(
        rule,
        &with("at_least = { factor = 1 }\nmore_than = { factor = 1 }\n"),
        "21:8: a rule has one of more_than, at_least, multiple_of",
    );
}

#[test]
fn a_variant_has_the_limits_of_its_scenario_but_for_its_own() {
    let own = "kind = \"fixed\"\nneeds = [\"memory-limit\"]\nseconds = 3\n\
               tmpfs = { factor = 15.75, times = [\"array_mib\"] }\n\
               memory = { factor = 2, times = [\"array_mib\"] }";
    let catalog = load(&[("slice-dup", &WHOLE.replacen("kind = \"fixed\"", own, 1))]).unwrap();
    let scenario = catalog.find("slice-dup").unwrap();
    let [broken, fixed] = ["broken", "fixed"].map(|name| scenario.variant(name).unwrap());
    assert_eq!(broken.limits, scenario.limits);
    assert_eq!((fixed.limits.seconds, fixed.limits.memory.factor), (3, 2.0));
    let tmpfs = [&scenario.limits, &broken.limits, &fixed.limits].map(|limits| limits.tmpfs.factor);
    assert_eq!(tmpfs, [22.0, 22.0, 15.75]);
    assert_eq!(fixed.needs, [Need::MemoryLimit]);
}

#[test]
fn a_number_of_inodes_is_a_count_and_takes_a_private_tmpfs() {
    let own = "kind = \"fixed\"\ntmpfs_inodes = { factor = 2, times = [\"repeats\"], plus = 1 }";
    let text = WHOLE.replacen("kind = \"fixed\"", own, 1);
    let catalog = load(&[("slice-dup", &text)]).unwrap();
    let scenario = catalog.find("slice-dup").unwrap();
    let inodes = |name: &str| scenario.variant(name).unwrap().limits.tmpfs_inodes.clone();
    let sizes = scenario.sizes("smoke").unwrap();
    assert_eq!(inodes("fixed").unwrap().value(sizes, Quantity::Count), 41.0);
    assert_eq!(inodes("broken"), None);
    let shared = text.replacen(", \"private-tmpfs\"", "", 1);
    let error = load(&[("slice-dup", &shared)]).unwrap_err().to_string();
    assert!(error.contains("only a private tmpfs has a number of inodes"), "{error}");
}

/// What makes an exercise, at the end of a scenario.
const EXERCISE: &str = r#"
[[variant]]
name = "exercise"
kind = "exercise"
title = "t"
[[variant]]
name = "solution"
kind = "solution"
title = "t"
[[exercise]]
name = "exercise"
solution = "solution"
asks = "Fix it."
minutes = 10
hints = ["where", "which", "why", "what"]
why = "It is so."
"#;

#[test]
fn an_exercise_is_read_and_found_by_its_name() {
    let catalog = load(&[("slice-dup", &format!("{WHOLE}{EXERCISE}"))]).unwrap();
    let scenario = catalog.find("1").unwrap();
    let exercise = scenario.exercise("exercise").unwrap();
    assert_eq!((exercise.minutes, exercise.hints[3].as_str()), (10, "what"));
    assert!(scenario.source(&exercise.solution).ends_with("slice-dup/src/solution.rs"));
    assert_eq!(
        scenario.exercise("exercises").unwrap_err().to_string(),
        "no exercise of slice-dup is called 'exercises'; did you mean 'exercise'? (there is: exercise)"
    );
}

#[test]
fn an_exercise_that_can_not_be_solved_is_refused() {
    for (good, bad, message) in [
        (
            "solution = \"solution\"",
            "solution = \"fixed\"",
            "the variant 'fixed' isn't a solution: see its kind",
        ),
        (
            "solution = \"solution\"",
            "solution = \"sol\"",
            "no variant is called 'sol' (there is: broken, fixed, exercise, solution)",
        ),
        ("[\"where\", ", "[", "invalid length 3, expected an array of length 4"),
        ("solution = \"solution\"\n", "", "an exercise has either a 'solution' or a 'diagnosis'"),
        (
            "solution = \"solution\"",
            "diagnosis = { answer = \"page-cash\", choices = [\"page-cache\", \"fork-copy\"], shows = [] }",
            "no choice is called 'page-cash'; did you mean 'page-cache'? (there is: page-cache, fork-copy)",
        ),
    ] {
        let text = format!("{WHOLE}{}", EXERCISE.replacen(good, bad, 1));
        let error = load(&[("slice-dup", &text)]).unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }
}

/// What a scenario compares the costs of its variants by.
const COST: &str = "\n[[cost]]\ntitle = \"Memory\"\nmeasure = { peak = \"tmpfs\" }\n";

#[test]
fn the_costs_of_a_fix_are_stated_where_costs_are_compared_and_nowhere_else() {
    let stated = "kind = \"fixed\"\ndoes = \"cuts once\"\ncosts = \"Room.\"\n";
    let whole = |kind: &str, cost: &str| format!("{}{cost}", WHOLE.replacen("kind = \"fixed\"\n", kind, 1));
    let catalog = load(&[("slice-dup", &whole(stated, COST))]).unwrap();
    let scenario = catalog.find("1").unwrap();
    let costs = Costs { does: "cuts once".into(), costs: "Room.".into() };
    assert_eq!(scenario.variant("fixed").unwrap().costs, Some(costs));
    assert_eq!(scenario.variant("broken").unwrap().costs, None);
    assert_eq!(scenario.costs[0].title, "Memory");
    for (kind, cost, message) in [
        ("kind = \"fixed\"\n", COST, "the scenario has [[cost]], so each fix states 'does' and 'costs'"),
        (
            "kind = \"fixed\"\ndoes = \"cuts\"\n",
            COST,
            "a variant states both of 'does' and 'costs', or neither",
        ),
        (stated, "", "'does' and 'costs' are rows of a table: add its columns as [[cost]]"),
    ] {
        let error = load(&[("slice-dup", &whole(kind, cost))]).unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }
}

#[test]
fn the_names_of_older_scenarios_still_read() {
    let old = "kind = \"fixed\"\nends = \"well\"\nstill_ms = 300";
    let catalog = load(&[("slice-dup", &WHOLE.replacen("kind = \"fixed\"", old, 1))]).unwrap();
    let fixed = catalog.find("1").unwrap().variant("fixed").unwrap();
    assert_eq!((fixed.ends, fixed.limits.no_progress_ms), (Ends::Success, Some(300)));
}
