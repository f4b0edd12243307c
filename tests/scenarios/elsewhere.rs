//! Every scenario where the kernel limits no memory, with namespaces and without: run by an ordinary user.
//!
//! No claim may fail there. What can't be shown must be UNKNOWN, something must hold, and nothing may be left behind.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use lab::scenario::Scenario;
use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{NO_NAMESPACES, NOBODY, held, in_place_of_lab, lab, said};
use crate::not_here;

/// What a machine lacks, and the words before a command that take it away.
const LACKS: [(&str, &[&str]); 2] =
    [("without_a_control_group", &[]), ("without_a_control_group_or_namespaces", NO_NAMESPACES)];

/// The trials of all scenarios, a run each.
pub(crate) fn trials(scenarios: &[Scenario]) -> Vec<Trial> {
    let workshop = Arc::new(OnceLock::new());
    let runs = LACKS.iter().flat_map(|lack| scenarios.iter().map(move |scenario| (lack, scenario)));
    let trial = |(&(name, restriction), scenario): (&(&str, &'static [&str]), &Scenario)| {
        let (workshop, slug) = (Arc::clone(&workshop), scenario.slug.clone());
        Trial::ignorable_test(format!("{slug}::an_ordinary_user_{name}"), move || {
            run(workshop.get_or_init(bundle), &slug, restriction)
        })
    };
    runs.map(trial).collect()
}

/// A bundle of all scenarios that every user may write in: records are kept below it.
fn bundle() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    crate::bundle(folder.path());
    let target = folder.path().join("target");
    fs::create_dir_all(&target).expect("room for a folder");
    for open in [folder.path(), &target] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o777)).expect("a folder of our own");
    }
    folder
}

fn run(workshop: &TempDir, slug: &str, restriction: &[&str]) -> Result<Completion, Failed> {
    let copy = workshop.path().join("lab").display().to_string();
    let user = if nix::unistd::geteuid().is_root() { NOBODY } else { &[] };
    let before = [user, restriction].concat();
    let can =
        Command::new(before.first().unwrap_or(&"true")).args(before.iter().skip(1)).arg("true").output()?;
    if !can.status.success() {
        return Ok(Completion::ignored_with(String::from_utf8_lossy(&can.stderr).trim().replace('\n', "; ")));
    }
    let before = [&before[..], &in_place_of_lab(&copy)].concat();
    let said = said(lab(workshop.path(), &before, &["run", slug, "--size", "smoke", "--json"]));
    if let Some(why) = not_here(&said) {
        return Ok(Completion::ignored_with(why));
    }
    let report = said.json();
    let confinement = report["confinement"].as_array().ok_or("a report without its confinement")?;
    if confinement.iter().filter_map(Value::as_str).any(|line| line.contains("by cgroup")) {
        return Ok(Completion::ignored_with("an ordinary user may make control groups here"));
    }
    let has_namespaces = |line: &str| line.contains(" namespaces") && !line.starts_with("no namespaces");
    if !restriction.is_empty() && confinement.iter().filter_map(Value::as_str).any(has_namespaces) {
        return Err("it has namespaces".into());
    }
    if held(&report)? == 0 {
        return Err("it shows nothing here".into());
    }
    Ok(Completion::Completed)
}
