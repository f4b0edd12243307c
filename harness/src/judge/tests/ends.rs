//! How a run ended, and whether its work was done.

use super::*;

#[test]
fn every_way_to_end_is_distinguished_from_every_other() {
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
fn a_run_that_still_works_at_its_deadline_does_not_hang() {
    let scenario = ending("hang", "{ fact = \"files\" }", "fixed = { exactly = 1 }");
    let judged = |last_task| {
        let mut record = record("broken", Outcome::TimedOut);
        record.header.limits.deadline_ms = Some(9000);
        record.trailer.as_mut().unwrap().duration = 9_000_100;
        record.progress = vec![Progress { t: 100, count: 1 }, Progress { t: last_task, count: 2 }];
        the(&judge(&scenario, &[record]), ENDS, "broken")
    };
    assert_eq!(judged(5_900_000).status, Status::Holds);
    let slow = judged(8_900_000);
    assert_eq!(slow.status, Status::Fails);
    let hint = slow.hint.unwrap();
    assert!(hint.contains("It was still at work: 2 tasks were done at 8.90 s"), "{hint}");
}

#[test]
fn an_end_that_tells_nothing_of_the_program_is_unknown() {
    let scenario = ending("oom", "{ fact = \"files\" }", "fixed = { exactly = 1 }");
    for outcome in [
        killed(Killer::Watchdog),
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
    assert_eq!(verdict.bound_text, "exited with 0");
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
                status(killed(Killer::Watchdog)),
                unknown("lab's watchdog stopped the run to protect this machine")
            );
        }
    }
}

#[test]
fn a_broken_run_that_was_stopped_has_still_reached_what_it_reached() {
    let status = |bound: &str, peak| {
        let scenario =
            scenario("{ peak = \"tmpfs\" }", &format!("broken = {{ {bound}, times = [\"array_mib\"] }}"));
        let stopped = with_tmpfs(record("broken", killed(Killer::Watchdog)), &[(3.0, peak)]);
        judged(&scenario, &[stopped], "broken").status
    };
    let watchdog = unknown("lab's watchdog stopped the run to protect this machine");
    assert_eq!(status("at_least = 2", 8), Status::Holds);
    assert_eq!(status("at_least = 2", 7), watchdog);
    assert_eq!(status("at_most = 2", 7), watchdog);
}

#[test]
fn a_record_without_an_end_is_unknown() {
    let scenario = scenario("{ fact = \"files\" }", "fixed = { exactly = 5 }");
    let mut cut = well("fixed");
    cut.trailer = None;
    let why = unknown("the record is cut short: its recorder was killed");
    assert_eq!(judged(&scenario, &[cut], "fixed").status, why);
}

/// A run that lab's watchdog has ended for having taken so many MiB.
fn over_its_limit(variant: &str, mib: u64) -> Record {
    let mut record = record(variant, killed(Killer::Watchdog));
    record.header.limits.memory = Some(96 * MIB);
    let trailer = record.trailer.as_mut().unwrap();
    (trailer.duration, trailer.taken) = (5_250_000, Some(mib * MIB));
    // Nothing is said twice.
    trailer.evidence =
        vec![Evidence { source: "lab's watchdog".into(), finding: Finding::Fired("too much".into()) }];
    record
}

#[test]
fn a_program_that_took_more_than_it_may_fails_with_its_limit_and_the_phase() {
    let scenario = scenario("{ fact = \"files\" }", "exercise = { exactly = 5 }");
    let verdicts = judge(&scenario, &[with_fact(over_its_limit("exercise", 130), "files", 5)]);
    let ends = the(&verdicts, ENDS, "exercise");
    assert_eq!(ends.status, Status::Fails);
    assert_eq!(
        ends.hint.unwrap(),
        "It took 130 MiB at 5.25 s, in the phase 'tasks begin'; its limit is 96 MiB."
    );
    assert_eq!(the(&verdicts, "the_claim", "exercise").status, Status::Fails);
}

#[test]
fn a_run_that_is_to_be_killed_is_judged_where_the_watchdog_ended_it_but_for_its_end() {
    let scenario = ending("oom", "{ fact = \"files\" }", "broken = { at_most = 5 }");
    let status = |record: Record| {
        let verdicts = judge(&scenario, &[with_fact(record, "files", 5)]);
        (the(&verdicts, ENDS, "broken").status, the(&verdicts, "the_claim", "broken").status)
    };
    let (end, claim) = status(over_its_limit("broken", 97));
    assert_eq!(claim, Status::Holds);
    let Status::Unknown(why) = end else { panic!("{end:?}") };
    assert!(why.contains("no control group") && why.contains("lab's watchdog ended the run"), "{why}");

    // A machine that ran low has ended it anywhere.
    let (end, claim) = status(record("broken", killed(Killer::Watchdog)));
    assert_eq!((&end, &claim), (&claim, &unknown("lab's watchdog stopped the run to protect this machine")));
}

#[test]
fn a_run_that_was_over_before_the_watchdog_saw_it_is_unknown_and_one_within_its_limit_fails() {
    let scenario = ending("oom", "{ fact = \"files\" }", "broken = { at_most = 5 }");
    let status = |mib: u64, has_group: bool| {
        let mut record = well("broken");
        record.header.limits.memory = Some(96 * MIB);
        record.header.metrics.remove("cgroup");
        if has_group {
            record.header.metrics.insert("cgroup".into(), "memory.current".into());
        }
        record.trailer.as_mut().unwrap().peaks.insert("anon".into(), mib * MIB);
        the(&judge(&scenario, &[record]), ENDS, "broken").status
    };
    assert!(
        matches!(status(97, false), Status::Unknown(why) if why.contains("before lab's watchdog saw it"))
    );
    assert_eq!((status(96, false), status(97, true)), (Status::Fails, Status::Fails));
}
