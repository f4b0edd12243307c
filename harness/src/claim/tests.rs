//! What is judged, and how.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::catalog::{Catalog, WORK};
use crate::outcome::{Evidence, Finding, Killer, Outcome};
use crate::record::{Block, Column, Cost, Header, Limits, Line, Mark, Progress, SCHEMA, Track, Trailer};

/// One MiB, in bytes.
const MIB: u64 = 1 << 20;

/// A scenario with a broken, a fixed and an exercise variant, and one claim.
fn scenario(measure: &str, bounds: &str) -> Scenario {
    ending("well", measure, bounds)
}

/// The same, whose broken variant ends in this way.
fn ending(ends: &str, measure: &str, bounds: &str) -> Scenario {
    let text = format!(
        r#"number = 1
title = "t"
lesson = "l"
minutes = {{ teach = 1, do = 1, debrief = 1 }}
marks = ["array made", "tasks begin", "tasks done"]
curve = "tmpfs"
[sizes.smoke]
array_mib = 4
repeats = 20
[limits]
tmpfs = {{ factor = 22, times = ["array_mib"] }}
memory = {{ factor = 24, times = ["array_mib"] }}
[[variant]]
name = "broken"
kind = "broken"
title = "t"
ends = "{ends}"
[[variant]]
name = "fixed"
kind = "fixed"
title = "t"
[[variant]]
name = "exercise"
kind = "exercise"
title = "t"
[[claim]]
id = "the_claim"
says = "It is so."
measure = {measure}
post = {{ broken = "160 files" }}
[claim.bounds]
{bounds}
"#
    );
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("scenarios/slice-dup");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("scenario.toml"), text).unwrap();
    Catalog::load(root.path()).unwrap().find("1").unwrap().clone()
}

/// A run of ten seconds that ended in this way, with marks at 1, 2 and 8 seconds and a checksum.
fn record(variant: &str, outcome: Outcome) -> Record {
    let mut record = Record::new(Header {
        schema: SCHEMA,
        lab: "0.1.0".into(),
        started: "2026-11-22T12:00:00Z".into(),
        scenario: "slice-dup".into(),
        variant: variant.into(),
        title: "t".into(),
        size: "smoke".into(),
        sizes: BTreeMap::from([("array_mib".into(), 4), ("repeats".into(), 20)]),
        limits: Limits { tmpfs: 88 * MIB, memory: 96 * MIB, seconds: 60 },
        confinement: Vec::new(),
        seed: 7,
        machine: BTreeMap::new(),
        metrics: BTreeMap::new(),
    });
    for (t, name) in [(1, "array made"), (2, "tasks begin"), (8, "tasks done")] {
        record.push(Line::Mark(Mark { t: t * 1_000_000, name: name.into() })).unwrap();
    }
    record.trailer = Some(Trailer {
        outcome,
        evidence: Vec::new(),
        facts: BTreeMap::from([("checksum".into(), 0xfeed)]),
        peaks: BTreeMap::new(),
        duration: 10_000_000,
        cost: Cost::default(),
        output: String::new(),
    });
    record
}

fn well(variant: &str) -> Record {
    record(variant, Outcome::Exited(0))
}

/// Adds a fact to a finished record.
fn with_fact(mut record: Record, name: &str, count: u64) -> Record {
    record.trailer.as_mut().unwrap().facts.insert(name.into(), count);
    record
}

/// Adds samples of the tmpfs, as seconds and MiB.
fn with_tmpfs(mut record: Record, samples: &[(f64, u64)]) -> Record {
    let t = samples.iter().map(|sample| (sample.0 * 1e6) as u64).collect();
    let column = Column(samples.iter().map(|sample| sample.1 * MIB).collect());
    record.tracks.insert("beat".into(), Track { t, columns: BTreeMap::from([("tmpfs".into(), column)]) });
    record
}

/// The verdict on one claim for one variant.
#[track_caller]
fn the(verdicts: &[Verdict], claim: &str, variant: &str) -> Verdict {
    let mut found = verdicts.iter().filter(|verdict| verdict.claim == claim && verdict.variant == variant);
    let verdict = found.next().unwrap_or_else(|| panic!("no verdict on {claim} for {variant}"));
    assert_eq!(found.next(), None, "two verdicts on {claim} for {variant}");
    verdict.clone()
}

#[track_caller]
fn judged(scenario: &Scenario, records: &[Record], variant: &str) -> Verdict {
    the(&judge(scenario, records), "the_claim", variant)
}

fn unknown(why: &str) -> Status {
    Status::Unknown(why.into())
}

fn killed(by: Killer) -> Outcome {
    Outcome::Killed { signal: 9, by }
}

fn failed(errno: i32) -> Outcome {
    Outcome::Failed { errno, at: "writing a slice".into() }
}

#[test]
fn a_count_is_held_against_its_arithmetic() {
    let scenario = scenario("{ fact = \"files\" }", "broken = { exactly = 1.0, times = [\"repeats\"] }");
    let verdict = judged(&scenario, &[with_fact(well("broken"), "files", 20)], "broken");
    assert_eq!(verdict.status, Status::Holds);
    assert_eq!((verdict.measured, verdict.bound), (Some(20.0), Some(20.0)));
    assert_eq!(
        (verdict.measured_text.as_str(), verdict.bound_text.as_str()),
        ("20", "exactly 20 = 1.00 x 20")
    );
    assert_eq!(verdict.post.as_deref(), Some("160 files"));
    let verdict = judged(&scenario, &[with_fact(well("broken"), "files", 19)], "broken");
    assert_eq!(verdict.status, Status::Fails);
}

#[test]
fn every_way_to_end_is_told_from_every_other() {
    let outcomes = [
        ("well", Outcome::Exited(0)),
        ("enospc", failed(28)),
        ("sigbus", Outcome::BusError),
        ("oom", killed(Killer::Oom)),
        ("hang", Outcome::TimedOut),
        ("failed", failed(5)),
        ("", Outcome::Exited(1)),
        ("", killed(Killer::Other)),
    ];
    for ends in ["well", "enospc", "sigbus", "oom", "hang", "failed"] {
        let scenario = ending(ends, "{ fact = \"files\" }", "broken = { exactly = 1 }");
        for (name, outcome) in &outcomes {
            let verdict = the(&judge(&scenario, &[record("broken", outcome.clone())]), ENDS, "broken");
            let expected = *name == ends || (ends, *name) == ("failed", "enospc");
            let status = if expected { Status::Holds } else { Status::Fails };
            assert_eq!(verdict.status, status, "{ends} and {outcome}");
        }
    }
}

#[test]
fn an_end_that_tells_nothing_of_the_program_is_unknown() {
    let scenario = ending("oom", "{ fact = \"files\" }", "fixed = { exactly = 1 }");
    for outcome in [
        killed(Killer::Guard),
        Outcome::Interrupted,
        Outcome::Unfinished,
        Outcome::CouldNotStart("no room".into()),
    ] {
        for variant in ["broken", "fixed"] {
            let verdict = the(&judge(&scenario, &[record(variant, outcome.clone())]), ENDS, variant);
            assert!(matches!(verdict.status, Status::Unknown(_)), "{variant} and {outcome}");
        }
    }
}

#[test]
fn an_unexpected_end_comes_with_its_time_and_its_evidence() {
    let mut record = record("fixed", failed(28));
    record.trailer.as_mut().unwrap().duration = 5_250_000;
    record.trailer.as_mut().unwrap().evidence = vec![
        Evidence { source: "exit status".into(), finding: Finding::Fired("1".into()) },
        Evidence { source: "memory.events oom_kill".into(), finding: Finding::DidNotFire },
    ];
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 1 }");
    let verdict = the(&judge(&scenario, &[record]), ENDS, "fixed");
    assert_eq!(verdict.measured_text, "ENOSPC: No space left on device");
    assert_eq!(verdict.bound_text, "ended well");
    assert_eq!(
        verdict.hint.unwrap(),
        "It ended at 5.25 s, in the phase 'tasks begin'. It said: writing a slice. exit status: 1."
    );
}

#[test]
fn work_is_compared_with_the_fixed_variant_of_the_same_seed() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 1 }");
    let status = |records: &[Record], variant| the(&judge(&scenario, records), WORK, variant).status;
    let other = |variant| with_fact(well(variant), "checksum", 1);
    let reseeded = |mut record: Record| {
        record.header.seed = 8;
        record
    };
    for records in [
        vec![other("broken"), well("exercise"), well("fixed")],
        vec![well("fixed"), other("broken"), well("exercise")],
    ] {
        assert_eq!(status(&records, "broken"), Status::Fails);
        assert_eq!(status(&records, "exercise"), Status::Holds);
        assert_eq!(status(&records, "fixed"), Status::Holds);
    }
    let without_fixed = [well("broken"), other("exercise")];
    assert_eq!(status(&without_fixed, "broken"), Status::Holds);
    assert_eq!(status(&without_fixed, "exercise"), Status::Fails);
    assert_eq!(status(&[well("fixed"), reseeded(other("broken"))], "broken"), Status::Holds);
}

#[test]
fn work_that_is_compared_with_nothing_says_so() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 1 }");
    let verdict = the(&judge(&scenario, &[well("fixed"), record("broken", failed(28))]), WORK, "fixed");
    assert_eq!((verdict.status, verdict.bound_text.as_str()), (Status::Holds, "a checksum"));
    assert!(verdict.hint.unwrap().starts_with("Nothing was compared"));
}

#[test]
fn an_empty_program_fails() {
    let scenario = scenario("{ fact = \"files\" }", "exercise = { at_most = 9 }");
    let mut empty = well("exercise");
    empty.trailer.as_mut().unwrap().facts.clear();
    let verdicts = judge(&scenario, &[well("fixed"), empty]);
    assert_eq!(the(&verdicts, WORK, "exercise").status, Status::Fails);
    assert_eq!(the(&verdicts, WORK, "fixed").status, Status::Holds);
    let verdict = the(&verdicts, "the_claim", "exercise");
    assert_eq!(verdict.status, Status::Fails);
    assert_eq!(verdict.hint.unwrap(), "The program never stated the fact 'files'.");
}

#[test]
fn a_run_that_did_not_end_as_expected_makes_no_claim_of_a_fix_hold() {
    for bound in ["at_least = 0", "at_most = 9", "exactly = 5", "about = 5, within = 0.1"] {
        let bounds = format!("fixed = {{ {bound} }}\nexercise = {{ {bound} }}");
        let scenario = scenario("{ fact = \"files\" }", &bounds);
        for variant in ["fixed", "exercise"] {
            let status = |outcome| {
                judged(&scenario, &[with_fact(record(variant, outcome), "files", 5)], variant).status
            };
            assert_eq!(status(Outcome::Exited(0)), Status::Holds);
            for outcome in
                [Outcome::Exited(1), failed(28), killed(Killer::Oom), Outcome::BusError, Outcome::TimedOut]
            {
                assert_eq!(status(outcome), Status::Fails);
            }
            assert_eq!(status(Outcome::Interrupted), unknown("the user stopped the run"));
            assert_eq!(
                status(killed(Killer::Guard)),
                unknown("lab's guard stopped the run to protect this machine")
            );
        }
    }
}

#[test]
fn a_broken_run_that_was_stopped_has_still_reached_what_it_reached() {
    let status = |bound: &str, peak| {
        let scenario =
            scenario("{ peak = \"tmpfs\" }", &format!("broken = {{ {bound}, times = [\"array_mib\"] }}"));
        let stopped = with_tmpfs(record("broken", killed(Killer::Guard)), &[(3.0, peak)]);
        judged(&scenario, &[stopped], "broken").status
    };
    let guard = unknown("lab's guard stopped the run to protect this machine");
    assert_eq!(status("at_least = 2", 8), Status::Holds);
    assert_eq!(status("at_least = 2", 7), guard);
    assert_eq!(status("at_most = 2", 7), guard);
}

#[test]
fn a_record_without_an_end_is_unknown() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 5 }");
    let mut cut = well("fixed");
    cut.trailer = None;
    let why = unknown("the record is cut short: its recorder was killed");
    assert_eq!(judged(&scenario, &[cut], "fixed").status, why);
}

#[test]
fn a_peak_over_its_bound_is_told_with_its_time_and_phase() {
    let scenario = scenario("{ peak = \"tmpfs\" }", "fixed = { at_most = 1.05, times = [\"array_mib\"] }");
    let samples = [(0.5, 0), (3.25, 12), (4.0, 12), (9.0, 4)];
    let mut record = with_tmpfs(well("fixed"), &samples);
    let verdict = judged(&scenario, &[record.clone()], "fixed");
    assert_eq!(verdict.status, Status::Fails);
    assert_eq!(verdict.measured_text, "12 MiB");
    assert_eq!(verdict.bound_text, "at most 4.20 MiB = 1.05 x 4 MiB");
    assert_eq!(
        verdict.hint.unwrap(),
        "The peak was at 3.25 s, in the phase 'tasks begin': look at what the program keeps there."
    );
    record.trailer.as_mut().unwrap().peaks.insert("tmpfs".into(), 13 * MIB);
    let verdict = judged(&scenario, &[record], "fixed");
    assert_eq!(verdict.measured, Some(13.0));
    assert!(verdict.hint.unwrap().starts_with("The peak was between two samples"));
}

#[test]
fn a_metric_that_was_not_to_be_had_is_unknown_and_says_which() {
    let scenario = scenario("{ peak = \"pss\" }", "fixed = { at_most = 1 }");
    let mut record = with_tmpfs(well("fixed"), &[(1.0, 1)]);
    let Status::Unknown(why) = judged(&scenario, &[record.clone()], "fixed").status else { panic!() };
    assert!(why.starts_with("the record has no pss (") && why.ends_with("could not read it"), "{why}");
    record.header.metrics.insert("pss".into(), "smaps_rollup".into());
    assert_eq!(judged(&scenario, &[record], "fixed").status, unknown("the record has no samples of pss"));
}

#[test]
fn the_value_at_a_mark_is_the_last_sample_before_it() {
    let scenario = scenario("{ at = \"tmpfs\", mark = \"tasks done\" }", "fixed = { exactly = 3 }");
    let record = with_tmpfs(well("fixed"), &[(7.0, 2), (7.99, 3), (8.01, 9)]);
    assert_eq!(judged(&scenario, &[record], "fixed").measured, Some(3.0));
    let late = with_tmpfs(well("fixed"), &[(9.0, 3)]);
    assert_eq!(
        judged(&scenario, &[late], "fixed").status,
        unknown("the record has too few samples of tmpfs before the mark")
    );
}

#[test]
fn a_change_is_counted_from_the_sample_of_its_first_mark() {
    let measure = "{ change = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let scenario = scenario(measure, "fixed = { at_most = 0.5 }");
    let record = with_tmpfs(well("fixed"), &[(0.5, 50), (1.99, 1), (4.0, 5), (7.99, 4), (8.01, 90)]);
    let verdict = judged(&scenario, &[record], "fixed");
    assert_eq!((verdict.status, verdict.measured), (Status::Fails, Some(4.0)));
    assert_eq!(
        verdict.hint.unwrap(),
        "Lowest at 1.99 s, in the phase 'array made'; highest at 4.00 s, in the phase 'tasks begin'."
    );
    let single = with_tmpfs(well("fixed"), &[(5.0, 1)]);
    assert!(matches!(judged(&scenario, &[single], "fixed").status, Status::Unknown(_)));
}

#[test]
fn a_line_over_the_tasks_done_is_told_from_a_step() {
    let measure = "{ line = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let scenario = scenario(measure, "broken = { at_least = 0.98 }");
    let run = |value: fn(u64) -> u64, tasks: u64| {
        // Every task takes longer than the one before, so that time alone would give no line.
        let when = |task: u64| 2.0 + (task * task) as f64 / 100.0;
        let samples: Vec<_> = (0..tasks).map(|task| (when(task), value(task))).collect();
        let mut record = with_tmpfs(well("broken"), &samples);
        for count in 1..tasks {
            let t = (when(count) * 1e6) as u64;
            record.push_before_the_end(Line::Done(Progress { t, count }));
        }
        judged(&scenario, &[record], "broken")
    };
    assert_eq!(run(|task| 10 * task, 20).status, Status::Holds);
    assert_eq!(run(|task| if task < 10 { 0 } else { 200 }, 20).status, Status::Fails);
    let flat = run(|_| 4, 20);
    assert_eq!((flat.status, flat.measured), (Status::Fails, None));
    assert_eq!(
        run(|task| 10 * task, 7).status,
        unknown("the record has too few samples of tmpfs for a line: 7 of 8 amounts of tasks done")
    );
}

impl Record {
    fn push_before_the_end(&mut self, line: Line) {
        let end = self.trailer.take();
        self.push(line).unwrap();
        self.trailer = end;
    }
}

#[test]
fn a_phase_that_never_came_fails_and_one_that_came_has_its_seconds() {
    let scenario = scenario("{ seconds = \"tasks begin\" }", "fixed = { at_most = 6 }");
    let mut record = well("fixed");
    let verdict = judged(&scenario, &[record.clone()], "fixed");
    assert_eq!((verdict.status, verdict.measured_text.as_str()), (Status::Holds, "6 s"));
    record.marks.remove(1);
    let verdict = judged(&scenario, &[record], "fixed");
    assert_eq!(verdict.status, Status::Fails);
    assert_eq!(verdict.hint.unwrap(), "The program never announced the phase 'tasks begin'.");
}

#[test]
fn a_variant_is_held_against_another_of_the_same_run() {
    let scenario = scenario("{ fact = \"bytes\" }", "exercise = { at_most = 2.04, of = \"fixed\" }");
    let run = |variant, bytes| with_fact(well(variant), "bytes", bytes);
    let verdict = judged(&scenario, &[run("exercise", 204), run("fixed", 100)], "exercise");
    assert_eq!(verdict.status, Status::Holds);
    assert_eq!(verdict.bound_text, "at most 2.04x of fixed (100)");
    let status = |records: &[Record]| judged(&scenario, records, "exercise").status;
    assert_eq!(status(&[run("exercise", 205), run("fixed", 100)]), Status::Fails);
    assert_eq!(
        status(&[run("exercise", 1), run("fixed", 0)]),
        unknown("fixed measured 0, and there are no multiples of that")
    );
    assert_eq!(status(&[run("exercise", 1)]), unknown("fixed was not run with the same sizes and seed"));
    let mut reseeded = run("fixed", 100);
    reseeded.header.seed = 8;
    assert_eq!(
        status(&[run("exercise", 1), reseeded]),
        unknown("fixed was not run with the same sizes and seed")
    );
    let killed = with_fact(record("fixed", killed(Killer::Oom)), "bytes", 100);
    assert_eq!(
        status(&[run("exercise", 1), killed]),
        unknown("fixed did not end as expected, so nothing can be held against it")
    );
}

#[test]
fn a_record_of_another_version_of_the_scenario_is_unknown() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 1.0, times = [\"repeats\"] }");
    let gone = judge(&scenario, &[well("fixed_whole")]);
    assert!(matches!(overall(&gone), Status::Unknown(why) if why.contains("broken, fixed, exercise")));
    let mut other = well("fixed");
    other.header.scenario = "rc-cycle".into();
    assert_eq!(overall(&judge(&scenario, &[other])), unknown("it is no record of slice-dup"));
    let mut older = with_fact(well("fixed"), "files", 20);
    older.header.sizes.remove("repeats");
    assert_eq!(
        judged(&scenario, &[older], "fixed").status,
        unknown("the record has no size 'repeats': it is of another version")
    );
}

#[test]
fn the_worst_verdict_is_the_exit_code() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 5 }");
    let code = |records: &[Record]| overall(&judge(&scenario, records)).exit_code();
    let good = with_fact(well("fixed"), "files", 5);
    assert_eq!(code(&[]), 2);
    assert_eq!(code(&[good.clone()]), 0);
    assert_eq!(code(&[good.clone(), well("stranger")]), 2);
    assert_eq!(code(&[good, well("stranger"), record("exercise", Outcome::Exited(1))]), 1);
}

fn outcomes() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![
        Just(None),
        Just(Some(Outcome::Exited(0))),
        Just(Some(failed(28))),
        Just(Some(killed(Killer::Guard))),
        Just(Some(Outcome::TimedOut)),
    ]
}

proptest! {
    #[test]
    fn a_bound_holds_exactly_when_the_arithmetic_says_so(
        files in 0u64..200,
        factor in 0u32..400,
        within in 0u32..100,
    ) {
        let (factor, within) = (f64::from(factor) / 32.0, f64::from(within) / 64.0);
        let (value, number) = (files as f64, factor * 20.0);
        for (bound, holds) in [
            (format!("at_least = {factor}"), value >= number),
            (format!("at_most = {factor}"), value <= number),
            (format!("exactly = {factor}"), value == number),
            (format!("about = {factor}, within = {within}"), (value - number).abs() <= within * number),
        ] {
            let bounds = format!("fixed = {{ {bound}, times = [\"repeats\"] }}");
            let verdict = judged(
                &scenario("{ fact = \"files\" }", &bounds),
                &[with_fact(well("fixed"), "files", files)],
                "fixed",
            );
            prop_assert_eq!(verdict.status == Status::Holds, holds, "{} and {}", value, bounds);
        }
    }

    #[test]
    fn no_record_makes_the_judge_panic_or_hold_what_was_not_seen(
        samples in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..30),
        marks in proptest::collection::vec((any::<u64>(), 0usize..4), 0..8),
        progress in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..30),
        duration in any::<u64>(),
        outcome in outcomes(),
    ) {
        let names = ["array made", "tasks begin", "tasks done", "other"];
        let mut record = well("fixed");
        record.marks = marks.into_iter().map(|(t, name)| Mark { t, name: names[name].into() }).collect();
        record.progress = progress.into_iter().map(|(t, count)| Progress { t, count }).collect();
        record.push_before_the_end(Line::Samples(Block {
            track: "beat".into(),
            samples: Track {
                t: samples.iter().map(|sample| sample.0).collect(),
                columns: BTreeMap::from([(
                    "tmpfs".into(),
                    Column(samples.iter().map(|sample| sample.1).collect()),
                )]),
            },
        }));
        match &outcome {
            Some(outcome) => {
                let trailer = record.trailer.as_mut().unwrap();
                trailer.outcome = outcome.clone();
                trailer.duration = duration;
            }
            None => record.trailer = None,
        }
        let between = "from = \"array made\", to = \"tasks done\"";
        for measure in [
            "{ fact = \"files\" }".to_owned(),
            "{ peak = \"tmpfs\" }".to_owned(),
            "{ at = \"tmpfs\", mark = \"tasks begin\" }".to_owned(),
            format!("{{ change = \"tmpfs\", {between} }}"),
            format!("{{ line = \"tmpfs\", {between} }}"),
            "{ seconds = \"tasks begin\" }".to_owned(),
        ] {
            let verdict = judged(&scenario(&measure, "fixed = { at_least = 0 }"), std::slice::from_ref(&record), "fixed");
            if verdict.status == Status::Holds {
                prop_assert!(verdict.measured.is_some() && outcome == Some(Outcome::Exited(0)));
            }
        }
    }
}
