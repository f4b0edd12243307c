//! Each measure, read out of records.

use super::*;

#[test]
fn a_peak_over_its_bound_is_said_with_its_time_and_phase() {
    let scenario = scenario("{ peak = \"tmpfs\" }", "fixed = { at_most = 1.05, times = [\"array_mib\"] }");
    let samples = [(0.5, 0), (3.25, 12), (4.0, 12), (9.0, 4)];
    let mut record = with_tmpfs(well("fixed"), &samples);
    let verdict = judged(&scenario, &[record.clone()], "fixed");
    assert_eq!(verdict.status, Status::Fails);
    assert_eq!(verdict.measured_text, "12 MiB");
    assert_eq!(verdict.bound_text, "at most 4.20 MiB = 1.05 x 4 MiB array");
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
    assert!(why.starts_with("the record has no pss (") && why.ends_with("couldn't read it"), "{why}");
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
fn a_value_that_was_left_out_at_a_mark_is_unknown_and_the_next_one_counts() {
    let at =
        |mark: &str| scenario(&format!("{{ at = \"tmpfs\", mark = \"{mark}\" }}"), "fixed = { exactly = 3 }");
    let mut record = with_tmpfs(well("fixed"), &[(0.5, 3), (7.99, 3)]);
    for (t, track) in [(1_990_000, "sample"), (7_995_000, "another")] {
        push_before_the_end(
            &mut record,
            Line::Event(Event { t, pid: None, what: What::LeftOut(track.to_owned()) }),
        );
    }
    let status = |scenario: &Scenario| judged(scenario, std::slice::from_ref(&record), "fixed").status;
    let why = "tmpfs wasn't read at the mark 'tasks begin': memory was so near a limit that reading it could have \
               changed whom the OOM killer takes";
    assert_eq!(status(&at("array made")), Status::Holds);
    assert_eq!(status(&at("tasks begin")), unknown(why));
    assert_eq!(status(&at("tasks done")), Status::Holds);
    for kind in ["gain", "change", "rise"] {
        let measure = format!("{{ {kind} = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }}");
        assert_eq!(status(&scenario(&measure, "fixed = { at_most = 9 }")), unknown(why));
    }
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
fn a_rise_counts_what_was_there_between_two_samples_and_not_what_was_before_the_first_mark() {
    let measure = "{ rise = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let scenario = scenario(measure, "fixed = { at_most = 0.5 }");
    let mut record = with_tmpfs(well("fixed"), &[(0.5, 50), (1.99, 2), (4.0, 5), (7.99, 1), (8.01, 90)]);
    assert_eq!(judged(&scenario, &[record.clone()], "fixed").measured, Some(3.0));
    let peaks = [50, 40, 5, 7, 99].map(|mib| mib * MIB).to_vec();
    record.tracks.get_mut("sample").unwrap().columns.get_mut("tmpfs").unwrap().peaks = Some(peaks);
    let verdict = judged(&scenario, std::slice::from_ref(&record), "fixed");
    assert_eq!((verdict.status, verdict.measured), (Status::Fails, Some(5.0)));
    assert_eq!(
        verdict.hint.unwrap(),
        "It was 2.00 MiB at the first mark, and up to 7.00 MiB at 7.99 s, in the phase 'tasks begin'."
    );
    let falling = with_tmpfs(well("fixed"), &[(1.99, 2), (4.0, 1)]);
    assert_eq!(judged(&scenario, std::slice::from_ref(&falling), "fixed").measured, Some(0.0));
    let single = with_tmpfs(well("fixed"), &[(5.0, 1)]);
    assert!(matches!(judged(&scenario, &[single], "fixed").status, Status::Unknown(_)));
    // The other metric is looked at only if there are no high-water marks of the first one.
    let or = super::scenario(
        &measure.replace("\"tmpfs\"", "\"cgroup\", or = \"tmpfs\""),
        "fixed = { at_most = 0.5 }",
    );
    assert_eq!(judged(&or, &[falling], "fixed").measured, Some(0.0));
    let other = super::scenario(
        &measure.replace("\"tmpfs\"", "\"tmpfs\", or = \"cgroup\""),
        "fixed = { at_most = 0.5 }",
    );
    assert_eq!(judged(&other, &[record], "fixed").measured, Some(5.0));
}

#[test]
fn a_line_over_the_tasks_done_is_distinguished_from_a_step() {
    let measure = "{ line = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let scenario = scenario(measure, "broken = { at_least = 0.98 }");
    let run = |value: fn(u64) -> u64, tasks: u64| {
        // Every task takes longer than the one before, so that time alone would give no line.
        let when = |task: u64| 2.0 + (task * task) as f64 / 100.0;
        let samples: Vec<_> = (0..tasks).map(|task| (when(task), value(task))).collect();
        let mut record = with_tmpfs(well("broken"), &samples);
        for count in 1..tasks {
            let t = (when(count) * 1e6) as u64;
            push_before_the_end(&mut record, Line::Done(Progress { t, count }));
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

/// The fit of a line to samples of the tmpfs over tasks that were done at these times, in seconds.
fn fitted(samples: &[(f64, u64)], done: &[(f64, u64)]) -> f64 {
    let measure = "{ line = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let mut record = with_tmpfs(well("broken"), samples);
    for &(t, count) in done {
        push_before_the_end(&mut record, Line::Done(Progress { t: (t * 1e6) as u64, count }));
    }
    let scenario = scenario(measure, "broken = { at_least = 0.98 }");
    judged(&scenario, &[record], "broken").measured.expect("there is a line")
}

#[test]
fn the_first_task_is_under_way_from_the_first_mark_on() {
    let samples: Vec<_> = (0u32..=40).map(|step| (2.0 + f64::from(step) / 10.0, step.into())).collect();
    assert!(fitted(&samples, &[(4.0, 1), (6.0, 2)]) > 0.999);
}

#[test]
fn tasks_that_were_told_out_of_order_are_put_in_order() {
    let samples: Vec<_> = (0u32..=40).map(|step| (2.0 + f64::from(step) / 10.0, step.into())).collect();
    assert!(fitted(&samples, &[(6.0, 4), (3.0, 1), (5.0, 3), (4.0, 2)]) > 0.999);
}

#[test]
fn waiting_does_not_make_a_line_any_straighter() {
    let step = |task: u32| (2.0 + f64::from(task) / 4.0, if task < 8 { 0 } else { 100 });
    let done: Vec<_> = (1..16).map(|task| (step(task).0, task.into())).collect();
    let mut samples: Vec<_> = (0..16).map(step).collect();
    let short = fitted(&samples, &done);
    samples.extend((0..100).map(|wait| (6.0 + f64::from(wait) / 100.0, 100)));
    assert_eq!(fitted(&samples, &done), short);
}

#[test]
fn a_phase_that_never_came_fails() {
    let scenario = scenario("{ at = \"tmpfs\", mark = \"tasks begin\" }", "fixed = { at_most = 6 }");
    let mut record = with_tmpfs(well("fixed"), &[(1.0, 1), (9.0, 1)]);
    record.marks.remove(1);
    let verdict = judged(&scenario, &[record], "fixed");
    assert_eq!(verdict.status, Status::Fails);
    assert_eq!(verdict.hint.unwrap(), "The program never announced the phase 'tasks begin'.");
}

#[test]
fn marks_whose_times_run_backwards_measure_nothing() {
    let between = "from = \"tasks begin\", to = \"tasks done\"";
    let measure = format!("{{ change = \"tmpfs\", {between} }}");
    let mut record = with_tmpfs(well("fixed"), &[(1.0, 1), (9.0, 1)]);
    record.marks[1].t = 9_000_000;
    assert_eq!(
        judged(&scenario(&measure, "fixed = { at_most = 1e9 }"), &[record], "fixed").status,
        unknown("the marks of the record are not in the order of their times")
    );
}

#[test]
fn a_gain_is_the_later_value_less_the_earlier_one_and_may_be_a_loss() {
    let measure = "{ gain = \"tmpfs\", from = \"tasks begin\", to = \"tasks done\" }";
    let scenario = scenario(measure, "fixed = { at_least = 1 }");
    let record = with_tmpfs(well("fixed"), &[(1.99, 5), (4.0, 50), (7.99, 2)]);
    let verdict = judged(&scenario, &[record], "fixed");
    assert_eq!((verdict.status, verdict.measured), (Status::Fails, Some(-3.0)));
    assert_eq!(verdict.hint.unwrap(), "It went from 5.00 MiB to 2.00 MiB.");
}

#[test]
fn the_least_is_the_lowest_sample() {
    let scenario = scenario("{ least = \"tmpfs\" }", "fixed = { at_least = 2 }");
    let verdict = judged(&scenario, &[with_tmpfs(well("fixed"), &[(1.0, 5), (4.0, 1), (9.0, 6)])], "fixed");
    assert_eq!((verdict.status, verdict.measured), (Status::Fails, Some(1.0)));
}
