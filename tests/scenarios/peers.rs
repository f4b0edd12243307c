//! Runs every peer once, at smoke size, in the repository, where its environment is kept.
//!
//! If the environment can't be made, every test of it is ignored, with the reason.

use std::process::Command;
use std::sync::{Arc, OnceLock};

use lab::scenario::{Catalog, Peer, Scenario};
use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;

use super::common::{Said, said};
use super::{REPOSITORY, claims_on, of};

/// Making an environment takes as long as a network takes, and only a hang takes longer than this.
const SECONDS: &str = "600";

/// What `lab` says if the machine can't show something.
const UNKNOWN: &str = "lab: UNKNOWN on this machine: ";

/// The tests of a scenario's peer: one for each claim on each of its variants.
pub(crate) fn trials(catalog: &Catalog, scenario: &Scenario) -> Vec<Trial> {
    let Some(peer) = catalog.peer(scenario) else { return Vec::new() };
    let run = Arc::new(Run { peer: peer.clone(), said: OnceLock::new() });
    let mut trials = Vec::new();
    for variant in &peer.scenario.variants {
        for claim in claims_on(&peer.scenario, variant).into_iter().map(str::to_owned) {
            let name = format!("{}::peer::{}::{claim}", scenario.slug, variant.name);
            let (run, variant) = (Arc::clone(&run), variant.name.clone());
            trials.push(Trial::ignorable_test(name, move || run.verdict(&variant, &claim)));
        }
    }
    let name = format!("{}::peer::without_python_the_answer_is_unknown", scenario.slug);
    let slug = scenario.slug.clone();
    trials.push(Trial::test(name, move || without_python(&slug)));
    let name = format!("{}::peer::both_languages_compute_the_same", scenario.slug);
    trials.push(Trial::ignorable_test(name, move || run.both()));
    trials
}

/// That a machine on which nothing is installed is said to lack it.
fn without_python(slug: &str) -> Result<(), Failed> {
    let nothing = tempfile::tempdir()?;
    let mut lab = Command::new(env!("CARGO_BIN_EXE_lab"));
    lab.args(["peer", slug, "--json"]).current_dir(REPOSITORY);
    lab.env("PATH", nothing.path()).env("CARGO_TARGET_DIR", nothing.path());
    let said = said(lab);
    match said.stderr.lines().find_map(|line| line.strip_prefix(UNKNOWN)) {
        Some(why) if said.code == Some(2) && why.contains("python3") => Ok(()),
        _ => Err(format!("{said:?}").into()),
    }
}

/// A peer, and its run as soon as a test has asked for it.
struct Run {
    peer: Peer,
    said: OnceLock<Said>,
}

impl Run {
    fn said(&self) -> &Said {
        self.said.get_or_init(|| {
            let mut lab = Command::new("timeout");
            lab.args(["--kill-after=10", SECONDS]).arg(env!("CARGO_BIN_EXE_lab"));
            lab.args(["peer", &self.peer.scenario.slug, "--size", "smoke", "--json"]);
            lab.current_dir(REPOSITORY);
            said(lab)
        })
    }

    /// Why this machine can't run the peer.
    fn not_here(&self) -> Option<&str> {
        self.said().stderr.lines().find_map(|line| line.strip_prefix(UNKNOWN))
    }

    fn verdict(&self, variant: &str, claim: &str) -> Result<Completion, Failed> {
        match self.not_here() {
            Some(why) => Ok(Completion::ignored_with(why)),
            None => {
                let report = self.said().json();
                let verdicts = report["verdicts"].as_array().expect("a list");
                match self.is_for_others(verdicts, variant, claim) {
                    true => Ok(Completion::ignored_with("the bound is for runs that state another number")),
                    false => of(verdicts, variant, claim),
                }
            }
        }
    }

    /// Whether the bound is only for such runs as this one isn't; then another claim has a bound for it.
    fn is_for_others(&self, verdicts: &[Value], variant: &str, claim: &str) -> bool {
        let is_judged =
            |id: &str| verdicts.iter().any(|verdict| verdict["claim"] == id && verdict["variant"] == variant);
        let claims = self.peer.scenario.claims.iter();
        let depend =
            claims.filter(|claim| claim.bounds.get(variant).is_some_and(|bound| bound.when.is_some()));
        let ids: Vec<&str> = depend.map(|claim| claim.id.as_str()).collect();
        ids.contains(&claim) && !is_judged(claim) && ids.into_iter().any(is_judged)
    }

    /// That no variant came to another sum than ours, of the same numbers.
    fn both(&self) -> Result<Completion, Failed> {
        if let Some(why) = self.not_here() {
            return Ok(Completion::ignored_with(why));
        }
        let report = self.said().json();
        let verdicts = report["verdicts"].as_array().expect("a list").iter();
        match verdicts
            .filter(|verdict| verdict["claim"] == lab::peer::BOTH)
            .find(|both| both["status"] != "holds")
        {
            Some(other) => Err(format!("{other:#}").into()),
            None => Ok(Completion::Completed),
        }
    }
}
