//! What was recorded is whole, and what records a peer is pinned.

use std::collections::BTreeSet;
use std::path::PathBuf;

use lab::model::record::Record;

use crate::{catalog, files, read};

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
