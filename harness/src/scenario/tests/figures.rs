//! What the catalog reads of figures and questions, and what it says of mistakes in them.

use super::*;

const FIGURES: &str = r#"
[[figure]]
id = "curve"
title = "Shared memory in use"
metrics = ["tmpfs", "rss"]
claim = "the_tmpfs_is_full"

[[figure]]
id = "beside"
title = "One that misleads and one that does not"
metrics = ["rss", "pss"]
variants = ["broken"]

[[predict]]
id = "peak"
asks = "The array has {array_mib}. How much is used?"
number = { variant = "broken", measure = { peak = "tmpfs" } }
figure = "curve"
because = "It is {answer}, {repeats} times as much."

[[predict]]
id = "most"
asks = "Which one uses more?"
most = { of = ["broken", "fixed"], measure = { fact = "files_written" } }
because = "It is so."

[[predict]]
id = "end"
asks = "How does it end?"
end = { variant = "fixed" }
because = "It is so."

[[claim]]
id = "the_tmpfs_is_full"
says = "It is full."
measure = { peak = "tmpfs" }
[claim.bounds]
broken = { at_least = 22, times = ["array_mib"] }
"#;

fn with(figures: &str) -> Result<Catalog, CatalogError> {
    load(&[("slice-dup", &format!("{WHOLE}{figures}"))])
}

/// Asserts that the figures with `good` replaced by `bad` are refused with these words.
#[track_caller]
fn refused(good: &str, bad: &str, words: &str) {
    assert!(FIGURES.contains(good), "the figures do not contain {good}");
    let said = with(&FIGURES.replacen(good, bad, 1)).unwrap_err().to_string();
    assert!(said.ends_with(words), "{said}");
}

#[test]
fn a_figure_without_variants_shows_those_that_a_run_shows() {
    let catalog = with(FIGURES).unwrap();
    let [curve, beside] = catalog.scenarios()[0].figures.as_slice() else { panic!("two figures") };
    assert_eq!(curve.variants, ["broken", "fixed"]);
    assert_eq!(curve.claim.as_deref(), Some("the_tmpfs_is_full"));
    let names = |drawing: &Drawing| drawing.drawn().iter().map(|metric| metric.name).collect::<Vec<_>>();
    assert_eq!((names(curve), names(beside)), (vec!["tmpfs"], vec!["rss", "pss"]));
}

#[test]
fn a_question_knows_where_its_answer_is_found() {
    let catalog = with(FIGURES).unwrap();
    let [peak, most, end] = catalog.scenarios()[0].questions.as_slice() else { panic!("three questions") };
    assert!(matches!(&peak.answer, Answer::Number { variant, .. } if variant == "broken"));
    assert!(matches!(&most.answer, Answer::Most { of, .. } if of == &["broken", "fixed"]));
    assert_eq!(end.answer, Answer::End { variant: "fixed".into() });
    assert_eq!((peak.figure.as_deref(), &end.figure), (Some("curve"), &None));
}

#[test]
fn mistakes_in_a_figure_are_answered_with_what_is_allowed() {
    refused("id = \"curve\"", "id = \"The Curve\"", "the id of a figure consists of a-z, 0-9 and '-'");
    refused("id = \"beside\"", "id = \"curve\"", "a second figure is called 'curve' (taken so far: curve)");
    refused("[\"tmpfs\", \"rss\"]", "[]", "the figure 'curve' has no metric to draw");
    refused("[\"broken\"]\n", "[]\n", "the figure 'beside' has no variant to draw");
    refused("\"pss\"]", "\"processes\"]", "'processes' and 'rss' have no common axis");
    refused(
        "claim = \"the_tmpfs_is_full\"",
        "claim = \"one_file_per_task\"",
        "the claim 'one_file_per_task' bounds no level of tmpfs, so it can't be drawn",
    );
    refused(
        "claim = \"the_tmpfs_is_full\"",
        "stacked = true",
        "only a total and its parts can be stacked, of one variant and without a claim",
    );
    refused(
        "title = \"One",
        "own_time = true\ntitle = \"One",
        "the curves of one variant take the same time",
    );
    refused("title = \"Sh", "scenario = \"a\"\ntitle = \"Sh", "are of that scenario");
}

#[test]
fn mistakes_in_a_question_are_answered_with_what_is_allowed() {
    refused(
        "{array_mib}",
        "{array}",
        "did you mean 'array_mib'? (there is: array_mib, repeats, threshold_kib)",
    );
    refused("{answer}, ", "{answer, ", "a brace is opened and not closed");
    refused("How much is used?", "It is {answer}.", "(there is: array_mib, repeats, threshold_kib)");
    refused("figure = \"curve\"", "figure = \"curv\"", "did you mean 'curve'? (there is: curve, beside)");
    refused("[\"broken\", \"fixed\"]", "[\"broken\"]", "a choice is one of two variants at least");
    refused("end = { variant = \"fixed\" }", "", "end = { variant = NAME }");
    refused(
        "variant = \"fixed\" }",
        "variant = \"fxied\" }",
        "did you mean 'fixed'? (there is: broken, fixed)",
    );
}

#[test]
fn figures_of_general_chapters_name_their_scenario() {
    let catalog = with(FIGURES).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figures.toml");
    let block = "[[figure]]\nid = \"a\"\ntitle = \"t\"\nmetrics = [\"rss\"]\n";
    for (scenario, words) in [
        ("scenario = \"slice-dup\"\n", None),
        ("scenario = \"slice-dap\"\n", Some("did you mean 'slice-dup'? (there is: slice-dup)")),
        ("", Some("figures.toml:2:6: which scenario is it of? Add: scenario = \"SLUG\"")),
    ] {
        std::fs::write(&path, format!("{block}{scenario}")).unwrap();
        match (catalog.figures(&path), words) {
            (Ok(figures), None) => assert_eq!((figures[0].0.number, figures[0].1.id.as_str()), (1, "a")),
            (Err(error), Some(words)) => assert!(error.to_string().ends_with(words), "{error}"),
            (read, words) => panic!("{read:?} in place of {words:?}"),
        }
    }
}
