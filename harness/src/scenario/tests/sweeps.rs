//! What the catalog reads of a sweep, and what it says of mistakes in it.

use super::*;

const SWEEP: &str = r#"
[[rule]]
says = "The array is even"
amount = { factor = 1.0, times = ["array_mib"] }
multiple_of = { factor = 2.0 }

[[sweep]]
id = "array"
title = "Files over the array"
variants = ["broken"]
from = "lab"
size = "array_mib"
values = [4, 8, 16]
claim = "one_file_per_task"
"#;

fn with(sweep: &str) -> Result<Catalog, CatalogError> {
    load(&[("slice-dup", &format!("{WHOLE}{sweep}"))])
}

/// Asserts that the sweep with `good` replaced by `bad` is refused with these words.
#[track_caller]
fn refused(good: &str, bad: &str, words: &str) {
    assert!(SWEEP.contains(good), "the sweep does not contain {good}");
    let said = with(&SWEEP.replacen(good, bad, 1)).unwrap_err().to_string();
    assert!(said.ends_with(words), "{said}");
}

#[test]
fn a_sweep_draws_the_measure_of_its_claim_over_the_size() {
    let catalog = with(SWEEP).unwrap();
    let scenario = &catalog.scenarios()[0];
    let sweep = scenario.sweep("array").unwrap();
    assert_eq!((sweep.size.as_str(), sweep.values.as_slice()), ("array_mib", &[4, 8, 16][..]));
    assert_eq!((&sweep.x, &sweep.y), (&None, &Measure::Fact("files_written".into())));
    assert_eq!(sweep.across(), Quantity::Mib);
    let missing = scenario.sweep("aray").unwrap_err().to_string();
    assert_eq!(missing, "no sweep of slice-dup is called 'aray'; did you mean 'array'? (there is: array)");
}

#[test]
fn a_sweep_may_draw_other_measures() {
    let measures = "claim = \"it_fills\"\nx = { fact = \"work\" }\ny = { peak = \"tmpfs\" }";
    let catalog = with(&SWEEP.replace("claim = \"one_file_per_task\"", measures)).unwrap();
    let sweep = &catalog.scenarios()[0].sweeps[0];
    assert_eq!((sweep.across(), sweep.y.quantity()), (Quantity::Count, Quantity::Mib));
}

#[test]
fn a_name_that_is_not_there_is_answered_with_those_that_are() {
    refused("size = \"array_mib\"", "size = \"aray_mib\"", "(there is: array_mib, repeats, threshold_kib)");
    refused("\"lab\"", "\"post\"", "no table of sizes is called 'post' (there is: lab, smoke)");
    refused("\"one_file_per_task\"", "\"files\"", "(there is: one_file_per_task, it_fills)");
    refused(
        "[\"broken\"]",
        "[\"borken\"]",
        "no variant with a bound in the claim one_file_per_task is called 'borken'; did you mean 'broken'? \
         (there is: broken, fixed)",
    );
    refused("[\"broken\"]", "[]", "a sweep runs at least one variant");
    refused("\"array\"", "\"../array\"", "the id of a sweep names a folder: it is of a-z and 0-9");
}

#[test]
fn values_that_show_no_law_are_refused() {
    let few = "a sweep has at least 3 values, each larger than the one before";
    refused("[4, 8, 16]", "[4, 8]", few);
    refused("[4, 8, 16]", "[4, 8, 8]", few);
    refused("[4, 8, 16]", "[0, 4, 8]", "invalid value: integer `0`, expected a nonzero u64");
    refused("[4, 8, 16]", "[4, 8, 11]", "array_mib = 11 breaks a rule: The array is even; 32 keeps it");
}

#[test]
fn a_ratio_is_not_drawn() {
    let ratio = "a sweep draws amounts, and this measure is a ratio";
    refused("\"one_file_per_task\"", "\"it_fills\"", ratio);
    let line = "claim = \"it_fills\"\nx = { line = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    refused("claim = \"one_file_per_task\"", line, ratio);
}
