//! The order of events, standstills, and the interval that grows while nothing moves.

use lab::model::outcome::Outcome;
use lab::model::record::{Record, Status, What};
use lab::recorder::exits::Exits;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![
        what_was_killed_before_nothing_moved_any_more_stands_before_it,
        the_interval_grows_while_nothing_moves_and_is_fixed_if_it_was_given,
        a_spike_after_a_long_time_without_movement_is_seen_in_its_height,
        who_stands_still_is_left_alone_for_the_time_that_was_given,
    ];
    trials.extend(trials_where_possible![children_shorter_than_a_sample_are_counted_at_once]);
    trials
}

/// The record of `lab record` with these options, of a script for sh.
fn recorded(bundle: &Bundle, options: &[&str], script: &str) -> Record {
    let file = bundle.path().join("record.jsonl");
    let file = file.to_str().expect("a plain path");
    let said =
        bundle.lab(&[&["record", "--quiet", "-o", file][..], options, &["--", "sh", "-c", script]].concat());
    let record = Record::read(file.as_ref()).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(record.outcome(), Outcome::Exited(0), "{said:?}");
    record
}

fn what_was_killed_before_nothing_moved_any_more_stands_before_it() {
    let bundle = Bundle::new();
    let record = recorded(&bundle, &[], "sleep 60 & sleep 1; kill -9 $!; wait; sleep 8");
    let place = |what: &dyn Fn(&What) -> bool| record.events.iter().find(|event| what(&event.what));
    let still = place(&|what| matches!(what, What::Standstill { .. })).expect("a standstill");
    let What::Standstill { since, waits, .. } = &still.what else { unreachable!("it was looked for") };
    assert!(*since >= 5_000_000 && !waits.is_empty(), "{still:?}");
    let killed =
        record.ended.iter().find(|ended| ended.status == Some(Status::Killed(9))).map(|ended| ended.t);
    // Where the kernel doesn't report them, processes are seen to be gone.
    let gone = || place(&|what| *what == What::Gone).map(|event| event.t);
    let killed = killed.or_else(gone).expect("the end of the killed one");
    assert!(killed < still.t - since + 1_500_000, "killed at {killed}, and then {still:?}");

    let file = bundle.path().join("record.jsonl");
    let listed = bundle.lab(&["show", "--events", file.to_str().expect("a plain path")]).stdout;
    let line = |word: &str| listed.lines().position(|line| line.contains(word));
    assert!(line("started") < line("all threads sleep"), "{listed}");
}

fn the_interval_grows_while_nothing_moves_and_is_fixed_if_it_was_given() {
    let bundle = Bundle::new();
    let cost = |options: &[&str]| recorded(&bundle, options, "sleep 6").trailer.expect("an end").cost;
    let (free, fixed) = (cost(&[]), cost(&["--interval", "10ms"]));
    assert!(free.spared > free.kept, "{free:?}");
    assert_eq!(fixed.spared, 0);
    assert!(fixed.kept + fixed.missed > 2 * free.kept, "{free:?}, {fixed:?}");
}

fn a_spike_after_a_long_time_without_movement_is_seen_in_its_height() {
    let record = recorded(&Bundle::new(), &[], "sleep 4; dd if=/dev/zero of=/dev/null bs=64M count=1");
    assert!(record.trailer.as_ref().is_some_and(|trailer| trailer.cost.spared > 0), "nothing was left out");
    let metric = if record.series("cgroup").is_some() { "cgroup" } else { "rss" };
    let peak = record.peak(metric).expect("it was measured");
    assert!((64 << 20..80 << 20).contains(&peak), "{metric}: {peak}");
}

fn who_stands_still_is_left_alone_for_the_time_that_was_given() {
    let bundle = Bundle::new();
    recorded(&bundle, &["--no-progress", "3s"], "sleep 2");
    let file = bundle.path().join("stands.jsonl");
    let name = file.to_str().expect("a plain path");
    let said = bundle.lab(&["record", "-q", "-o", name, "--no-progress", "2s", "--", "sleep", "60"]);
    let stands = Record::read(&file).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(stands.outcome(), Outcome::TimedOut, "{said:?}");
    assert!((2_000_000..30_000_000).contains(&stands.duration()), "{} us", stands.duration());
}

fn children_shorter_than_a_sample_are_counted_at_once() -> Option<String> {
    if let Err(why) = Exits::open() {
        return Some(why);
    }
    let script = "sleep 0.3 & sleep 0.3 & sleep 0.3 & wait";
    let record = recorded(&Bundle::new(), &["--interval", "10s"], script);
    let totals = record.trailer.and_then(|trailer| trailer.processes).and_then(|processes| processes.totals);
    assert_eq!(totals.map(|totals| totals.at_once), Some(4));
    None
}
