//! Every scenario under cgroup v2, as an ordinary user with a subtree of one's own and as root, and what the recorder
//! does there.
//!
//! Each of two tests starts one emulated machine and runs half of the scenarios in it, since emulation is slow. No claim
//! may fail there. What such a machine can't show must be UNKNOWN, and nothing may be left behind. Then it records
//! a command that uses memory for a moment, between two samples.
//!
//! The same runs on arm64 machines, with pages of 4 KiB and of 16 KiB. Emulating these takes long, so most of it
//! is left out if `LAB_ARM64=all` doesn't ask for it.

mod arm64;
mod cases;
#[path = "../common/mod.rs"]
mod common;
mod machine;
mod metrics;
mod swap;
mod systemd;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use serde_json::{Deserializer, Value};
use tempfile::TempDir;

use common::held;
use machine::{Hardware, Init, Kind, Ran};

const ORDINARY: Kind = Kind { uid: 1000, delegated: false, init: Init::Script, hardware: Hardware::Native };
const ROOT: Kind = Kind { uid: 0, ..ORDINARY };

/// The machines, and whether they run every second scenario from the first or from the second one on.
const MACHINES: [(&str, Kind, usize); 2] = [
    ("an_ordinary_user_with_a_delegated_cgroup_v2", Kind { delegated: true, ..ORDINARY }, 1),
    ("root_under_cgroup_v2", ROOT, 2),
];

fn main() -> ExitCode {
    let native = trials("", Hardware::Native, bundle, lab_alone);
    let systemd = trial("the_limits_of_systemd_hold_for_what_is_recorded", systemd::KIND, || {
        systemd::limits_hold(lab_alone().path())
    });
    // No more machines at a time than have their own processors: some claims compare times.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = (processors / machine::PROCESSORS).max(1);
    let arguments = Arguments { test_threads: Some(at_once), ..Arguments::from_args() };
    let all = native.into_iter().chain([systemd]).chain(arm64::trials()).collect();
    libtest_mimic::run(&arguments, all).exit_code()
}

/// What is done on a machine of this kind, with a bundle.
type Test = fn(Kind, &Path) -> Result<Completion, Failed>;

/// All that both kinds of hardware have, with what makes a bundle of all scenarios and what makes one of none.
fn trials(
    before: &str,
    hardware: Hardware,
    bundle: fn() -> TempDir,
    lab_alone: fn() -> TempDir,
) -> Vec<Trial> {
    let workshop = Arc::new(OnceLock::new());
    let mut trials: Vec<Trial> = Vec::new();
    for (name, kind, first) in MACHINES {
        let (workshop, kind) = (Arc::clone(&workshop), Kind { hardware, ..kind });
        let run = move || half_of_all(kind, first, workshop.get_or_init(bundle).path());
        trials.push(trial(&format!("{before}{name}"), kind, run));
    }
    let others: [(&str, Kind, Test); 2] = [
        ("cases_of_the_recorder_as_root", ROOT, cases::all),
        ("what_version_2_counts_of_a_control_group", metrics::KIND, metrics::hold),
    ];
    for (name, kind, test) in others {
        let (workshop, kind) = (Arc::clone(&workshop), Kind { hardware, ..kind });
        let run = move || test(kind, workshop.get_or_init(bundle).path());
        trials.push(trial(&format!("{before}{name}"), kind, run));
    }
    let kind = Kind { hardware, ..swap::KIND };
    let name = format!("{before}swap_takes_the_pages_of_a_tmpfs_and_those_of_a_disk_are_dropped");
    trials.push(trial(&name, kind, move || swap::takes_the_pages_of_a_tmpfs(kind, lab_alone().path())));
    trials
}

/// A test that needs a machine of this kind.
fn trial(name: &str, kind: Kind, run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static) -> Trial {
    let left_out = arm64::left_out(name);
    Trial::ignorable_test(name, move || match left_out.or_else(|| machine::missing(kind)) {
        Some(missing) => Ok(Completion::ignored_with(missing)),
        None => run(),
    })
}

/// A bundle of all scenarios, with the cases of the table of fates.
fn bundle() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.arg("bundle").arg(folder.path()).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("lab is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    add_cases(folder.path());
    folder
}

/// Puts the cases of the table of fates into a bundle.
fn add_cases(folder: &Path) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fates/cases");
    let copied = Command::new("cp").arg("-r").arg(cases).arg(folder).status();
    assert!(copied.is_ok_and(|status| status.success()), "the cases can be copied");
}

/// `lab`, without any scenario.
fn lab_alone() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy_lab(Path::new(env!("CARGO_BIN_EXE_lab")), folder.path());
    folder
}

/// Puts `lab` into a folder that has nothing else.
fn copy_lab(lab: &Path, folder: &Path) {
    fs::create_dir(folder.join("bin")).expect("a folder of our own");
    for name in ["lab", "bin/lab"] {
        fs::copy(lab, folder.join(name)).expect("room for a copy");
    }
}

/// Runs every second scenario from the one of this number on.
const SCENARIOS: &str = "
    for scenario in $(ls scenarios | awk \"NR % 2 == $FIRST % 2\"); do
        ./lab run \"$scenario\" --size smoke --json || true
    done
";

/// Records a command that is only watched, then looks for what is left.
const COMMAND: &str = "
    ./lab record --quiet --interval 5s --json record.json -- \
        sh -c 'sleep 1; dd if=/dev/zero of=/dev/null bs=48M count=1 2> /dev/null; sleep 1; exit 5'
    cat record.json
    ls /dev/shm
    groups_left
    find target/lab/.disk -mindepth 1
";

/// What the command that is recorded uses for a moment, in bytes.
const SPIKE: u64 = 48 << 20;

fn half_of_all(kind: Kind, first: usize, workshop: &Path) -> Result<Completion, Failed> {
    let Ran { code, output } = machine::run(kind, workshop, &format!("FIRST={first}{SCENARIOS}{COMMAND}"));
    if code != 0 {
        return Err(format!("exit code {code}\n{output}").into());
    }
    // Reports and refusals come one after the other; the last of them ends the list of what was run.
    let json = output.lines().filter(|line| !line.starts_with("lab: ")).collect::<Vec<_>>().join("\n");
    let mut stream = Deserializer::from_str(&json).into_iter::<Value>();
    let reports: Vec<Value> = stream.by_ref().map_while(Result::ok).collect();
    let left = json[stream.byte_offset()..].trim();
    if !left.is_empty() {
        return Err(format!("this is left behind: {left}").into());
    }
    if reports.is_empty() {
        return Err(format!("nothing was run:\n{output}").into());
    }
    let (commands, reports): (Vec<Value>, Vec<Value>) =
        reports.into_iter().partition(|report| report.get("command").is_some());
    let [command] = &commands[..] else { return Err(format!("no command was recorded:\n{output}").into()) };
    if command["status"] != 5 || command["peaks"]["cgroup"].as_u64().is_none_or(|peak| peak < SPIKE) {
        return Err(format!("the command was recorded wrongly: {command:#}").into());
    }
    for report in &reports {
        let memory = report["confinement"][1].as_str().unwrap_or_default();
        if !memory.contains("cgroup v2") {
            return Err(format!("the confinement is another one: {:#}", report["confinement"]).into());
        }
        if held(report)? == 0 {
            return Err(format!("{} shows nothing here", report["scenario"]).into());
        }
    }
    Ok(Completion::Completed)
}
