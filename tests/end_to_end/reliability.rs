//! However a run ends, `lab` says how, and nothing of it is left.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::Duration;

use lab::model::outcome::{Finding, Outcome};
use lab::model::record::Record;
use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::bundle::Bundle;
use crate::common::Said;
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        a_lab_that_is_killed_at_any_moment_leaves_nothing,
        a_recorder_that_is_killed_at_any_moment_leaves_nothing,
        a_recorder_that_is_killed_leaves_a_record_of_what_was_so_far,
        what_a_killed_supervisor_leaves_is_removed_by_the_next_lab,
        ctrl_c_at_any_moment_leaves_nothing,
        ctrl_c_during_a_run_is_exit_code_130_and_the_record_says_so,
        the_end_of_a_terminal_is_as_good_as_ctrl_c,
        a_program_that_does_nothing_fails_although_it_says_that_all_is_well,
        a_program_that_never_ends_is_timed_out,
        a_program_that_moves_nothing_any_more_is_not_waited_for,
        a_flood_of_output_is_read_and_only_its_end_kept,
        processes_without_end_come_to_an_end,
        processes_that_leave_their_session_and_ignore_signals_are_ended,
        a_program_that_takes_too_much_memory_is_killed_and_the_killer_is_named,
        two_labs_at_once_do_not_disturb_each_other,
    ];
    trials.extend(trials_where_possible![a_full_private_tmpfs_is_the_error_that_programs_get]);
    trials
}

const SLOW: &[&str] = &["run", "toy", "slow", "--size", "smoke", "--json"];

/// About as long as `SLOW` takes, in milliseconds. A moment after its end is a moment too.
const LENGTH: u64 = 800;

const RECORD: &[&str] =
    &["record", "--memory", "64M", "--shm", "4M", "--", "sh", "-c", "sleep 0.3 & sleep 0.6"];

/// How many moments are tried, and how many labs run at once meanwhile.
const MOMENTS: u64 = 50;
const AT_ONCE: u64 = 5;

/// Starts `lab` itself, so that it can be sent a signal.
fn start(bundle: &Bundle, args: &[&str]) -> Child {
    let with_limit = bundle.command(&[], args);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(args).current_dir(bundle.path()).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, value) in with_limit.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.spawn().expect("lab can be started")
}

fn send(child: &Child, signal: Signal) {
    // It is not yet waited for, so the number is still its own.
    kill(Pid::from_raw(child.id().cast_signed()), signal).expect("lab can be sent a signal");
}

/// Sends the signal to `lab` at so many moments, which are spread over a run at random.
fn at_any_moment(args: &[&str], signal: Signal, moments: u64, allowed: fn(ExitStatus) -> bool) {
    let bundle = Bundle::new();
    for part in 0..moments {
        let within = fastrand::u64(..1000 * LENGTH / moments);
        let moment = Duration::from_micros(1000 * LENGTH * part / moments + within);
        let mut lab = start(&bundle, args);
        std::thread::sleep(moment);
        send(&lab, signal);
        let status = lab.wait().expect("lab is a child of this process");
        assert!(allowed(status), "{signal} after {moment:?} is answered with {status}");
        let left = bundle.left_at_last();
        assert!(left.is_empty(), "{signal} after {moment:?} leaves behind: {left:#?}");
    }
}

/// Kills `lab` at many moments, several of them at once.
fn killed(args: &[&str]) {
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| at_any_moment(args, Signal::SIGKILL, MOMENTS / AT_ONCE, |_| true));
        }
    });
}

fn a_lab_that_is_killed_at_any_moment_leaves_nothing() {
    killed(SLOW);
}

fn a_recorder_that_is_killed_at_any_moment_leaves_nothing() {
    killed(RECORD);
}

fn a_recorder_that_is_killed_leaves_a_record_of_what_was_so_far() {
    let bundle = Bundle::new();
    // A mark is answered when it is written.
    let script = "echo mark alive >&$LAB_CHANNEL; read answer <&$LAB_CHANNEL; touch answered; sleep 600";
    let args = ["record", "--timeout", "60s", "--output", "one.jsonl", "--", "sh", "-c", script];
    let mut lab = start(&bundle, &args);
    while !bundle.path().join("answered").is_file() {
        assert!(lab.try_wait().expect("lab is a child of this process").is_none(), "the run ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    send(&lab, Signal::SIGKILL);
    lab.wait().expect("lab is a child of this process");
    bundle.leaves_nothing();
    let record = Record::read(&bundle.path().join("one.jsonl.part")).expect("a record without its end");
    assert_eq!(record.outcome(), Outcome::Unfinished);
    let (alive, _) = record.phase("alive").expect("it was announced");
    assert!(record.series("processes").is_some_and(|series| series.at(alive) >= Some(1)));
}

fn what_a_killed_supervisor_leaves_is_removed_by_the_next_lab() {
    for next in [&["clean"][..], &["run", "toy", "idle", "--size", "smoke", "--json"]] {
        let bundle = Bundle::new();
        let mut lab = hanging(&bundle);
        // It is the child of the thread that records.
        let threads = std::fs::read_dir(format!("/proc/{}/task", lab.id())).expect("lab lives").flatten();
        let children =
            threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
        let supervisor =
            children.collect::<String>().trim().parse().expect("its only child is the supervisor");
        // A lab that is stopped can't clean up after its supervisor.
        send(&lab, Signal::SIGSTOP);
        kill(Pid::from_raw(supervisor), Signal::SIGKILL).expect("the supervisor lives");
        send(&lab, Signal::SIGKILL);
        lab.wait().expect("lab is a child of this process");
        while !bundle.processes().is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        bundle.lab(next);
        bundle.leaves_nothing();
        let disk = bundle.path().join("target/lab/.disk");
        assert_eq!(std::fs::read_dir(disk).map_or(0, Iterator::count), 0, "{next:?}");
    }
}

fn ctrl_c_at_any_moment_leaves_nothing() {
    // Before it listens to signals it has nothing to end, and a shell makes 130 of that as well. When
    // the run is over there is nothing to stop; the claims on it hold.
    at_any_moment(SLOW, Signal::SIGINT, 8, |status| {
        status.signal() == Some(Signal::SIGINT as i32) || matches!(status.code(), Some(130 | 0))
    });
}

/// Starts a run that does not end, and waits until its program is there.
fn hanging(bundle: &Bundle) -> Child {
    let mut lab = start(bundle, &["run", "toy", "hangs", "--size", "smoke", "--json"]);
    // lab, supervisor, init and program; an ordinary user may not look into the two in the middle.
    let seen = if nix::unistd::geteuid().is_root() { 4 } else { 2 };
    while bundle.processes().len() < seen || !bundle.path().join("target/lab/toy").is_dir() {
        assert!(lab.try_wait().expect("lab is a child of this process").is_none(), "the run ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    lab
}

fn ended_by(signal: Signal) {
    let bundle = Bundle::new();
    let mut lab = hanging(&bundle);
    send(&lab, signal);
    assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(130));
    bundle.leaves_nothing();
    let shown = bundle.lab(&["show", "toy", "--json"]);
    assert_eq!(outcome(&shown), "interrupted");
    assert_eq!(shown.code, Some(2), "{shown:?}");
}

fn ctrl_c_during_a_run_is_exit_code_130_and_the_record_says_so() {
    ended_by(Signal::SIGINT);
}

fn the_end_of_a_terminal_is_as_good_as_ctrl_c() {
    ended_by(Signal::SIGHUP);
}

/// Runs one variant of the toy, after which nothing may be left.
#[track_caller]
fn run(bundle: &Bundle, variant: &str) -> Said {
    let said = bundle.lab(&["run", "toy", variant, "--size", "smoke", "--json"]);
    bundle.leaves_nothing();
    said
}

/// How the only run of this call ended.
#[track_caller]
fn outcome(said: &Said) -> Value {
    said.json()["runs"][0]["outcome"].clone()
}

fn a_program_that_does_nothing_fails_although_it_says_that_all_is_well() {
    let said = run(&Bundle::new(), "idle");
    assert_eq!((outcome(&said), said.code), (json!({ "exited": 0 }), Some(1)), "{said:?}");
    for claim in ["work", "files"] {
        let json = said.json();
        let verdicts = json["verdicts"].as_array().expect("a list of verdicts");
        let verdict =
            verdicts.iter().find(|verdict| verdict["claim"] == claim).expect("a verdict on the claim");
        assert_eq!(verdict["status"], "fails", "{claim}");
    }
}

fn a_program_that_never_ends_is_timed_out() {
    let said = run(&Bundle::changed("seconds = 60", "seconds = 1"), "hangs");
    assert_eq!((outcome(&said), said.code), (json!("timed_out"), Some(1)), "{said:?}");
}

fn a_program_that_moves_nothing_any_more_is_not_waited_for() {
    let bundle = Bundle::changed("title = \"never ends\"", "title = \"never ends\"\nno_progress_ms = 300");
    let said = run(&bundle, "hangs");
    assert_eq!(outcome(&said), json!("timed_out"), "{said:?}");
    let why = said.json()["verdicts"][0]["hint"].as_str().expect("what was seen of its end").to_owned();
    assert!(why.contains("all threads slept"), "{why}");
}

fn a_flood_of_output_is_read_and_only_its_end_kept() {
    let bundle = Bundle::new();
    let said = run(&bundle, "floods");
    assert_eq!(outcome(&said), json!({ "exited": 0 }), "{said:?}");
    let output = record(&said, "floods").trailer.expect("the run has ended").output;
    assert!(output.ends_with("the last words\n") && output.len() <= 64 << 10, "{} bytes", output.len());
}

/// The record of one variant of the only run of this call.
#[track_caller]
fn record(said: &Said, variant: &str) -> Record {
    let json = said.json();
    let folder = Path::new(json["folder"].as_str().expect("the folder of the records"));
    Record::read(&folder.join(format!("{variant}.jsonl"))).expect("a record")
}

fn processes_without_end_come_to_an_end() {
    // Each takes some memory of the kernel, and that is not what is to end them here.
    let bundle = Bundle::changed("plus_mib = 64", "plus_mib = 900");
    let said = run(&bundle, "forks");
    let record = record(&said, "forks");
    let most = record.header.limits.processes.expect("a bound");
    let seen = record.peak("processes").expect("they are counted");
    if said.json()["confinement"].to_string().contains("the pids controller") {
        assert_eq!(outcome(&said), json!({ "exited": 0 }), "{said:?}");
        let trailer = record.trailer.expect("the run has ended");
        let refused = trailer.evidence.iter().find(|one| one.source == "pids.events max");
        assert!(matches!(refused.expect("it was looked at").finding, Finding::Fired(_)));
        // The last ones may live between two samples.
        assert!(seen <= most && seen > most / 2, "{seen} processes were seen, and {most} are allowed");
    } else {
        assert_eq!(outcome(&said), json!({ "killed": { "signal": 9, "by": "watchdog" } }), "{said:?}");
    }
}

fn processes_that_leave_their_session_and_ignore_signals_are_ended() {
    let said = run(&Bundle::new(), "orphans");
    assert_eq!(outcome(&said), json!({ "exited": 0 }), "{said:?}");
}

fn a_program_that_takes_too_much_memory_is_killed_and_the_killer_is_named() {
    let bundle = Bundle::new();
    let said = run(&bundle, "hogs");
    let by = if said.json()["confinement"].to_string().contains("by cgroup") { "oom" } else { "watchdog" };
    assert_eq!(outcome(&said), json!({ "killed": { "signal": 9, "by": by } }), "{said:?}");
    assert_ne!(said.code, Some(0));
}

fn a_full_private_tmpfs_is_the_error_that_programs_get() -> Option<String> {
    let bundle = Bundle::new();
    let doctor = bundle.lab(&["doctor", "--json"]).json();
    let findings = doctor["findings"].as_array().expect("a list of findings");
    let namespaces =
        findings.iter().find(|finding| finding["probe"] == "namespaces").expect("it is looked for");
    if let Some(why) = namespaces["found"].as_str().expect("a text").strip_prefix("no: ") {
        return Some(format!("there are no namespaces, so the tmpfs is not private: {why}"));
    }
    let said = run(&bundle, "fills");
    assert_eq!(outcome(&said)["failed"]["errno"], nix::libc::ENOSPC, "{said:?}");
    // All of it could be used.
    assert_eq!(said.json()["runs"][0]["peaks"]["tmpfs"], 8 << 20, "{said:?}");
    None
}

fn two_labs_at_once_do_not_disturb_each_other() {
    let bundle = Bundle::new();
    let both = ["broken", "fixed"]
        .map(|variant| start(&bundle, &["run", "toy", variant, "slow", "--size", "smoke", "--json"]));
    for mut lab in both {
        assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(0));
    }
    bundle.leaves_nothing();
    let folders = std::fs::read_dir(bundle.path().join("target/lab/toy")).expect("the records").flatten();
    let runs: Vec<_> = folders.map(|entry| entry.file_name()).filter(|name| name != "latest").collect();
    assert_eq!(runs.len(), 2, "{runs:?}");
}
