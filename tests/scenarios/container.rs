//! `lab all` in a container as users have it: `64 MiB` of /dev/shm, the engine's own seccomp, no new privileges. What it
//! can't show is UNKNOWN there, and nothing fails.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;

use crate::Workshop;
use crate::common::{held, podman, said};

/// Prints all verdicts, a line for each scenario, behind the exit code.
const SCRIPT: &str = "cd /tmp/bundle
./lab all --size smoke > /dev/null; echo $?
for scenario in scenarios/*; do
    printf '%s ' \"${scenario#*/}\"
    ./lab show \"${scenario#*/}\" --json | tr -d '\\n'
    echo
done";

pub(crate) fn trial(workshop: &Arc<Workshop>) -> Trial {
    let workshop = Arc::clone(workshop);
    Trial::ignorable_test("in_a_container_nothing_fails", move || nothing_fails(&workshop))
}

fn nothing_fails(workshop: &Workshop) -> Result<Completion, Failed> {
    if let Some(missing) = podman::missing() {
        return Ok(Completion::ignored_with(missing));
    }
    let folder = tempfile::tempdir()?;
    let run = |options: &[&str], script: &str| {
        let mut command = Command::new("timeout");
        command.args(["--preserve-status", "--verbose", "--signal=ALRM", "--kill-after=10", "600"]);
        command.args(podman::words(folder.path(), options, script));
        said(command)
    };
    let possible = run(&[], "true");
    if possible.code != Some(0) {
        let why = possible.stderr.trim().replace('\n', "; ");
        return Ok(Completion::ignored_with(format!("podman can't start a container: {why}")));
    }
    // A bundle of its own, since other tests look at what is recorded in the other one.
    let bundle = folder.path().join("root/tmp/bundle");
    std::fs::create_dir(&bundle)?;
    for part in std::fs::read_dir(workshop.made())? {
        let part = part?.path();
        if part.file_name().is_none_or(|name| name != "target") {
            let copied = Command::new("cp").args(["--archive", "--link"]).arg(&part).arg(&bundle).status()?;
            assert!(copied.success(), "cp(1) of {}: {copied}", part.display());
        }
    }
    let all = run(&["--security-opt=no-new-privileges"], SCRIPT);
    let mut lines = all.stdout.lines();
    let code = lines.next();
    let mut holding: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        let (scenario, json) = line.split_once(' ').ok_or_else(|| format!("{line}: {all:?}"))?;
        let json: Value =
            serde_json::from_str(json).map_err(|error| format!("{scenario}: {error}: {all:?}"))?;
        holding.insert(scenario, held(&json)?);
    }
    let scenarios = std::fs::read_dir(bundle.join("scenarios"))?.count();
    // Else all of it could be UNKNOWN.
    if holding.len() < scenarios || holding.values().any(|holds| *holds == 0) {
        return Err(format!("not every scenario shows something: {holding:?}").into());
    }
    if ![Some("0"), Some("2")].contains(&code) {
        return Err(format!("it has ended with {code:?}, and no verdict fails").into());
    }
    Ok(Completion::Completed)
}
