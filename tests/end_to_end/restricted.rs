//! Machines that lack something: `lab` works with less, or says plainly what it lacks.
//!
//! Each is made of this machine, in namespaces of its own, by the tools of util-linux.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use landlock::{ABI, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::{NO_NAMESPACES, NOBODY, Said, in_place_of_lab, said};
use crate::trials_where_possible;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        an_ordinary_user_needs_no_root,
        a_user_who_may_have_few_processes_runs_a_command_or_reads_why,
        without_namespaces_the_run_has_a_folder_of_its_own,
        without_namespaces_orphans_are_ended_too,
        without_namespaces_what_stays_is_named,
        a_program_writes_nowhere_but_in_its_own_folders,
        without_namespaces_it_does_not_either,
        a_read_only_checkout_keeps_its_records_in_the_users_folder_of_state,
        a_full_disk_is_said_plainly_and_leaves_nothing,
        a_disk_that_fills_up_takes_no_record_that_was_there,
        without_dev_shm_the_answer_is_unknown,
        without_a_control_group_what_takes_too_much_fails_with_its_limit_and_the_phase,
        in_a_container_the_doctor_advises_what_helps_in_one,
    ]
}

/// Runs what follows after a script of mounts, which nobody else sees. `$0` is the working directory.
fn mounted(script: &str) -> [String; 7] {
    let script = format!("{script}\ncd \"$0\"\nexec \"$@\"");
    ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", &script].map(str::to_owned)
}

/// Why a command can't be restricted like this here; `None` when it can.
fn impossible(bundle: &Bundle, before: &[&str]) -> Option<String> {
    let mut command = Command::new(before[0]);
    command.args(&before[1..]).arg("true").current_dir(bundle.path());
    match command.output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ")),
        Err(error) => Some(format!("{}: {error}", before[0])),
    }
}

const RUN: &[&str] = &["run", "toy", "broken", "fixed", "--size", "smoke", "--json"];

/// What `lab` says when it's restricted like this; or why it can't be.
fn said_in(bundle: &Bundle, before: &[&str], args: &[&str]) -> Result<Said, String> {
    match impossible(bundle, before) {
        Some(why) => Err(why),
        None => Ok(said(bundle.command(before, args))),
    }
}

/// The same behind mounts.
fn said_behind(bundle: &Bundle, script: &str, args: &[&str]) -> Result<Said, String> {
    let folder = bundle.path().display().to_string();
    let words = mounted(script);
    let before: Vec<&str> = words.iter().map(String::as_str).chain([folder.as_str()]).collect();
    said_in(bundle, &before, args)
}

/// Opens a bundle to all users. The programs may be in a folder that only root may enter, so it gets copies of
/// them. Returns the path of lab's.
fn copies_for_everybody(bundle: &Bundle) -> String {
    let program = bundle.path().join("bin/toy");
    fs::remove_file(&program).expect("the link to this program");
    fs::copy(std::env::current_exe().expect("the path of this program"), &program).expect("room for a copy");
    let lab = bundle.path().join("lab");
    fs::copy(env!("CARGO_BIN_EXE_lab"), &lab).expect("room for a copy");
    for folder in ["", "tmp"] {
        let all = fs::Permissions::from_mode(0o777);
        fs::set_permissions(bundle.path().join(folder), all).expect("a folder of our own");
    }
    lab.display().to_string()
}

fn an_ordinary_user_needs_no_root() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("all other tests are run by an ordinary user already".into());
    }
    let bundle = Bundle::new();
    let lab = copies_for_everybody(&bundle);
    if let Some(why) = impossible(&bundle, NOBODY) {
        return Some(why);
    }
    let before = [NOBODY, &in_place_of_lab(&lab)].concat();
    let said = said(bundle.command(&before, RUN));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.json()["machine"]["user"], "ordinary");
    bundle.leaves_nothing();
    None
}

/// A user who has no other processes, if nobody has made one of this number.
const ALONE: &[&str] = &["setpriv", "--reuid=64999", "--regid=64999", "--clear-groups", "--"];

fn a_user_who_may_have_few_processes_runs_a_command_or_reads_why() -> Option<String> {
    let bundle = Bundle::new();
    let lab = copies_for_everybody(&bundle);
    let user = if nix::unistd::geteuid().is_root() { ALONE } else { &[] };
    if let Some(why) = impossible(&bundle, &[user, &["prlimit", "--nproc=99"][..]].concat()) {
        return Some(why);
    }
    for options in [&[][..], &["--live"], &["--memory", "64M"], &["--memory", "64M", "--live"]] {
        for most in 0..=8 {
            let args = [&["record", "--quiet"], options, &["--", "echo", "it has run"]].concat();
            let limit = format!("--nproc={most}");
            let before = [user, &["prlimit", &limit], &in_place_of_lab(&lab)].concat();
            let said = said(bundle.command(&before, &args));
            // A command that doesn't run to its end doesn't run at all.
            let has_run = said.stdout.contains("it has run");
            let answer = (said.code, has_run, said.stderr.contains("temporarily unavailable"));
            // Where only the curve can't be drawn, that is said too.
            let is_drawn = options.contains(&"--live");
            let answers = [(Some(0), true, false), (Some(0), true, is_drawn), (Some(125), false, true)];
            assert!(answers.contains(&answer), "{options:?}, {most} processes: {said:?}");
        }
    }
    bundle.leaves_nothing();
    None
}

fn without_namespaces_the_run_has_a_folder_of_its_own() -> Option<String> {
    let bundle = Bundle::new();
    let said = match said_in(&bundle, NO_NAMESPACES, RUN) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.json()["confinement"][0].as_str().is_some_and(|line| line.starts_with("no namespaces")),
        "{said:?}"
    );
    bundle.leaves_nothing();
    None
}

fn without_namespaces_orphans_are_ended_too() -> Option<String> {
    let bundle = Bundle::new();
    let args = &["run", "toy", "orphans", "--size", "smoke", "--json"];
    let said = match said_in(&bundle, NO_NAMESPACES, args) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.json()["runs"][0]["outcome"]["exited"], 0, "{said:?}");
    bundle.leaves_nothing();
    None
}

fn without_namespaces_what_stays_is_named() -> Option<String> {
    let bundle = Bundle::new();
    let file = format!("/dev/shm/lab-test-of-what-stays-{}", std::process::id());
    let args = ["record", "--timeout", "60s", "--", "sh", "-c", "echo data > $0", &file];
    let said = match said_in(&bundle, NO_NAMESPACES, &args) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    let is_there = fs::remove_file(&file).is_ok();
    let words = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, stays) = words.split_once("everything made while it ran stays: ").unwrap_or_default();
    assert!(said.code == Some(0) && is_there && stays.contains(&file), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn a_program_writes_nowhere_but_in_its_own_folders() -> Option<String> {
    let bundle = Bundle::new();
    let said = bundle.lab(STRAYS);
    if said.json()["confinement"][0].as_str().is_some_and(|line| line.starts_with("no namespaces")) {
        return Some("this machine allows no namespaces".into());
    }
    strays_nowhere(&bundle, &said)
}

fn without_namespaces_it_does_not_either() -> Option<String> {
    let writes = AccessFs::from_write(ABI::V3);
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement).handle_access(writes);
    if let Err(error) = ruleset.and_then(Ruleset::create) {
        return Some(format!("this kernel has no Landlock of version 3: {error}"));
    }
    let bundle = Bundle::new();
    match said_in(&bundle, NO_NAMESPACES, STRAYS) {
        Ok(said) => strays_nowhere(&bundle, &said),
        Err(why) => Some(why),
    }
}

const STRAYS: &[&str] = &["run", "toy", "strays", "--size", "smoke", "--json"];

fn strays_nowhere(bundle: &Bundle, said: &Said) -> Option<String> {
    let run = &said.json()["runs"][0];
    let has_ended = (&run["outcome"]["exited"], &run["facts"]["strayed"]);
    assert_eq!(has_ended, (&0.into(), &0.into()), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn a_read_only_checkout_keeps_its_records_in_the_users_folder_of_state() -> Option<String> {
    let bundle = Bundle::new();
    let home = bundle.path().join("home");
    fs::create_dir(&home).expect("a folder in the bundle");
    let script =
        "mount --bind \"$0\" \"$0\"; mount --bind \"$0/home\" \"$0/home\"; mount --bind \"$0/tmp\" \"$0/tmp\"
        mount -o remount,bind,ro \"$0\"";
    let said = match said_behind(&bundle, script, RUN) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.code, Some(0), "{said:?}");
    let json = said.json();
    let folder = json["folder"].as_str().expect("the folder of the records");
    assert!(folder.starts_with(&home.join(".local/state/lab").display().to_string()), "{folder}");
    assert!(!bundle.path().join("target").exists());
    bundle.leaves_nothing();
    None
}

fn a_full_disk_is_said_plainly_and_leaves_nothing() -> Option<String> {
    let bundle = Bundle::new();
    fs::create_dir(bundle.path().join("target")).expect("a folder in the bundle");
    let script = "mount -t tmpfs -o size=4k full \"$0/target\"";
    let said = match said_behind(&bundle, script, RUN) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.ends_with(".jsonl: No space left on device (os error 28)\n"), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn a_disk_that_fills_up_takes_no_record_that_was_there() -> Option<String> {
    let bundle = Bundle::new();
    let target = bundle.path().join("target");
    fs::create_dir(&target).expect("a folder in the bundle");
    // The first run has room; then all is taken but one page, which is not enough for another.
    let script = "mount -t tmpfs -o size=4m full \"$0/target\"
        cd \"$0\"
        \"$@\" > /dev/null
        cp -r target before
        head -c 4m /dev/zero > target/full 2> /dev/null || true
        truncate -s -4096 target/full
        code=0; \"$@\" || code=$?
        cp -r target after
        exit $code";
    let folder = bundle.path().display().to_string();
    let before = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script, &folder];
    if let Some(why) = impossible(&bundle, &["unshare", "--user", "--map-root-user", "--mount"]) {
        return Some(why);
    }
    let said = said(bundle.command(&before, &["run", "toy", "slow", "--size", "smoke", "--json"]));
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.stderr.contains("No space left on device"), "{said:?}");
    let records = |state: &str| {
        let runs = fs::read_dir(bundle.path().join(state).join("lab/toy")).expect("the records").flatten();
        // Beside them there is a link to the latest.
        let runs = runs.filter(|run| run.file_type().is_ok_and(|kind| kind.is_dir()));
        let whole = runs.map(|run| run.path().join("slow.jsonl")).filter(|record| record.is_file());
        whole.map(|record| fs::read(record).expect("a record")).collect::<Vec<_>>()
    };
    assert_eq!((records("before").len(), records("after").len()), (1, 1));
    assert!(records("before") == records("after"), "the record that was there is another one now");
    bundle.leaves_nothing();
    None
}

fn without_dev_shm_the_answer_is_unknown() -> Option<String> {
    let bundle = Bundle::new();
    let script = "mkdir -p \"$0/dev\"
        for node in null zero urandom; do : > \"$0/dev/$node\"; mount --bind /dev/$node \"$0/dev/$node\"; done
        mount --rbind \"$0/dev\" /dev";
    let said = match said_behind(&bundle, script, RUN) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.stderr.contains("UNKNOWN on this machine: this machine has no /dev/shm"), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn without_a_control_group_what_takes_too_much_fails_with_its_limit_and_the_phase() -> Option<String> {
    let bundle = Bundle::new();
    let args = ["run", "toy", "fixed", "hogs", "--size", "smoke", "--json"];
    let said = match said_behind(&bundle, "mount -t tmpfs none /sys/fs/cgroup", &args) {
        Ok(said) => said,
        Err(why) => return Some(why),
    };
    assert_eq!(said.code, Some(1), "{said:?}");
    let json = said.json();
    let verdicts = json["verdicts"].as_array().expect("the verdicts");
    let verdict = verdicts.iter().find(|verdict| verdict["claim"] == "ends" && verdict["variant"] == "hogs");
    let verdict = verdict.expect("how it ended is judged");
    assert_eq!(
        (&verdict["status"], &verdict["measured_text"]),
        (&"fails".into(), &"lab's watchdog (SIGKILL)".into())
    );
    let hint = verdict["hint"].as_str().expect("why it fails");
    assert!(
        hint.starts_with("It took ") && hint.contains(", in the phase 'begin'; its limit is 72 MiB."),
        "{hint}"
    );
    bundle.leaves_nothing();
    None
}

fn in_a_container_the_doctor_advises_what_helps_in_one() -> Option<String> {
    let bundle = Bundle::new();
    // What systemd asks every container to set for its programs.
    let script = "mount -t tmpfs none /sys/fs/cgroup; export container=docker";
    let json = match said_behind(&bundle, script, &["doctor", "--json"]) {
        Ok(said) => said.json(),
        Err(why) => return Some(why),
    };
    let findings = json["findings"].as_array().expect("a list of findings");
    let finding = findings.iter().find(|finding| finding["probe"] == "memory limit");
    let advice = finding.expect("it is looked for")["advice"].as_str().expect("there is no control group");
    assert!(advice.contains("--privileged") && !advice.contains("systemd-run"), "{advice}");
    None
}
