//! Made-up records to judge, and the rules for all claims.

mod ends;
mod measures;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::outcome::{Evidence, Finding, Killer, Outcome};
use crate::model::record::tests::example::{header, trailer};
use crate::model::record::{Block, Event, Line, Mark, Progress, What};
use crate::model::series::{Column, Track};
use crate::model::verdict::{WORK, overall};
use crate::scenario::Catalog;

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
    let mut record = Record::new(header(variant));
    for (t, name) in [(1, "array made"), (2, "tasks begin"), (8, "tasks done")] {
        record.push(Line::Mark(Mark { t: t * 1_000_000, name: name.into() })).unwrap();
    }
    record.trailer = Some(trailer(outcome));
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
    let column =
        Column { values: samples.iter().map(|sample| sample.1 * MIB).collect(), ..Column::default() };
    record.tracks.insert("sample".into(), Track { t, columns: BTreeMap::from([("tmpfs".into(), column)]) });
    record
}

/// Adds a line to a finished record.
fn push_before_the_end(record: &mut Record, line: Line) {
    let end = record.trailer.take();
    record.push(line).unwrap();
    record.trailer = end;
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
    assert_eq!((verdict.measured_text.as_str(), verdict.bound_text.as_str()), ("20", "exactly 20 repeats"));
    assert_eq!(verdict.post.as_deref(), Some("160 files"));
    let verdict = judged(&scenario, &[with_fact(well("broken"), "files", 19)], "broken");
    assert_eq!(verdict.status, Status::Fails);
}

#[test]
fn a_bound_that_depends_on_a_fact_is_for_the_runs_that_state_it_so() {
    let bounds = |when: &str| format!("broken = {{ exactly = 5, {when} = \"counted\" }}");
    let statuses = |when: &str, records: &[Record]| -> Vec<Status> {
        let verdicts = judge(&scenario("{ fact = \"files\" }", &bounds(when)), records);
        let of_it = verdicts.into_iter().filter(|verdict| verdict.claim == "the_claim");
        of_it.map(|verdict| verdict.status).collect()
    };
    let run = |files| with_fact(well("broken"), "files", files);
    for (when, none, some) in
        [("if_any", vec![], vec![Status::Fails]), ("if_none", vec![Status::Fails], vec![])]
    {
        assert_eq!(statuses(when, &[with_fact(run(4), "counted", 0)]), none);
        assert_eq!(statuses(when, &[with_fact(run(4), "counted", 7)]), some);
        // What isn't stated excuses nothing.
        assert_eq!(statuses(when, &[run(4)]), [Status::Fails]);
        assert_eq!(statuses(when, &[run(5)]), [Status::Holds]);
    }
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
    assert_eq!(status(&[run("exercise", 1)]), unknown("fixed wasn't run with the same sizes and seed"));
    let mut reseeded = run("fixed", 100);
    reseeded.header.seed = 8;
    assert_eq!(
        status(&[run("exercise", 1), reseeded]),
        unknown("fixed wasn't run with the same sizes and seed")
    );
    let killed = with_fact(record("fixed", killed(Killer::Oom)), "bytes", 100);
    assert_eq!(
        status(&[run("exercise", 1), killed]),
        unknown("fixed didn't end as expected, so nothing can be compared with it")
    );
}

#[test]
fn a_record_of_another_version_of_the_scenario_is_unknown() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 1.0, times = [\"repeats\"] }");
    let gone = judge(&scenario, &[well("fixed_whole")]);
    assert!(matches!(overall(&gone), Status::Unknown(why) if why.contains("broken, fixed, exercise")));
    let mut other = well("fixed");
    other.header.scenario = "rc-cycle".into();
    assert_eq!(overall(&judge(&scenario, &[other])), unknown("it isn't a record of slice-dup"));
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
    assert_eq!(code(std::slice::from_ref(&good)), 0);
    assert_eq!(code(&[good.clone(), well("unknown")]), 2);
    assert_eq!(code(&[good, well("unknown"), record("exercise", Outcome::Exited(1))]), 1);
}

/// Times that are likely to fall between each other, and any others.
fn times() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0u64..40, 1 => any::<u64>()]
}

fn outcomes() -> impl Strategy<Value = Option<Outcome>> {
    prop_oneof![
        Just(None),
        Just(Some(Outcome::Exited(0))),
        Just(Some(failed(28))),
        Just(Some(killed(Killer::Watchdog))),
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
        samples in proptest::collection::vec((times(), any::<u64>()), 0..30),
        marks in proptest::collection::vec((times(), 0usize..4), 0..8),
        progress in proptest::collection::vec((times(), any::<u64>()), 0..30),
        duration in times(),
        outcome in outcomes(),
    ) {
        let names = ["array made", "tasks begin", "tasks done", "other"];
        let mut record = well("fixed");
        record.marks = marks.into_iter().map(|(t, name)| Mark { t, name: names[name].into() }).collect();
        record.progress = progress.into_iter().map(|(t, count)| Progress { t, count }).collect();
        push_before_the_end(&mut record, Line::Samples(Block {
            track: "sample".into(),
            samples: Track {
                t: samples.iter().map(|sample| sample.0).collect(),
                columns: BTreeMap::from([(
                    "tmpfs".into(),
                    Column { values: samples.iter().map(|sample| sample.1).collect(), ..Column::default() },
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
            format!("{{ rise = \"tmpfs\", {between} }}"),
            format!("{{ line = \"tmpfs\", {between} }}"),
        ] {
            let verdict = judged(&scenario(&measure, "fixed = { at_least = 0 }"), std::slice::from_ref(&record), "fixed");
            if verdict.status == Status::Holds {
                prop_assert!(verdict.measured.is_some() && outcome == Some(Outcome::Exited(0)));
            }
        }
    }
}

#[test]
fn what_fails_for_want_of_huge_pages_is_unknown_and_what_holds_still_holds() {
    // A metric by another name would be refused.
    scenario("{ peak = \"host_huge_pages_denied\" }", "broken = { at_least = 8.0 }");
    let plain = scenario("{ fact = \"files\" }", "broken = { at_least = 8.0 }");
    let needing = Scenario { needs: vec![Need::HugePages], ..plain.clone() };
    let denied = |count: u64, files: u64| {
        let values = vec![100, 100 + count];
        let column = Column { values, ..Column::default() };
        let columns = BTreeMap::from([("host_huge_pages_denied".to_owned(), column)]);
        let mut record = with_fact(well("broken"), "files", files);
        record.tracks.insert("host".into(), Track { t: vec![0, 9_000_000], columns });
        record
    };
    let status = |scenario: &Scenario, record| judged(scenario, &[record], "broken").status;
    assert_eq!(status(&needing, denied(0, 7)), Status::Fails);
    assert!(matches!(status(&needing, denied(1, 7)), Status::Unknown(why) if why.contains("huge pages")));
    assert_eq!(status(&needing, denied(1, 8)), Status::Holds);
    assert_eq!(status(&plain, denied(1, 7)), Status::Fails);
}
