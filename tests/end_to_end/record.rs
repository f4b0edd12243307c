//! `lab record`: any command is run as if it had been started without it, and what it took is told truly.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use lab::model::outcome::{Finding, Outcome};
use lab::model::record::Record;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::bundle::Bundle;
use crate::common::{Said, said};
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        the_exit_code_is_the_commands,
        what_it_reads_and_prints_is_its_own,
        what_it_leaves_running_goes_on,
        a_confined_command_leaves_nothing_running,
        a_signal_that_lab_gets_is_the_commands,
        the_time_is_up_for_a_command_that_ignores_signals,
        a_spike_between_two_samples_is_seen,
        its_marks_and_facts_are_on_the_record,
        a_file_that_is_named_is_watched_in_the_page_cache,
        a_record_is_shown_listed_compared_and_exported_without_running_anything,
        a_process_that_runs_already_is_watched_and_left_alone,
        a_recorder_that_is_killed_leaves_a_record_up_to_its_end,
        bad_words_are_answered_with_what_to_type,
    ];
    trials.extend(trials_where_possible![
        a_child_that_the_kernel_killed_is_told_although_all_seems_well,
        a_full_dev_shm_of_its_own_is_told,
    ]);
    trials
}

/// Runs `lab record` with these words; its exit code stands at the end of the standard output.
fn record(bundle: &Bundle, args: &[&str]) -> (Said, i32) {
    let before = ["sh", "-c", "\"$@\"; echo \"=$?\"", "sh"];
    let mut said = said(bundle.command(&before, &[&["record"], args].concat()));
    let at = said.stdout.rfind('=').expect("sh prints the code");
    let code = said.stdout[at + 1..].trim().parse().expect("a code is a number");
    said.stdout.truncate(at);
    (said, code)
}

/// The latest record of a bundle.
fn latest(bundle: &Bundle) -> Record {
    let mut files = lab::store::files(&bundle.path().join("target/lab/.commands")).expect("the records");
    Record::read(&files.pop().expect("a record")).expect("a whole record")
}

/// What the machine found of a name.
fn doctor(bundle: &Bundle, probe: &str) -> String {
    let doctor = bundle.lab(&["doctor", "--json"]).json();
    let findings = doctor["findings"].as_array().expect("a list of findings");
    let finding = findings.iter().find(|finding| finding["probe"] == probe).expect("it is looked for");
    finding["found"].as_str().expect("a text").to_owned()
}

fn the_exit_code_is_the_commands() {
    let bundle = Bundle::new();
    for (command, code) in [
        (&["true"][..], 0),
        (&["sh", "-c", "exit 3"], 3),
        (&["sh", "-c", "kill -SEGV $$"], 128 + 11),
        (&["sh", "-c", "kill -TERM $$"], 128 + 15),
        (&["no-such-program"], 127),
    ] {
        let (said, found) = record(&bundle, &[&["--"], command].concat());
        assert_eq!(found, code, "{command:?}: {said:?}");
        let (said, found) = record(&bundle, &[&["--quiet", "--timeout", "60s", "--"], command].concat());
        assert_eq!((found, said.stderr.as_str()), (code, ""), "{command:?}, confined");
    }
    bundle.leaves_nothing();
}

fn what_it_reads_and_prints_is_its_own() {
    let bundle = Bundle::new();
    let script = "cat; echo to the other >&2; test -t 0 && echo terminal; echo $0";
    for bounds in [&[][..], &["--timeout", "60s"]] {
        let args = [&["record", "--quiet"], bounds, &["--", "sh", "-c", script, "an argument"]].concat();
        let mut command = bundle.command(&[], &args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut lab = command.spawn().expect("lab can be started");
        let stdin = lab.stdin.take();
        stdin.expect("it is piped").write_all(b"what was typed\n").expect("it is read");
        let output = lab.wait_with_output().expect("lab is a child of this process");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "what was typed\nan argument\n");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "to the other\n");
    }
}

/// A command that leaves a process running, which prints its number.
const LEAVES: &[&str] = &["--", "sh", "-c", "sleep 600 > /dev/null 2>&1 & echo $!"];

fn what_it_leaves_running_goes_on() {
    let bundle = Bundle::new();
    let (said, code) = record(&bundle, &[&["-q"], LEAVES].concat());
    assert_eq!(code, 0, "{said:?}");
    let left: i32 = said.stdout.trim().parse().expect("the number of the process");
    assert_eq!(bundle.processes(), [left], "it goes on, and nothing else does");
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(left), nix::sys::signal::Signal::SIGKILL)
        .expect("it is ours");
    bundle.leaves_nothing();
}

fn a_confined_command_leaves_nothing_running() {
    let bundle = Bundle::new();
    let (said, code) = record(&bundle, &[&["-q", "--timeout", "60s"], LEAVES].concat());
    assert_eq!(code, 0, "{said:?}");
    bundle.leaves_nothing();
}

fn a_signal_that_lab_gets_is_the_commands() {
    let bundle = Bundle::new();
    let script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done";
    let mut command = bundle.command(&[], &["record", "-q", "--", "sh", "-c", script]);
    // timeout(1) passes the signal on to lab.
    let mut lab = command.stdout(Stdio::piped()).spawn().expect("lab can be started");
    let mut ready = [0; 6];
    std::io::Read::read_exact(&mut lab.stdout.take().expect("it is piped"), &mut ready).expect("it is ready");
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(lab.id().cast_signed()),
        nix::sys::signal::Signal::SIGTERM,
    )
    .expect("lab can be sent a signal");
    let status = lab.wait().expect("lab is a child of this process");
    // timeout(1) that was itself sent a signal says so in its own way, so the record is asked.
    assert_eq!(latest(&bundle).outcome(), Outcome::Exited(9), "{status}");
    bundle.leaves_nothing();
}

fn the_time_is_up_for_a_command_that_ignores_signals() {
    let bundle = Bundle::new();
    let script = "trap '' TERM INT HUP; setsid sleep 600 & sleep 600";
    let (said, code) = record(&bundle, &["--timeout", "1s", "--", "sh", "-c", script]);
    assert_eq!(code, 124, "{said:?}");
    assert!(said.stderr.contains("timed out") && said.stderr.contains("it waits in"), "{said:?}");
    bundle.leaves_nothing();
}

/// The program of these tests as a command: it speaks to the harness.
fn toy(bundle: &Bundle, args: &[&str], variant: &str) -> (Said, i32) {
    let program = std::env::current_exe().expect("the path of this program");
    let program = program.to_str().expect("a path of plain letters");
    let shm = bundle.path().join("tmp");
    let shm = shm.to_str().expect("a path of plain letters");
    let words = ["--", program, variant, "--seed", "1", "--shm", shm, "--disk", shm, "file_mib=1", "files=2"];
    record(bundle, &[args, &words].concat())
}

fn a_spike_between_two_samples_is_seen() {
    let bundle = Bundle::new();
    let (said, code) = toy(&bundle, &["--interval", "1s"], "spike");
    assert_eq!(code, 0, "{said:?}");
    let record = latest(&bundle);
    let spike = u64::from(crate::toy::SPIKE) << 20;
    let with_peaks = |metric: &&str| record.series(metric).is_some_and(|series| series.peaks.is_some());
    let metric = ["cgroup", "rss"].into_iter().find(with_peaks);
    let metric = metric.unwrap_or_else(|| panic!("no peaks are reset here: {:?}", record.header.peaks));
    let series = record.series(metric).expect("it was found");
    let peak = series.peak().expect("there are samples").1;
    assert!(peak >= spike, "{metric}: {peak} of {spike} bytes");
    assert!(series.v.iter().max() < Some(&spike), "no sample alone has seen it");
    assert_eq!(record.peak(metric), Some(peak), "there is one peak");
}

fn its_marks_and_facts_are_on_the_record() {
    let bundle = Bundle::new();
    let (said, code) = toy(&bundle, &["-q"], "fixed");
    assert_eq!(code, 0, "{said:?}");
    let record = latest(&bundle);
    assert_eq!(record.marks.iter().map(|mark| mark.name.as_str()).collect::<Vec<_>>(), ["begin", "end"]);
    assert_eq!(record.fact("files_written"), Some(1));
    fs::remove_file(bundle.path().join("tmp/1")).expect("the file that it wrote");
}

fn a_file_that_is_named_is_watched_in_the_page_cache() {
    let bundle = Bundle::new();
    let file = bundle.path().join("named");
    fs::write(&file, vec![1; 1 << 20]).expect("room for a file");
    let name = file.to_str().expect("a path of plain letters");
    let args = ["--file", name, "--curve", "disk_cached", "--", "sleep", "0.3"];
    let (said, code) = record(&bundle, &args);
    assert_eq!(code, 0, "{said:?}");
    assert_eq!(latest(&bundle).peak("disk_cached"), Some(1 << 20));
    assert!(
        said.stderr.contains("a disk_cached") && said.stderr.contains("1 MiB of the files that were named")
    );
}

fn a_record_is_shown_listed_compared_and_exported_without_running_anything() {
    let bundle = Bundle::new();
    for (message, code) in [("first <one>", "0"), ("second", "4")] {
        let script = format!("sleep 0.05; echo once >> ran; exit {code}");
        record(&bundle, &["-q", "-m", message, "--json", "s.json", "--", "sh", "-c", &script]);
    }
    let summary: Value =
        serde_json::from_str(&fs::read_to_string(bundle.path().join("s.json")).expect("it was written"))
            .expect("JSON");
    assert_eq!((&summary["outcome"], &summary["status"]), (&json!({ "exited": 4 }), &json!(4)));
    let shown = bundle.lab(&["show", "-1"]);
    assert!(shown.stdout.contains("exit code 4"), "{shown:?}");
    assert_eq!(bundle.lab(&["show", "-2", "--json"]).json()["outcome"], json!({ "exited": 0 }));
    let listed = bundle.lab(&["ls"]);
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert!(lines.len() == 3 && lines[1].contains("-2") && lines[1].contains("first <one>"), "{listed:?}");
    assert_eq!(bundle.lab(&["ls", "--json"]).json().as_array().map(Vec::len), Some(2));
    let compared = bundle.lab(&["compare", "-2", "-1", "--svg", "both.svg"]);
    assert_eq!(compared.code, Some(0), "{compared:?}");
    for word in ["first <one>", "second", "ended well", "exit code 4"] {
        assert!(compared.stdout.contains(word), "{word}: {compared:?}");
    }
    let exports = ["show", "-2", "--csv", "r.csv", "--svg", "r.svg", "--html", "r.html"];
    assert_eq!(bundle.lab(&exports).code, Some(0));
    let read = |name: &str| fs::read_to_string(bundle.path().join(name)).expect("it was written");
    assert!(read("both.svg").starts_with("<svg") && read("r.svg").starts_with("<svg"));
    let page = read("r.html");
    assert!(page.contains("first &lt;one&gt;"));
    for loads in ["<script", "src=", "href=\"http", "url(http"] {
        assert!(!page.contains(loads), "{loads}");
    }
    let csv = read("r.csv");
    let columns = |line: &str| line.split(',').count();
    let head = csv.lines().next().expect("a head");
    assert!(csv.lines().count() > 3 && csv.lines().all(|line| columns(line) == columns(head)), "{head}");
    assert_eq!(read("ran"), "once\nonce\n");
    let missing = bundle.lab(&["show", "-3"]);
    assert_eq!(missing.code, Some(3));
    assert!(missing.stderr.contains("there are 2 recorded commands"), "{missing:?}");
}

fn a_process_that_runs_already_is_watched_and_left_alone() {
    let bundle = Bundle::new();
    let mut other = Command::new("sh").args(["-c", "sleep 0.4; exit 5"]).spawn().expect("sh is there");
    let pid = other.id().to_string();
    let (said, code) = record(&bundle, &["--attach", &pid]);
    assert_eq!(code, 0, "{said:?}");
    assert_eq!(latest(&bundle).outcome(), Outcome::Gone);
    assert_eq!(other.wait().expect("it is a child of this process").code(), Some(5));
    let (said, code) = record(&bundle, &["--attach", &pid]);
    assert_eq!(code, 125, "{said:?}");
    assert!(said.stderr.contains("there is no process"), "{said:?}");
}

fn a_recorder_that_is_killed_leaves_a_record_up_to_its_end() {
    let bundle = Bundle::new();
    let plain = bundle.command(&[], &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(["record", "-q", "--timeout", "60s", "--", "sleep", "600"]).current_dir(bundle.path());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut lab = command.spawn().expect("lab can be started");
    let folder = bundle.path().join("target/lab/.commands");
    // Until a tenth of a second is on the record, however long that takes.
    let sampled = || {
        let files = lab::store::files(&folder).ok()?;
        Some(Record::read(files.first()?).ok()?.duration())
    };
    while sampled().unwrap_or(0) < 100_000 {
        std::thread::sleep(Duration::from_millis(5));
    }
    lab.kill().expect("it is ours");
    lab.wait().expect("lab is a child of this process");
    let record = latest(&bundle);
    assert_eq!(record.outcome(), Outcome::Unfinished);
    assert!(record.duration() >= 100_000);
    bundle.leaves_nothing();
    assert!(bundle.lab(&["show", "-1"]).stdout.contains("cut short"));
}

fn bad_words_are_answered_with_what_to_type() {
    let bundle = Bundle::new();
    for (args, word) in [
        (&["--memory", "12X", "--", "true"][..], "512M"),
        (&["--interval", "1us", "--", "true"], "from 1ms to 60s"),
        (&["--curve", "rs", "--", "true"], "there are tmpfs"),
        (&[], "<COMMAND>"),
        (&["--attach", "1", "--memory", "1G"], "cannot be used with"),
    ] {
        let (said, code) = record(&bundle, args);
        assert_eq!(code, 125, "{said:?}");
        assert!(said.stderr.contains(word), "{said:?}");
    }
}

fn a_child_that_the_kernel_killed_is_told_although_all_seems_well() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = doctor(&bundle, "memory limit").strip_prefix("no: ") {
        return Some(format!("the kernel enforces no limit of memory: {why}"));
    }
    // The shell keeps to itself what becomes of tail, which holds a line that does not end.
    let script = "head -c 200M /dev/zero | tail > /dev/null; exit 0";
    let (said, code) = record(&bundle, &["--memory", "40M", "--", "sh", "-c", script]);
    assert_eq!(code, 0, "{said:?}");
    assert!(said.stderr.contains("exit code 0, but the kernel's OOM killer"), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn a_full_dev_shm_of_its_own_is_told() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = doctor(&bundle, "namespaces").strip_prefix("no: ") {
        return Some(format!("there are no namespaces: {why}"));
    }
    let script = "head -c 3M /dev/zero > /dev/shm/file";
    let (said, code) = record(&bundle, &["--shm", "1M", "--", "sh", "-c", script]);
    assert_ne!(code, 0, "{said:?}");
    let record = latest(&bundle);
    let trailer = record.trailer.as_ref().expect("it has ended");
    let full =
        trailer.evidence.iter().find(|seen| seen.source == "the tmpfs is full").expect("it was looked at");
    assert!(matches!(full.finding, Finding::Fired(_)), "{said:?}");
    assert_eq!(record.peak("tmpfs"), Some(1 << 20));
    bundle.leaves_nothing();
    None
}
