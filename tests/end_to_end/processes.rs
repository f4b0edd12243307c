//! The curves of single processes, shown by small programs of which the truth is known.
//!
//! The program is this one, called with the word that says what it is to do, and with a number.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

use lab::model::record::{ProcessTrack, Record};
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::said;
use crate::trials;

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        each_of_three_children_has_a_curve_of_its_size,
        the_curves_and_all_others_together_are_the_total_at_each_time,
        of_a_pool_that_replaces_its_workers_a_bounded_number_is_followed,
        more_at_once_than_there_are_places_are_summed,
        a_program_that_becomes_another_is_described_again,
        the_picture_is_drawn_in_each_form,
        what_the_peak_was_made_of_names_processes_and_says_from_when,
        a_record_without_processes_says_so,
    ]
}

/// The variable that makes this program one of those below: a word and a number.
pub(crate) const VARIABLE: &str = "LAB_TEST_PROCESSES";

const MIB: usize = 1 << 20;

/// How long a program goes on when it has everything: the recorder needs to look once, whatever else runs.
const WHILE: Duration = Duration::from_millis(1500);

/// The programs.
pub(crate) fn main(words: &str) -> ExitCode {
    let (word, number) = words.split_once(' ').expect("a word and a number");
    let number: usize = number.parse().expect("a number");
    match word {
        "three" => wait([20, 60, 40].map(|size| again("holds", size))),
        "holds" => {
            let block = std::hint::black_box(vec![1u8; number * MIB]);
            std::thread::sleep(WHILE);
            drop(block);
        }
        "passes" => {
            let block = std::hint::black_box(vec![1u8; number * MIB]);
            std::thread::sleep(Duration::from_millis(30));
            drop(block);
        }
        "pool" => (0..number / 4).for_each(|_| wait([3, 4, 5, 6].map(|size| again("passes", size)))),
        "many" => wait((0..number).map(|_| again("holds", 2)).collect::<Vec<_>>()),
        "becomes" => {
            std::thread::sleep(WHILE);
            let error = Command::new("sleep").arg("1.5").exec();
            unreachable!("{error}");
        }
        _ => unreachable!("{word} is none of the programs"),
    }
    ExitCode::SUCCESS
}

/// This program once more, as another of those above.
fn again(word: &str, number: usize) -> Child {
    let program = std::env::current_exe().expect("the path of this program");
    Command::new(program).env(VARIABLE, format!("{word} {number}")).spawn().expect("this program")
}

fn wait(children: impl IntoIterator<Item = Child>) {
    children.into_iter().for_each(|mut child| assert!(child.wait().expect("a child").success()));
}

/// The record of a program of those above.
fn recorded(bundle: &Bundle, program: &str) -> Record {
    let this = std::env::current_exe().expect("the path of this program");
    let this = this.to_str().expect("a path that is text");
    let mut command = bundle.command(&[], &["record", "-q", "-o", "r.jsonl", "--", this]);
    command.env(VARIABLE, program);
    let said = said(command);
    assert!(said.code == Some(0), "{said:?}");
    Record::read(&bundle.path().join("r.jsonl")).expect("a whole record")
}

/// The most anonymous memory that each process was seen to have, in whole MiB, the largest first.
fn peaks(record: &Record) -> Vec<u64> {
    let mut peaks: Vec<u64> =
        record.processes.each.values().map(|track| track.peak("anon").unwrap_or(0) >> 20).collect();
    peaks.sort_unstable_by_key(|peak| std::cmp::Reverse(*peak));
    peaks
}

fn each_of_three_children_has_a_curve_of_its_size() {
    let bundle = Bundle::new();
    let record = recorded(&bundle, "three 0");
    let peaks = peaks(&record);
    // The program itself takes some too.
    let close = |peak: u64, size: u64| (size..size + 6).contains(&peak);
    assert!(
        peaks.len() == 4 && close(peaks[0], 60) && close(peaks[1], 40) && close(peaks[2], 20),
        "{peaks:?}"
    );
    let mut tracks: Vec<&ProcessTrack> = record.processes.each.values().collect();
    tracks.sort_by_key(|track| track.process.as_ref().map(|process| process.t));
    let parent = tracks[0].process.as_ref().expect("its line");
    for track in &tracks[1..] {
        let process = track.process.as_ref().expect("its line");
        assert_eq!(process.parent, Some(parent.pid), "{process:?}");
        assert!(process.words[0].contains("end_to_end") && process.began.is_some(), "{process:?}");
        assert!(track.peak("rss") >= track.peak("anon") && track.peak("threads") == Some(1), "{process:?}");
        assert!(track.peak("cpu").is_some() && track.peak("rchar") > Some(0), "{process:?}");
        let states = track.series("state").expect("its states").v;
        assert!(states.contains(&u64::from(b'S')), "it sleeps: {states:?}");
        assert!(track.until(&record.ended).is_some_and(|until| until > process.t), "{process:?}");
    }
}

fn the_curves_and_all_others_together_are_the_total_at_each_time() {
    let bundle = Bundle::new();
    for program in ["three 0", "many 40"] {
        let record = recorded(&bundle, program);
        let tracks = || record.processes.each.values();
        let others = record.processes.others("anon").expect("the sum of all others");
        let times: BTreeSet<u64> = tracks()
            .filter_map(|track| track.series("anon"))
            .flat_map(|anon| anon.t)
            .chain(others.t)
            .copied()
            .collect();
        let total = record.series("anon").expect("the total");
        let mut equal = 0;
        for &t in &times {
            let followed: u64 = tracks().filter_map(|track| track.at("anon", t, &record.ended)).sum();
            let (sum, total) = (followed + others.at(t).unwrap_or(0), total.at(t).unwrap_or(0));
            assert!(sum <= total + MIB as u64, "{program} at {t}: {sum} of {total}");
            equal += usize::from(sum.abs_diff(total) < 1 << 16);
        }
        // One that is just ending has its memory a moment longer than its name.
        assert!(times.len() > 1 && equal * 10 >= times.len() * 7, "{program}: {equal} of {}", times.len());
    }
}

fn of_a_pool_that_replaces_its_workers_a_bounded_number_is_followed() {
    let bundle = Bundle::new();
    let record = recorded(&bundle, "pool 480");
    let (followed, peaks) = (record.processes.each.len(), peaks(&record));
    // More than were there at once, and never all: how many are seen depends on the machine.
    assert!((6..=420).contains(&followed), "{followed}");
    assert!((3..=9).contains(&peaks[0]), "{peaks:?}");
    // The program itself is one of them from its beginning to its end.
    let root = record.processes.each.values().filter(|track| {
        let process = track.process.as_ref().expect("its line");
        let lasts = track.until(&record.ended).unwrap_or(record.duration()) - process.t;
        lasts * 10 > record.duration() * 8
    });
    assert_eq!(root.count(), 1);
}

fn more_at_once_than_there_are_places_are_summed() {
    let bundle = Bundle::new();
    let record = recorded(&bundle, "many 60");
    let others = record.processes.others("processes").expect("how many others");
    let most = others.v.iter().copied().max().expect("a sample");
    assert!((30..=40).contains(&most), "{most}");
    let anon = record.processes.others("anon").and_then(|anon| anon.peak()).expect("a sample").1 >> 20;
    assert!((most * 2..most * 5).contains(&anon), "{anon} MiB in {most}");
}

fn a_program_that_becomes_another_is_described_again() {
    let bundle = Bundle::new();
    let record = recorded(&bundle, "becomes 0");
    let tracks: Vec<&ProcessTrack> = record.processes.each.values().collect();
    assert_eq!(tracks.len(), 1, "one process is one track, whatever it executes");
    let process = tracks[0].process.as_ref().expect("its line");
    assert_eq!(
        (process.name.as_str(), &process.words[..]),
        ("sleep", &["sleep".to_owned(), "1.5".to_owned()][..])
    );
    let text = fs::read_to_string(bundle.path().join("r.jsonl")).expect("the record");
    let names = text
        .lines()
        .filter(|line| line.starts_with("{\"process\""))
        .filter(|line| line.contains("end_to_end"));
    assert!(names.count() > 0, "what it was before is on the record too");
}

fn the_picture_is_drawn_in_each_form() {
    let bundle = Bundle::new();
    recorded(&bundle, "three 0");
    let args = ["show", "r.jsonl", "--processes", "--svg", "p.svg", "--html", "p.html"];
    let text = bundle.lab(&args).stdout;
    for words in ["Anonymous memory by process", "60.", "exited with 0", "end_to_end"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    for letter in ['a', 'b', 'c'] {
        let filled = letter.to_string().repeat(5);
        assert!(text.contains(&filled), "{filled} in {text}");
    }
    let read = |name: &str| fs::read_to_string(bundle.path().join(name)).expect("what was asked for");
    assert!(
        read("p.svg").matches("lab-band\"").count() >= 3 && read("p.html").contains("Processes one by one")
    );

    let spoken = bundle.lab(&["--plain", "show", "r.jsonl", "--processes"]).stdout;
    let spoken = spoken.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        spoken.contains("resident") && spoken.contains("of processor time") && !spoken.contains("aaaa"),
        "{spoken}"
    );

    let tracks = bundle.lab(&["show", "r.jsonl", "--processes", "--json"]).json()["process_tracks"].clone();
    let tracks = tracks.as_array().expect("a list");
    let anon = |track: &serde_json::Value| track["peaks"]["anon"].as_u64().unwrap_or(0) >> 20;
    assert!(tracks.iter().any(|track| (60..66).contains(&anon(track))), "{tracks:?}");
}

fn what_the_peak_was_made_of_names_processes_and_says_from_when() {
    let bundle = Bundle::new();
    recorded(&bundle, "three 0");
    let text = bundle.lab(&["show", "r.jsonl"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let (_, made_of) = text.split_once("Made of ").expect("a line of it");
    let (made_of, _) = made_of.split_once("Processes ").expect("the next line");
    let (_, by_process) = made_of.split_once("anonymous by process: ").expect("names");
    let (name, size) = by_process.split_once(") ").expect("the number of the first");
    let mib: f64 = size.split_once(" MiB").expect("its size").0.parse().expect("a number");
    assert!(name.starts_with("end_to_end") && (50.0..66.0).contains(&mib), "{made_of}");
    assert!(made_of.contains("(at "), "{made_of}");
}

fn a_record_without_processes_says_so() {
    let bundle = Bundle::new();
    recorded(&bundle, "holds 1");
    let file = bundle.path().join("r.jsonl");
    let text = fs::read_to_string(&file).expect("the record");
    let old: String =
        text.lines().filter(|line| !line.contains("process")).map(|line| format!("{line}\n")).collect();
    // The header names sources too, so that line stays.
    let header = text.lines().next().expect("a header");
    fs::write(&file, format!("{header}\n{old}")).expect("room");
    let said = bundle.lab(&["show", "r.jsonl", "--processes"]);
    assert!(said.code == Some(0) && said.stdout.contains("has no processes one by one"), "{said:?}");
    let said = bundle.lab(&["show", "r.jsonl", "--processes", "--svg", "p.svg"]);
    assert!(said.code != Some(0) && !bundle.path().join("p.svg").exists(), "{said:?}");
    let said = bundle.lab(&["show", "toy", "--processes"]);
    assert!(said.code != Some(0) && said.stderr.contains("one record"), "{said:?}");
}
