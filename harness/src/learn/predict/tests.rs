//! Answers from made-up records.

use super::*;
use crate::model::outcome::{Killer, Outcome};
use crate::model::record::tests::example::{header, trailer};
use crate::model::record::{Header, Trailer};
use crate::scenario::Measure;

/// A run that ended in this way, at this peak of shared memory.
fn record(variant: &str, outcome: Outcome, mib: u64) -> Record {
    let mut record = Record::new(Header {
        sizes: BTreeMap::from([("array_mib".into(), 32), ("repeats".into(), 20)]),
        ..header(variant)
    });
    let peaks = BTreeMap::from([("tmpfs".into(), mib << 20)]);
    record.trailer = Some(Trailer { peaks, ..trailer(outcome) });
    record
}

fn records() -> Vec<Record> {
    let killed = Outcome::Killed { signal: 9, by: Killer::Oom };
    vec![record("broken", killed, 640), record("fixed", Outcome::Exited(0), 32)]
}

fn question(answer: Answer) -> Question {
    Question {
        id: "it".into(),
        asks: "The array has {array_mib}, {repeats} times. How much?".into(),
        answer,
        figure: None,
        because: "It is {answer}.".into(),
    }
}

fn peak() -> Measure {
    Measure::Peak(crate::recorder::metrics::find("tmpfs").unwrap())
}

fn names() -> Vec<String> {
    ["broken", "fixed"].map(str::to_owned).into()
}

#[test]
fn a_number_is_what_the_record_has() {
    let asked = question(Answer::Number { variant: "broken".into(), measure: peak() });
    let prediction = answer(&asked, &records()).unwrap();
    assert_eq!(prediction.asks, "The array has 32 MiB, 20 times. How much?");
    assert_eq!(prediction.truth, Truth::Number { value: 640.0, quantity: Quantity::Mib });
    assert_eq!(prediction.because, "It is 640 MiB.");
}

#[test]
fn the_most_and_the_least_are_found_and_nothing_where_both_are_the_same() {
    let right = |asked, records: &[Record]| match answer(&question(asked), records).map(|found| found.truth) {
        Ok(Truth::Choice { right, .. }) => Ok(right),
        Ok(truth) => panic!("{truth:?}"),
        Err(why) => Err(why),
    };
    let most = || Answer::Most { of: names(), measure: peak() };
    assert_eq!(right(most(), &records()).unwrap(), "broken");
    assert_eq!(right(Answer::Least { of: names(), measure: peak() }, &records()).unwrap(), "fixed");
    let same = [record("broken", Outcome::Exited(0), 32), record("fixed", Outcome::Exited(0), 32)];
    assert!(right(most(), &same).unwrap_err().contains("measure the same"));
}

#[test]
fn an_end_is_described_in_plain_words() {
    for (outcome, value) in [
        (Outcome::Exited(0), "well"),
        (Outcome::Failed { errno: 28, at: String::new() }, "enospc"),
        (Outcome::Failed { errno: 5, at: String::new() }, "failed"),
        (Outcome::BusError, "sigbus"),
        (Outcome::Killed { signal: 9, by: Killer::Oom }, "oom"),
        (Outcome::TimedOut, "hang"),
    ] {
        let asked = question(Answer::End { variant: "broken".into() });
        let prediction = answer(&asked, &[record("broken", outcome, 1)]).unwrap();
        let Truth::Choice { among, right } = &prediction.truth else { panic!("a choice") };
        assert_eq!(right, value);
        assert_eq!(among.len(), ENDS.len());
        assert!(prediction.because.ends_with(".."), "words, with a full stop: {}", prediction.because);
    }
}

#[test]
fn what_can_not_be_answered_says_why() {
    let why = |asked, records: &[Record]| answer(&question(asked), records).unwrap_err();
    let end = || Answer::End { variant: "broken".into() };
    assert_eq!(why(end(), &[]), "there is no record of broken");
    let interrupted = [record("broken", Outcome::Interrupted, 1)];
    assert!(why(end(), &interrupted).starts_with("broken ended as no variant should"));
    let measure = Measure::Fact("files_written".into());
    let said = why(Answer::Number { variant: "broken".into(), measure }, &records());
    assert!(said.contains("broken: The program never stated the fact 'files_written'"), "{said}");
}
