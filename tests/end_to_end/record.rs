//! `lab record`: any command is run as if it had been started without it, and what it took is described truly.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use lab::chart::amount;
use lab::model::metric::Unit;
use lab::model::outcome::{Finding, Outcome};
use lab::model::record::Record;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::bundle::Bundle;
use crate::common::leftovers::processes_at_last;
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
        a_spike_between_two_samples_is_the_same_peak_wherever_it_is_shown,
        what_no_sample_saw_is_not_said_to_be_nothing,
        its_marks_and_facts_are_on_the_record,
        a_file_that_is_named_is_watched_in_the_page_cache,
        a_record_is_shown_listed_compared_and_exported_without_running_anything,
        a_process_that_runs_already_is_watched_and_left_alone,
        a_recorder_that_is_killed_leaves_a_record_up_to_its_end,
        bad_words_are_answered_with_what_to_type,
        nothing_is_written_but_what_was_asked_for,
        without_a_store_the_command_runs_and_one_line_says_what_was_lost,
        a_store_that_is_deleted_while_it_runs_costs_only_the_record,
        a_folder_that_is_gone_is_no_obstacle,
        a_file_that_can_not_be_written_is_said_before_the_command_starts_and_left_out,
        ranks_that_share_a_name_have_a_record_each_and_are_quiet,
        a_report_that_fails_at_the_end_leaves_the_exit_code_as_it_is,
        what_is_drawn_live_leaves_the_streams_whole,
        half_a_second_is_half_a_second,
        names_with_control_characters_reach_no_terminal_and_no_page,
        commands_of_one_second_are_listed_in_their_order,
        a_folder_of_scenarios_that_are_others_is_no_workbook,
        cleaning_spares_what_is_being_recorded,
        cleaning_spares_a_run_that_goes_on,
        odd_files_among_the_records_are_said_and_skipped,
    ];
    trials.extend(trials_where_possible![
        a_child_that_the_kernel_killed_is_said_although_all_seems_well,
        a_full_dev_shm_of_its_own_is_told,
        a_child_that_a_signal_ended_is_told,
        root_believes_no_workbook_of_another_user,
    ]);
    trials
}

/// Runs `lab record` with these words; its exit code stands at the end of the standard output.
fn record(bundle: &Bundle, args: &[&str]) -> (Said, i32) {
    // What the shell itself says of a deadly signal isn't of interest.
    let script = "exec 3>&2 2> /dev/null; sh -c 'exec \"$@\" 2>&3 3>&-' sh \"$@\"; echo \"=$?\"";
    let before = ["sh", "-c", script, "sh"];
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

/// Whether the kernel reports how each process ended.
fn exits_are_reported(bundle: &Bundle) -> bool {
    record(bundle, &["-q", "--", "true"]);
    latest(bundle).ended.iter().any(|ended| ended.status.is_some())
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
        assert_eq!(found, code, "{command:?}, confined: {said:?}");
        // That there is no such command is said even if nothing else is.
        assert_eq!(complaints(&said).len(), usize::from(code == 127), "{command:?}, confined: {said:?}");
        assert_eq!(said.stderr.lines().count(), complaints(&said).len(), "{said:?}");
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

fn a_spike_between_two_samples_is_the_same_peak_wherever_it_is_shown() {
    let bundle = Bundle::new();
    let (recorded, code) = toy(&bundle, &["--interval", "1s"], "spike");
    assert_eq!(code, 0, "{recorded:?}");
    let record = latest(&bundle);
    let metric = ["cgroup", "rss"].into_iter().find(|metric| record.series(metric).is_some());
    let metric = metric.expect("the total is measured everywhere");
    let peak = record.peak(metric).expect("it was measured");
    let sampled = record.series(metric).and_then(|series| series.v.iter().max().copied());
    assert!(sampled < Some(u64::from(crate::toy::SPIKE) << 20), "no sample alone has seen it");

    let size = amount(Unit::Bytes, peak);
    assert!(recorded.stderr.contains(&format!("{size} at ")), "the summary: {size} in {recorded:?}");
    for shown in [&["show", "-1"][..], &["ls"], &["compare", "-1"]] {
        let said = bundle.lab(shown);
        assert!(said.stdout.contains(&size), "{shown:?}: {size} in {said:?}");
    }
    for json in [bundle.lab(&["ls", "--json"]).json()[0].take(), bundle.lab(&["show", "-1", "--json"]).json()]
    {
        assert_eq!(json["peaks"][metric].as_u64(), Some(peak), "{json:#}");
    }
}

fn what_no_sample_saw_is_not_said_to_be_nothing() {
    let bundle = Bundle::new();
    let (said, code) = record(&bundle, &["--interval", "1s", "--", "true"]);
    assert_eq!(code, 0, "{said:?}");
    let line = |name: &str| said.stderr.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    assert!(!line("Made of").contains(" 0,"), "{said:?}");
    assert!(!line("Processes").contains(" 0 at once"), "{said:?}");
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
    assert!(said.stderr.contains("a disk_cached") && said.stderr.contains("1 MiB of the named files"));
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
    assert!(shown.stdout.contains("exited with 4"), "{shown:?}");
    assert_eq!(bundle.lab(&["show", "-2", "--json"]).json()["outcome"], json!({ "exited": 0 }));
    let listed = bundle.lab(&["ls"]);
    let lines: Vec<&str> = listed.stdout.lines().collect();
    assert!(lines.len() == 3 && lines[1].contains("-2") && lines[1].contains("first <one>"), "{listed:?}");
    assert_eq!(bundle.lab(&["ls", "--json"]).json().as_array().map(Vec::len), Some(2));
    let compared = bundle.lab(&["compare", "-2", "-1", "--svg", "both.svg"]);
    assert_eq!(compared.code, Some(0), "{compared:?}");
    for word in ["first <one>", "second", "exited with 0", "exited with 4"] {
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
    let is_reported = exits_are_reported(&bundle);
    let mut other = Command::new("sh").args(["-c", "sleep 0.4; exit 5"]).spawn().expect("sh is there");
    let pid = other.id().to_string();
    let (said, code) = record(&bundle, &["--attach", &pid]);
    assert_eq!(code, 0, "{said:?}");
    let seen = if is_reported { Outcome::Exited(5) } else { Outcome::Gone };
    assert_eq!(latest(&bundle).outcome(), seen, "{said:?}");
    assert_eq!(other.wait().expect("it is a child of this process").code(), Some(5));
    let (said, code) = record(&bundle, &["--attach", &pid]);
    assert_eq!(code, 125, "{said:?}");
    assert!(said.stderr.contains("there is no process"), "{said:?}");
}

/// `lab` itself, without a timeout(1) before it that signals would reach.
fn itself(bundle: &Bundle, args: &[&str]) -> Command {
    let plain = bundle.command(&[], &[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command.args(args).current_dir(bundle.path());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn a_recorder_that_is_killed_leaves_a_record_up_to_its_end() {
    let bundle = Bundle::new();
    let mut command = itself(&bundle, &["record", "-q", "--timeout", "60s", "--", "sleep", "600"]);
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
        (&["--curve", "rs", "--", "true"], "there are cgroup, "),
        (&[], "<COMMAND>"),
        (&["--attach", "1", "--memory", "1G"], "cannot be used with"),
    ] {
        let (said, code) = record(&bundle, args);
        assert_eq!(code, 125, "{said:?}");
        assert!(said.stderr.contains(word), "{said:?}");
    }
}

fn a_child_that_the_kernel_killed_is_said_although_all_seems_well() -> Option<String> {
    let bundle = Bundle::new();
    if let Some(why) = doctor(&bundle, "memory limit").strip_prefix("no: ") {
        return Some(format!("the kernel enforces no limit of memory: {why}"));
    }
    // The shell keeps to itself what becomes of tail, which holds a line that does not end.
    let script = "head -c 200M /dev/zero | tail > /dev/null; exit 0";
    let (said, code) = record(&bundle, &["--memory", "40M", "--", "sh", "-c", script]);
    assert_eq!(code, 0, "{said:?}");
    assert!(said.stderr.contains("exited with 0, but the kernel's OOM killer"), "{said:?}");
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

/// The names in a folder of a bundle.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn nothing_is_written_but_what_was_asked_for() {
    let bundle = Bundle::new();
    let before = names(bundle.path());
    let (said, code) = record(&bundle, &["-q", "-o", "r.jsonl", "--", "true"]);
    assert_eq!(code, 0, "{said:?}");
    let new: Vec<_> = names(bundle.path()).into_iter().filter(|name| !before.contains(name)).collect();
    assert!(new.iter().all(|name| ["home", "r.jsonl"].contains(&name.as_str())), "{new:?}");
    let (said, code) = record(&bundle, &["-q", "--", "true"]);
    assert_eq!(code, 0, "{said:?}");
    let stored = names(&bundle.path().join("target/lab/.commands"));
    assert!(stored.len() == 1 && stored[0].ends_with("-true.jsonl"), "{stored:?}");
}

/// The lines in which `lab` says that something went wrong.
fn complaints(said: &Said) -> Vec<&str> {
    said.stderr.lines().filter(|line| line.starts_with("lab: ")).collect()
}

fn without_a_store_the_command_runs_and_one_line_says_what_was_lost() {
    let bundle = Bundle::new();
    // A file is where the folders would be, which not even root can change.
    fs::write(bundle.path().join("target"), "").expect("room for a file");
    fs::write(bundle.path().join("home"), "").expect("room for a file");
    for bounds in [&[][..], &["--timeout", "60s"]] {
        let words =
            ["--json", "s.json", "--csv", "s.csv", "--", "sh", "-c", "echo it runs; sleep 0.05; exit 6"];
        let (said, code) = record(&bundle, &[bounds, &words].concat());
        assert_eq!((code, said.stdout.as_str()), (6, "it runs\n"), "{said:?}");
        let lines = complaints(&said);
        assert!(lines.len() == 1 && lines[0].contains("the record is lost"), "{said:?}");
        assert!(said.stderr.contains("exited with 6"), "{said:?}");
        let summary = fs::read_to_string(bundle.path().join("s.json")).expect("it was written");
        let summary: Value = serde_json::from_str(&summary).expect("JSON");
        assert_eq!((&summary["status"], &summary["record"]), (&json!(6), &Value::Null));
        let csv = fs::read_to_string(bundle.path().join("s.csv")).expect("it was written");
        assert!(csv.lines().count() > 3, "{csv}");
    }
    // The empty list of what runs have made has no other place here.
    let list = format!("{}/tmp/lab-sandboxes-{}", bundle.path().display(), nix::unistd::geteuid());
    assert!(names(Path::new(&list)).is_empty());
    assert!(processes_at_last(bundle.path()).is_empty());
}

fn a_store_that_is_deleted_while_it_runs_costs_only_the_record() {
    let bundle = Bundle::new();
    let (said, code) = record(&bundle, &["--", "sh", "-c", "rm -r target; echo it runs; exit 6"]);
    assert_eq!((code, said.stdout.as_str()), (6, "it runs\n"), "{said:?}");
    assert_eq!(complaints(&said).len(), 1, "{said:?}");
}

fn a_folder_that_is_gone_is_no_obstacle() {
    let bundle = Bundle::new();
    let file = bundle.path().join("r.jsonl");
    let name = file.to_str().expect("a path of plain letters");
    let before = ["sh", "-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"", "sh"];
    let said = said(bundle.command(&before, &["record", "-o", name, "--", "sh", "-c", "exit 3"]));
    assert_eq!((said.code, complaints(&said).len()), (Some(3), 0), "{said:?}");
    let record = Record::read(&file).expect("a whole record");
    let folder = record.header.command.expect("it is a command").folder;
    assert!(folder.ends_with("gone (deleted)"), "{folder}");
}

/// Every option that names a file to be written.
const REPORTS: [&str; 9] = [
    "--json",
    "--html",
    "--svg",
    "--csv",
    "--csv-long",
    "--summary",
    "--perfetto",
    "--prometheus",
    "--output",
];

fn a_file_that_can_not_be_written_is_said_before_the_command_starts_and_left_out() {
    let bundle = Bundle::new();
    for report in REPORTS {
        for bad in ["none/file", ".", "scenarios/toy/scenario.toml/file"] {
            let (said, code) =
                record(&bundle, &["-q", report, bad, "--", "sh", "-c", "echo it runs >&2; exit 7"]);
            assert_eq!((code, complaints(&said).len()), (7, 1), "{report} {bad}: {said:?}");
            let (complaint, ran) = (said.stderr.find("and the command runs"), said.stderr.find("it runs\n"));
            assert!(complaint.is_some() && complaint < ran, "{report} {bad}: {said:?}");
            // The record itself is in the store.
            let kept = latest(&bundle);
            assert_eq!(kept.outcome(), Outcome::Exited(7), "{report} {bad}");
        }
    }
    assert_eq!(said(bundle.command(&[], &["ls"])).stdout.matches("sh").count(), 3 * REPORTS.len());
}

fn ranks_that_share_a_name_have_a_record_each_and_are_quiet() {
    let bundle = Bundle::new();
    let ranks: Vec<_> = (0..3)
        .map(|rank: u64| {
            let args = [
                "record",
                "-o",
                "run-%j.jsonl",
                "--json",
                "s.json",
                "--",
                "sh",
                "-c",
                "echo it runs; exit 3",
            ];
            let mut lab = bundle.command(&[], &args);
            lab.env("PMI_RANK", rank.to_string()).env("PMI_SIZE", "3").env("PBS_JOBID", "41");
            std::thread::spawn(move || said(lab))
        })
        .collect();
    for (rank, lab) in (0..).zip(ranks) {
        let said = lab.join().expect("no panic");
        assert_eq!((said.code, said.stdout.as_str(), said.stderr.as_str()), (Some(3), "it runs\n", ""));
        let record =
            Record::read(&bundle.path().join(format!("run-41-{rank}.jsonl"))).expect("a whole record");
        let place = record.header.place.as_ref().expect("a command has a place");
        assert_eq!((place.rank, place.ranks, place.job.as_deref()), (Some(rank), Some(3), Some("41")));
        assert!(place.wall_ns > 0 && place.monotonic_ns > 0 && place.boot_id.is_some());
        assert_eq!(record.outcome(), Outcome::Exited(3));
        assert!(bundle.path().join(format!("s-{rank}.json")).is_file());
    }
    let job = bundle.lab(&["gather", ".", "--html", "job.html", "--svg", "job.svg"]);
    assert_eq!(job.code, Some(0), "{job:?}");
    for part in ["3 ranks", "rank 2", "all exited with 3", "there is no skew"] {
        let words = job.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(part), "{part}: {job:?}");
    }
    let page = fs::read_to_string(bundle.path().join("job.html")).expect("it was written");
    assert!(page.contains("run-41-1.jsonl") && page.contains("lab-heat"), "{page}");
    assert!(bundle.path().join("job.svg").is_file());
    let lacking = bundle.lab(&["gather", ".", "--align", "none"]);
    assert!(lacking.code == Some(3) && lacking.stderr.contains("rank 0 and 2 others"), "{lacking:?}");
    let (refused, code) = record(&bundle, &["-o", "run-%x.jsonl", "--", "touch", "started"]);
    assert_eq!((code, bundle.path().join("started").exists()), (125, false));
    assert!(refused.stderr.contains("j (job)"), "{refused:?}");
    bundle.leaves_nothing();
}

fn a_report_that_fails_at_the_end_leaves_the_exit_code_as_it_is() {
    let bundle = Bundle::new();
    for report in REPORTS {
        fs::create_dir(bundle.path().join("folder")).expect("room for a folder");
        let (said, code) =
            record(&bundle, &["-q", report, "folder/f", "--", "sh", "-c", "rm -r folder; exit 3"]);
        assert_eq!((code, complaints(&said).len()), (3, 1), "{report}: {said:?}");
    }
}

fn what_is_drawn_live_leaves_the_streams_whole() {
    let bundle = Bundle::new();
    let mut lab =
        bundle.command(&[], &["record", "--live", "-q", "--", "sh", "-c", "wc -l; seq 100000; exit 3"]);
    let mut lab = lab
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lab can be started");
    let typed = "a line\n".repeat(5000);
    let mut stdin = lab.stdin.take().expect("it is piped");
    let typing = std::thread::spawn(move || stdin.write_all(typed.as_bytes()));
    let output = lab.wait_with_output().expect("lab is a child of this process");
    typing.join().expect("no panic").expect("all is read");
    let numbers: String = (1..=100_000).map(|number| format!("{number}\n")).collect();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout) == format!("5000\n{numbers}"), "the output is another");
}

fn half_a_second_is_half_a_second() {
    let bundle = Bundle::new();
    let (said, code) = record(&bundle, &["--timeout", "500ms", "--", "sleep", "600"]);
    assert_eq!(code, 124, "{said:?}");
    let record = latest(&bundle);
    assert_eq!(record.header.limits.deadline_ms, Some(500));
    assert!((500_000..1_000_000).contains(&record.duration()), "{} us", record.duration());
    assert!(said.stderr.contains("deadline of 0.5 s"), "{said:?}");
}

fn names_with_control_characters_reach_no_terminal_and_no_page() {
    let bundle = Bundle::new();
    let odd = "\x1b]0;title\x07\u{9b}";
    let (said, code) = record(&bundle, &["-m", odd, "--html", "r.html", "--", "sh", "-c", "exit 0", odd]);
    assert_eq!(code, 0, "{said:?}");
    let is_raw = |text: &str| text.chars().any(|char| char.is_control() && char != '\n');
    let (not_started, _) = record(&bundle, &["-q", "--", odd]);
    let page = fs::read_to_string(bundle.path().join("r.html")).expect("it was written");
    let shown = ["ls", "show", "compare"].map(|verb| {
        let said = bundle.lab(&[verb, "-2"][..if verb == "ls" { 1 } else { 2 }]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.stdout
    });
    for text in shown.iter().chain([&said.stderr, &not_started.stderr, &page]) {
        assert!(!is_raw(text) && text.contains(']'), "{text:?}");
    }
}

fn commands_of_one_second_are_listed_in_their_order() {
    let bundle = Bundle::new();
    let words = ["7", "3", "9", "1", "8"];
    for word in words {
        record(&bundle, &["-q", "-m", word, "--", "true"]);
    }
    let listed = bundle.lab(&["ls", "--json"]).json();
    let listed: Vec<_> =
        listed.as_array().expect("a list").iter().map(|one| &one["command"]["message"]).collect();
    assert_eq!(listed, words);
    let started = latest(&bundle).header.started;
    assert_eq!(started.len(), "2026-01-01T00:00:00.000Z".len(), "{started}");
}

fn a_folder_of_scenarios_that_are_others_is_no_workbook() {
    let bundle = Bundle::new();
    let project = bundle.path().join("scenarios/project");
    fs::create_dir_all(project.join("scenarios/login")).expect("room for folders");
    let mut command = bundle.command(&[], &["record", "-q", "--", "true"]);
    assert!(command.current_dir(&project).status().expect("lab can be started").success());
    assert_eq!(names(&project), ["scenarios"], "nothing is written into the project");
    assert_eq!(
        lab::store::files(&bundle.path().join("target/lab/.commands")).map(|all| all.len()).ok(),
        Some(1)
    );
}

/// A command that says that it runs, and waits for a file.
const WAITS: &str = "touch started; while [ ! -e go ]; do sleep 0.02; done; exit 3";

fn wait_for(path: &Path) {
    while !path.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn cleaning_spares_what_is_being_recorded() {
    let bundle = Bundle::new();
    record(&bundle, &["-q", "-m", "finished", "--", "true"]);
    let mut lab = bundle.command(&[], &["record", "-q", "--", "sh", "-c", WAITS]);
    let mut lab = lab.spawn().expect("lab can be started");
    wait_for(&bundle.path().join("started"));
    let cleaned = bundle.lab(&["clean"]);
    fs::write(bundle.path().join("go"), "").expect("room for a file");
    assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(3));
    assert_eq!(cleaned.code, Some(0), "{cleaned:?}");
    assert!(cleaned.stdout.contains("in use, so it stays"), "{cleaned:?}");
    let left = lab::store::files(&bundle.path().join("target/lab/.commands")).expect("the records");
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(latest(&bundle).outcome(), Outcome::Exited(3));
    assert!(bundle.lab(&["clean"]).stdout.contains("removed all records"));
    assert!(names(&bundle.path().join("target/lab")).is_empty());
}

fn cleaning_spares_a_run_that_goes_on() {
    let bundle = Bundle::new();
    let mut lab = itself(&bundle, &["run", "toy", "hangs", "--size", "smoke", "--json"]);
    let mut lab = lab.stdout(Stdio::null()).spawn().expect("lab can be started");
    wait_for(&bundle.path().join("target/lab/toy/latest/hangs.jsonl.part"));
    let cleaned = bundle.lab(&["clean"]);
    let pid = nix::unistd::Pid::from_raw(lab.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).expect("it is ours");
    assert_eq!(lab.wait().expect("lab is a child of this process").code(), Some(130));
    assert!(cleaned.code == Some(0) && cleaned.stdout.contains("in use, so it stays"), "{cleaned:?}");
    let left = bundle.path().join("target/lab/toy/latest/hangs.jsonl");
    assert_eq!(Record::read(&left).expect("a whole record").outcome(), Outcome::Interrupted);
    assert_eq!(bundle.lab(&["clean"]).code, Some(0));
    assert!(!left.exists());
    bundle.leaves_nothing();
}

fn odd_files_among_the_records_are_said_and_skipped() {
    let bundle = Bundle::new();
    record(&bundle, &["-q", "--", "true"]);
    let folder = bundle.path().join("target/lab/.commands");
    let odd = |name: &str| folder.join(format!("99991231T235959Z-1-{name}.jsonl"));
    nix::unistd::mkfifo(&odd("fifo"), nix::sys::stat::Mode::S_IRWXU).expect("room for a pipe");
    let sparse = fs::File::create(odd("sparse")).expect("room for a file");
    sparse.set_len(20 << 30).expect("room for no blocks");
    let listed = bundle.lab(&["ls"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    for (stream, word) in [
        (&listed.stderr, "fifo.jsonl: it isn't a file"),
        (&listed.stderr, "sparse.jsonl, line 1"),
        (&listed.stdout, "unreadable: 9999"),
        (&listed.stdout, "true: exited with 0"),
    ] {
        assert!(stream.contains(word), "{word}: {listed:?}");
    }
    assert_eq!(bundle.lab(&["ls", "--json"]).json().as_array().map(Vec::len), Some(1));
    for back in ["-1", "-2"] {
        assert_eq!(bundle.lab(&["show", back]).code, Some(3));
    }
    assert_eq!(bundle.lab(&["show", "-3"]).code, Some(0));
    assert_eq!(bundle.lab(&["clean"]).code, Some(0));
    assert!(!folder.exists());
}

fn a_child_that_a_signal_ended_is_told() -> Option<String> {
    let bundle = Bundle::new();
    if !exits_are_reported(&bundle) {
        return Some("the kernel reports no ends of processes here".to_owned());
    }
    let script = "ulimit -c 0; sh -c 'kill -SEGV $$'; sleep 0.1; exit 0";
    let (said, code) = record(&bundle, &["--", "sh", "-c", script]);
    assert_eq!(code, 0, "{said:?}");
    let words = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let named = ["sh (", "a process ("].map(|name| format!("1 ended by a signal: {name}"));
    assert!(named.iter().any(|named| words.contains(named)) && words.contains("SIGSEGV"), "{said:?}");
    None
}

fn root_believes_no_workbook_of_another_user() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("only root can make the folder of another user".to_owned());
    }
    let bundle = Bundle::new();
    let below = bundle.path().join("above/below");
    let planted = bundle.path().join("above/scenarios/toy");
    for folder in [&below, &planted] {
        fs::create_dir_all(folder).expect("room for folders");
    }
    fs::copy(bundle.path().join("scenarios/toy/scenario.toml"), planted.join("scenario.toml"))
        .expect("a file");
    for path in [bundle.path().join("above"), bundle.path().join("above/scenarios")] {
        std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("root may");
    }
    let mut command = bundle.command(&[], &["record", "-q", "--", "true"]);
    assert!(command.current_dir(&below).status().expect("lab can be started").success());
    assert_eq!(names(&bundle.path().join("above")), ["below", "scenarios"]);
    None
}
