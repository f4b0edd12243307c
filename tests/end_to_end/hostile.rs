//! `lab record` with commands that do what programs should not do: each comes to an end that is named, and
//! nothing of it is left.

use std::path::Path;
use std::thread;

use lab::model::outcome::{Finding, Killer, Outcome};
use lab::model::record::Record;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::Said;
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        a_command_that_ignores_every_signal_ends_with_its_time,
        a_command_that_is_stopped_is_seen_to_stand_still,
        a_command_that_leaves_its_session_leaves_nothing,
        a_command_that_closes_all_descriptors_is_followed_to_its_end,
        a_command_that_deletes_its_folder_is_recorded_all_the_same,
        a_command_that_forks_without_end_is_refused_more_and_that_is_said,
        a_sandbox_that_no_control_group_limits_has_a_last_limit_of_processes,
        a_command_that_floods_its_output_while_it_is_drawn_loses_nothing,
        facts_without_end_are_counted_and_not_kept,
        ten_recorders_at_once_do_not_disturb_one_another,
    ];
    trials.extend(trials_where_possible![
        five_hundred_short_lived_children_are_counted_with_their_peaks,
        memory_that_nobody_maps_is_named_with_its_holders,
    ]);
    trials
}

/// What `lab record` says to a script, and its record. After it, nothing may be left.
#[track_caller]
fn recorded(options: &[&str], script: &str) -> (Said, Record) {
    let bundle = Bundle::new();
    let (said, record) = recorded_in(&bundle, options, script);
    bundle.leaves_nothing();
    (said, record)
}

#[track_caller]
fn recorded_in(bundle: &Bundle, options: &[&str], script: &str) -> (Said, Record) {
    let file = bundle.path().join("command.jsonl");
    let path = file.display().to_string();
    let args = [&["record", "--quiet", "--output", &path][..], options, &["--", "sh", "-c", script]].concat();
    let said = bundle.lab(&args);
    let record = Record::read(&file).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said, record)
}

/// What a source of evidence said.
#[track_caller]
fn finding(record: &Record, source: &str) -> Finding {
    let evidence = &record.trailer.as_ref().expect("the run has ended").evidence;
    let found = evidence.iter().find(|seen| seen.source == source);
    found.unwrap_or_else(|| panic!("{source} was not looked at: {evidence:?}")).finding.clone()
}

/// More than any of these needs, so that only a hang reaches it.
const TIME: &[&str] = &["--timeout", "60s"];

fn a_command_that_ignores_every_signal_ends_with_its_time() {
    let deaf = "trap '' HUP INT QUIT TERM USR1 USR2; while :; do sleep 600; done";
    let (said, record) = recorded(&["--timeout", "1s"], deaf);
    assert_eq!((record.outcome(), said.code), (Outcome::TimedOut, Some(124)), "{said:?}");
}

fn a_command_that_is_stopped_is_seen_to_stand_still() {
    let (said, record) = recorded(&["--still", "300ms", "--timeout", "60s"], "kill -STOP $$");
    assert_eq!((record.outcome(), said.code), (Outcome::TimedOut, Some(124)), "{said:?}");
    let evidence = record.trailer.expect("the run has ended").evidence;
    // Where it stands is known where the machine shows it.
    let threads = evidence.iter().filter(|seen| seen.source.starts_with("thread ")).collect::<Vec<_>>();
    let is_known = |finding: &Finding| match finding {
        Finding::Fired(waits) => waits.contains("signal_stop"),
        Finding::DidNotFire | Finding::CouldNotLook(_) => true,
    };
    assert!(!threads.is_empty() && threads.iter().all(|seen| is_known(&seen.finding)), "{threads:?}");
}

fn a_command_that_leaves_its_session_leaves_nothing() {
    let script = "setsid sleep 600 & setsid --fork setsid sh -c 'sleep 600 & sleep 600'; exit 3";
    let (said, record) = recorded(TIME, script);
    assert_eq!((record.outcome(), said.code), (Outcome::Exited(3), Some(3)), "{said:?}");
}

fn a_command_that_closes_all_descriptors_is_followed_to_its_end() {
    // The channel to lab may be among them.
    let script = "for fd in 0 1 2 3 4 5 6 7 8 9; do eval \"exec $fd>&-\"; done; sleep 0.2; exit 7";
    let (said, record) = recorded(TIME, script);
    assert_eq!((record.outcome(), said.code), (Outcome::Exited(7), Some(7)), "{said:?}");
    assert!(record.duration() > 200_000, "{said:?}");
}

fn a_command_that_deletes_its_folder_is_recorded_all_the_same() {
    let script = "mkdir gone; cd gone; rm -rf ../gone /dev/shm/*; sleep 0.1; exit 5";
    let (said, record) = recorded(&["--shm", "4M", "--timeout", "60s"], script);
    let expected = match record.outcome() {
        // Without namespaces there is no /dev/shm of its own to be had.
        Outcome::CouldNotStart(_) => return,
        outcome => outcome,
    };
    assert_eq!((expected, said.code), (Outcome::Exited(5), Some(5)), "{said:?}");
}

fn a_command_that_forks_without_end_is_refused_more_and_that_is_said() {
    let (said, record) = recorded(&["--processes", "50"], "while :; do sleep 600 & done");
    if record.header.confinement.join(" ").contains("the pids controller") {
        // The shell gives up when it can't fork.
        assert_eq!(record.outcome(), Outcome::Exited(2), "{said:?}");
        assert!(matches!(finding(&record, "pids.events max"), Finding::Fired(_)), "{said:?}");
        assert!(record.peak("processes").is_some_and(|most| most <= 50), "{said:?}");
    } else {
        let by_guard = Outcome::Killed { signal: 9, by: Killer::Watchdog };
        assert!([by_guard, Outcome::Exited(2)].contains(&record.outcome()), "{said:?}");
    }
}

fn a_sandbox_that_no_control_group_limits_has_a_last_limit_of_processes() {
    let (said, record) = recorded(&["--memory", "64M"], "grep processes /proc/self/limits");
    assert_eq!(said.code, Some(0), "{said:?}");
    let confinement = record.header.confinement.join(" ");
    let most: Option<u64> = said.stdout.split_whitespace().nth(2).and_then(|most| most.parse().ok());
    match record.header.limits.processes {
        Some(limit) => {
            assert!(limit <= 4096, "{said:?}");
            let bound = ["RLIMIT_NPROC", "watchdog alone"].map(|bound| confinement.contains(bound));
            assert!(bound.contains(&true), "{confinement}");
            // Beyond the limit there is room for what all users have, and nothing more.
            assert!(!bound[0] || most.is_some_and(|most| (limit..limit + 4096).contains(&most)), "{said:?}");
        }
        None => assert!(!confinement.contains("at most"), "{confinement}"),
    }
}

fn a_command_that_floods_its_output_while_it_is_drawn_loses_nothing() {
    let flood = "yes 'a line that nobody asked for' | head -c 50000000; echo the last words";
    let (said, record) = recorded(&["--live", "--timeout", "60s"], flood);
    assert_eq!(record.outcome(), Outcome::Exited(0), "{}", said.stderr);
    assert_eq!(said.stdout.len(), 50_000_000 + "the last words\n".len());
    assert!(said.stdout.ends_with("the last words\n"));
}

fn facts_without_end_are_counted_and_not_kept() {
    let script = "seq -f 'fact number_%.0f 1' 10500 | cat >&$LAB_CHANNEL; sleep 0.1";
    let (said, record) = recorded(TIME, script);
    assert_eq!(record.outcome(), Outcome::Exited(0), "{said:?}");
    let trailer = record.trailer.expect("the run has ended");
    assert_eq!((trailer.facts.len(), trailer.dropped), (10_000, 500), "{said:?}");
}

fn ten_recorders_at_once_do_not_disturb_one_another() {
    let bundle = Bundle::new();
    let bundle = &bundle;
    let codes: Vec<_> = thread::scope(|scope| {
        let record = |code: i32| {
            let script =
                format!("head -c {code}000000 /dev/zero | tail -c 1 > /dev/null; sleep 0.3; exit {code}");
            move || bundle.lab(&["record", "--quiet", "--memory", "64M", "--", "sh", "-c", &script]).code
        };
        let all: Vec<_> = (1..=10).map(|code| scope.spawn(record(code))).collect();
        all.into_iter().map(|one| one.join().expect("no recorder panics")).collect()
    });
    assert_eq!(codes, (1..=10).map(Some).collect::<Vec<_>>());
    bundle.leaves_nothing();
    let listed = bundle.lab(&["ls", "--json"]);
    let mut recorded: Vec<i64> = listed.json().as_array().expect("a list").iter().map(code).collect();
    recorded.sort_unstable();
    assert_eq!(recorded, (1..=10).collect::<Vec<_>>(), "{listed:?}");
}

/// The exit code in a line of `lab ls --json`.
fn code(listed: &serde_json::Value) -> i64 {
    listed["outcome"]["exited"].as_i64().unwrap_or_else(|| panic!("it has not exited: {listed}"))
}

/// How many children there are, and how far a peak may be from what the child itself has read, in KiB.
const CHILDREN: usize = 500;
const NEAR: u64 = 1024;

fn five_hundred_short_lived_children_are_counted_with_their_peaks() -> Option<String> {
    let bundle = Bundle::new();
    let record = of_toy(&bundle, "children");
    let trailer = record.trailer.as_ref().expect("the run has ended");
    let processes = trailer.processes.as_ref().expect("they were looked for");
    let Some(totals) = processes.totals else { return processes.lack.clone() };
    // The program itself is one more.
    assert_eq!((totals.forks, totals.exits, totals.overruns), (CHILDREN as u64 + 1, CHILDREN as u64 + 1, 0));
    if processes.lack.is_some() {
        return processes.lack.clone();
    }
    // Each child has printed the peak that it read of itself.
    let mut own: Vec<u64> = trailer.output.lines().filter_map(|line| line.parse().ok()).collect();
    let program = record.ended.last().expect("the program has ended").pid;
    let children = record.ended.iter().filter(|ended| ended.parent == Some(program));
    let mut seen: Vec<u64> = children.map(|child| child.peak_rss.expect("a peak") >> 10).collect();
    own.sort_unstable();
    seen.sort_unstable();
    assert_eq!((own.len(), seen.len()), (CHILDREN, CHILDREN));
    let far = own.iter().zip(&seen).map(|(own, seen)| own.abs_diff(*seen)).max();
    assert!(far.is_some_and(|far| far <= NEAR), "the farthest peak is {far:?} KiB away");
    None
}

fn memory_that_nobody_maps_is_named_with_its_holders() -> Option<String> {
    let bundle = Bundle::new();
    let record = of_toy(&bundle, "holds");
    let trailer = record.trailer.as_ref().expect("the run has ended");
    let held = trailer.open_memory_files.first().expect("something is held");
    assert_eq!(
        (held.name.as_str(), held.bytes),
        ("/memfd:blob (deleted)", 20 << 20),
        "{:?}",
        trailer.open_memory_files
    );
    assert_eq!(held.holders.len(), 2, "{held:?}");
    // The other is in the run's own shared memory, and has been deleted.
    assert!(
        trailer
            .open_memory_files
            .iter()
            .any(|file| file.bytes == 1 << 20 && file.name.ends_with("(deleted)"))
    );
    let Some(unattributed) = record.series("unattributed") else {
        return Some("there is no control group that counts memory which nobody maps".into());
    };
    let (begin, _) = record.phase("end").expect("it was announced");
    let left = unattributed.at(begin).expect("a mark is sampled");
    assert!(left < 4 << 20, "{left} bytes belong to nobody");
    None
}

/// The record of one variant of the toy.
#[track_caller]
fn of_toy(bundle: &Bundle, variant: &str) -> Record {
    let said = bundle.lab(&["run", "toy", variant, "--size", "smoke", "--json"]);
    bundle.leaves_nothing();
    let json = said.json();
    let folder = Path::new(json["folder"].as_str().expect("the folder of the records"));
    Record::read(&folder.join(format!("{variant}.jsonl"))).expect("a record")
}
