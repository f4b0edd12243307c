//! Every scenario on machines that this one is not: cgroup v2, with and without a subtree of one's
//! own, with and without namespaces, as an ordinary user and as root.
//!
//! Each test starts one emulated machine and runs half of the scenarios in it, since emulation is slow: each
//! scenario has one machine on which the kernel limits its memory, and one on which nobody does. No claim may
//! fail there. What such a machine can't show must be UNKNOWN, and nothing may be left behind. Then it records
//! a command that uses memory for a moment, between two samples.

mod cases;
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

use machine::{Init, Kind, Ran};

const ORDINARY: Kind = Kind { uid: 1000, delegated: false, namespaces: true, init: Init::Script };

/// The machines, whether the kernel limits memory there, and whether they run every second scenario from the
/// first or from the second one on.
const MACHINES: [(&str, Kind, bool, usize); 4] = [
    ("an_ordinary_user_with_a_delegated_cgroup_v2", Kind { delegated: true, ..ORDINARY }, true, 1),
    ("an_ordinary_user_without_a_cgroup", ORDINARY, false, 2),
    ("an_ordinary_user_without_namespaces", Kind { namespaces: false, ..ORDINARY }, false, 1),
    ("root_under_cgroup_v2", Kind { uid: 0, ..ORDINARY }, true, 2),
];

fn main() -> ExitCode {
    let workshop = Arc::new(OnceLock::new());
    let trials = MACHINES.map(|(name, kind, limited, first)| {
        let workshop = Arc::clone(&workshop);
        trial(name, kind, move || half_of_all(kind, limited, first, workshop.get_or_init(bundle).path()))
    });
    let recorder = [
        ("cases_of_the_recorder_as_root_under_cgroup_v2", Kind { uid: 0, ..ORDINARY }),
        ("cases_of_the_recorder_as_a_user_without_a_cgroup", ORDINARY),
    ];
    let recorder = recorder.map(|(name, kind)| {
        let workshop = Arc::clone(&workshop);
        trial(name, kind, move || cases::all(kind, workshop.get_or_init(bundle).path()))
    });
    let of_metrics = {
        let workshop = Arc::clone(&workshop);
        trial("what_version_2_counts_of_a_control_group", metrics::KIND, move || {
            metrics::hold(workshop.get_or_init(bundle).path())
        })
    };
    let systemd = trial("the_limits_of_systemd_hold_for_what_is_recorded", systemd::KIND, || {
        systemd::limits_hold(lab_alone().path())
    });
    let swap = trial("swap_takes_the_pages_of_a_tmpfs_and_those_of_a_disk_are_dropped", swap::KIND, || {
        swap::takes_the_pages_of_a_tmpfs(lab_alone().path())
    });
    // No more machines at a time than have their own processors: some claims compare times.
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_once = (processors / machine::PROCESSORS).max(1);
    let arguments = Arguments { test_threads: Some(at_once), ..Arguments::from_args() };
    libtest_mimic::run(
        &arguments,
        trials.into_iter().chain(recorder).chain([of_metrics, systemd, swap]).collect(),
    )
    .exit_code()
}

/// A test that needs a machine of this kind.
fn trial(name: &str, kind: Kind, run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static) -> Trial {
    Trial::ignorable_test(name, move || match machine::missing(kind.init) {
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
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fates/cases");
    let copied = Command::new("cp").arg("-r").arg(cases).arg(folder.path()).status();
    assert!(copied.is_ok_and(|status| status.success()), "the cases can be copied");
    folder
}

/// `lab`, without any scenario.
fn lab_alone() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("bin")).expect("a folder of our own");
    for name in ["lab", "bin/lab"] {
        fs::copy(env!("CARGO_BIN_EXE_lab"), folder.path().join(name)).expect("room for a copy");
    }
    folder
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
    find /sys/fs/cgroup -name 'lab-*'
    find target/lab/.disk -mindepth 1
";

/// What the command that is recorded uses for a moment, in bytes.
const SPIKE: u64 = 48 << 20;

fn half_of_all(kind: Kind, limited: bool, first: usize, workshop: &Path) -> Result<Completion, Failed> {
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
    let peaks = ["cgroup", "rss"].map(|metric| command["peaks"][metric].as_u64().unwrap_or(0));
    if command["status"] != 5 || peaks.iter().all(|&peak| peak < SPIKE) || (peaks[0] >= SPIKE) != limited {
        return Err(format!("the command was recorded wrongly: {command:#}").into());
    }
    for report in &reports {
        let by_kernel = report["confinement"][1].as_str().is_some_and(|line| line.contains("cgroup v2"));
        if by_kernel != limited {
            return Err(format!("the confinement is another one: {:#}", report["confinement"]).into());
        }
        let verdicts = report["verdicts"].as_array().ok_or("a report without verdicts")?;
        if let Some(verdict) = verdicts.iter().find(|verdict| verdict["status"] == "fails") {
            return Err(format!("{}: {verdict:#}", report["scenario"]).into());
        }
        if !verdicts.iter().any(|verdict| verdict["status"] == "holds") {
            return Err(format!("{} shows nothing here", report["scenario"]).into());
        }
    }
    Ok(Completion::Completed)
}
