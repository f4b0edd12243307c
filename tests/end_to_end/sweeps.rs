//! A sweep: the same work with one size at several values.

use std::fs;
use std::path::PathBuf;

use lab::model::verdict::Status;
use lab::scenario::Catalog;
use lab::sweep;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::{Said, said};
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_sweep_shows_the_law_and_is_not_the_latest_run,
        a_recorded_sweep_is_read_again_and_outlives_other_records,
        a_law_that_does_not_hold_is_said_and_not_recorded,
        a_value_that_no_machine_has_room_for_is_refused_with_the_arithmetic,
        a_sweep_that_there_is_not_is_answered_with_those_that_there_are,
        a_job_array_can_be_run_by_hand_and_gathers_to_the_same_law,
        a_recorded_sweep_that_is_missing_or_of_another_size_is_answered_with_what_to_type,
    ]
}

/// The folder of records that was printed.
#[track_caller]
fn records(said: &Said) -> PathBuf {
    let line = said.stdout.lines().find_map(|line| line.strip_prefix("Records: "));
    PathBuf::from(line.unwrap_or_else(|| panic!("no folder of records: {said:?}")))
}

fn a_sweep_shows_the_law_and_is_not_the_latest_run() {
    let bundle = Bundle::new();
    let said = bundle.lab(&["sweep", "toy"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.stdout.matches("HOLDS").count(), 3 * 2, "{said:?}");
    let folder = bundle.path().join(records(&said));
    for value in ["1", "2", "4"] {
        assert!(
            folder.join(value).join("broken.jsonl").is_file()
                && folder.join(value).join("fixed.jsonl").is_file()
        );
    }
    let picture = fs::read_to_string(folder.join("points.svg")).expect("a picture is beside the records");
    let picture = roxmltree::Document::parse(&picture).expect("the picture is XML");
    // Each point is a disc, and each variant has two badges.
    assert_eq!(picture.descendants().filter(|node| node.has_tag_name("circle")).count(), 3 * 2 + 2 * 2);
    assert_eq!(bundle.lab(&["show", "toy"]).code, Some(3), "a sweep is no run to be shown");
    bundle.leaves_nothing();
}

/// The scenario and the points of its recorded sweep, or why they can't be read.
fn kept(bundle: &Bundle) -> Result<Vec<sweep::Point>, String> {
    let catalog = Catalog::load(bundle.path()).expect("the toy's scenario.toml");
    let toy = catalog.find("toy").expect("the only scenario");
    sweep::read(toy, toy.sweep("files").expect("its only sweep")).map_err(|error| format!("{error:#}"))
}

fn a_recorded_sweep_is_read_again_and_outlives_other_records() {
    let bundle = Bundle::new();
    let said = bundle.lab(&["sweep", "toy", "files", "--reference"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = bundle.lab(&["run", "toy", "broken", "fixed", "--size", "smoke", "--reference"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let points = kept(&bundle).expect("the recorded sweep");
    let places: Vec<_> =
        points.iter().map(|point| (point.variant.as_str(), point.value, point.status())).collect();
    let expected = ["broken", "fixed"].map(|name| [1, 2, 4].map(|value| (name, value, Status::Holds)));
    assert_eq!(places, expected.concat());
    let catalog = Catalog::load(bundle.path()).expect("the toy's scenario.toml");
    let sweep = &catalog.scenarios()[0].sweeps[0];
    let slope = |variant: &str| sweep::fit(sweep, &points, variant).expect("three points").slope;
    assert!((slope("broken") - 1.0).abs() < 0.01 && slope("fixed").abs() < 0.01, "{points:#?}");
}

fn a_law_that_does_not_hold_is_said_and_not_recorded() {
    let law = "{ about = 1.0, within = 0.1, times = [\"file_mib\", \"files\"] }";
    let bundle = Bundle::changed(law, "{ at_most = 2.0, times = [\"file_mib\"] }");
    let said = bundle.lab(&["sweep", "toy"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert_eq!(said.stdout.matches("FAILS").count(), 1, "{said:?}");
    let said = bundle.lab(&["sweep", "toy", "--reference"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("the recorded sweep stays as it is"), "{said:?}");
    assert!(!results(&bundle).exists());
}

fn a_value_that_no_machine_has_room_for_is_refused_with_the_arithmetic() {
    let (good, bad) =
        ("size     = \"files\"\nvalues   = [1, 2, 4]", "size = \"file_mib\"\nvalues = [1, 2, 1000000000]");
    let said = Bundle::changed(good, bad).lab(&["sweep", "toy"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("iB = 8.00 x 1000000000 MiB"), "{said:?}");
}

fn a_sweep_that_there_is_not_is_answered_with_those_that_there_are() {
    let said = Bundle::new().lab(&["sweep", "toy", "flies"]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("did you mean 'files'? (there is: files)"), "{said:?}");
}

fn a_recorded_sweep_that_is_missing_or_of_another_size_is_answered_with_what_to_type() {
    let bundle = Bundle::new();
    let again = "`lab sweep toy files --reference` records it again";
    assert!(kept(&bundle).unwrap_err().starts_with(again));
    assert_eq!(bundle.lab(&["sweep", "toy", "--reference"]).code, Some(0));
    fs::copy(results(&bundle).join("2/fixed.jsonl"), results(&bundle).join("4/fixed.jsonl"))
        .expect("two records");
    let said = kept(&bundle).unwrap_err();
    assert!(
        said.starts_with(again) && said.ends_with("fixed.jsonl isn't the record of fixed with files = 4"),
        "{said}"
    );
}

fn a_job_array_can_be_run_by_hand_and_gathers_to_the_same_law() {
    let bundle = Bundle::new();
    let script = bundle.lab(&["sweep", "toy", "files", "--slurm"]);
    assert!(script.code == Some(0) && script.stdout.contains("#SBATCH --array=0-2\n"), "{script:?}");
    fs::write(bundle.path().join("array.sh"), &script.stdout).expect("room for a script");
    let early = bundle.lab(&["sweep", "toy", "files", "--gather", "sweep-files"]);
    assert!(early.code == Some(3) && early.stderr.contains("sweep-files/1/broken.jsonl"), "{early:?}");
    for task in ["0", "1", "2"] {
        // What follows are words that the script doesn't look at.
        let mut bash = bundle.command(&["bash", "array.sh"], &[]);
        bash.env("SLURM_ARRAY_TASK_ID", task);
        let said = said(bash);
        assert_eq!((said.code, said.stdout.matches("HOLDS").count()), (Some(0), 2), "{said:?}");
    }
    let together = bundle.lab(&["sweep", "toy", "files", "--gather", "sweep-files"]);
    assert_eq!((together.code, together.stdout.matches("HOLDS").count()), (Some(0), 3 * 2), "{together:?}");
    assert!(bundle.path().join("sweep-files/points.svg").is_file());
    fs::create_dir_all(bundle.path().join("scenarios/toy/results")).expect("room for a folder");
    fs::rename(bundle.path().join("sweep-files"), results(&bundle)).expect("one file system");
    assert_eq!(kept(&bundle).expect("all its records").len(), 3 * 2);
    let said = bundle.lab(&["sweep", "toy", "files", "--point", "3", "--into", "other"]);
    assert!(said.code == Some(3) && said.stderr.contains("are 1, 2, 4"), "{said:?}");
    bundle.leaves_nothing();
}

fn results(bundle: &Bundle) -> PathBuf {
    bundle.path().join("scenarios/toy/results/sweep-files")
}
