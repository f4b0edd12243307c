//! The promises of a record.

pub(crate) mod example;

use std::path::Path;

use example::{header, trailer};

use super::*;
use crate::model::series::Column;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Record, RecordError> {
    Record::parse(Path::new("test.jsonl"), text.as_bytes(), usize::MAX)
}

/// The names in a folder.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect()
}

proptest! {
    #[test]
    fn a_record_comes_back_from_its_file_as_it_was(
        values in proptest::collection::vec((any::<u64>(), any::<u64>()), 0..50),
        split in 0usize..50,
        names in proptest::collection::vec(".*", 0..5),
        ended in any::<bool>(),
    ) {
        let block = |values: &[(u64, u64)]| Line::Samples(Block {
            track: "sample".into(),
            samples: Track {
                t: values.iter().map(|pair| pair.0).collect(),
                columns: BTreeMap::from([("tmpfs".into(), Column { values: values.iter().map(|pair| pair.1).collect(), ..Column::default() })]),
            },
        });
        let (early, late) = values.split_at(split.min(values.len()));
        let mut lines = vec![Line::Header(Box::new(header("broken"))), block(early)];
        lines.extend(names.into_iter().enumerate().map(|(t, name)| Line::Mark(Mark { t: t as u64, name })));
        lines.extend([Line::Done(Progress { t: 3, count: 1 }), block(late)]);
        if ended {
            lines.push(Line::Trailer(Box::new(trailer(Outcome::Exited(0)))));
        }

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broken.jsonl");
        let mut writer = Writer::create(&path).unwrap();
        lines.iter().for_each(|line| writer.write(line).unwrap());
        writer.finish().unwrap();

        let mut expected = Record::new(header("broken"));
        lines.into_iter().skip(1).for_each(|line| expected.push(line).unwrap());
        prop_assert_eq!(Record::read(&path).unwrap(), expected);
    }

    #[test]
    fn a_record_is_read_whichever_lines_about_its_processes_are_missing(kept in proptest::collection::vec(any::<bool>(), 9)) {
        let lines: Vec<Line> = of_two_processes().into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(line, _)| line).collect();
        let head = text(&[Line::Header(Box::new(header("broken")))]);
        let record = parse(&format!("{head}{}", text(&lines))).unwrap();
        for (n, track) in &record.processes.each {
            let at = |metric| track.at(metric, 25, &record.ended);
            prop_assert_eq!(track.process.is_some(), kept[3 * *n as usize]);
            prop_assert_eq!(at("anon"), kept[3 * *n as usize + 1].then_some(20));
            prop_assert_eq!(at("pss"), kept[3 * *n as usize + 2].then_some(20));
        }
        prop_assert_eq!(record.processes.others("anon").is_some(), kept[6]);
        // What a shorter record is written from has all of it again.
        let again: Vec<Line> = record.clone().into_lines().collect();
        prop_assert_eq!(parse(&text(&again)).unwrap(), record);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Record::parse(Path::new("test.jsonl"), bytes.as_slice(), 8);
    }

    #[test]
    fn a_record_cut_off_anywhere_after_its_header_is_still_read(cut in 0usize..400) {
        let head = text(&[Line::Header(Box::new(header("broken")))]);
        let body = text(&[Line::Mark(Mark { t: 1, name: "a".into() }), Line::Trailer(Box::new(trailer(Outcome::Exited(0))))]);
        let cut = cut.min(body.len());
        let record = parse(&format!("{head}{}", &body[..cut])).unwrap();
        prop_assert_eq!(record.trailer.is_some(), cut + 1 >= body.len());
    }
}

/// For each of two processes a line, its samples and what walks found; then all others, and how one ended.
fn of_two_processes() -> Vec<Line> {
    let samples = |track: String, metric: &str| {
        let column = Column { values: vec![10, 20, 30], peaks: Some(vec![10, 99, 30]), ..Column::default() };
        let samples = Track { t: vec![10, 20, 30], columns: BTreeMap::from([(metric.into(), column)]) };
        Line::Samples(Block { track, samples })
    };
    let of_one = |n: u32| {
        let pid = 100 + n.cast_signed();
        let (name, words) = ("sh".to_owned(), vec!["sh".to_owned(), "-c".to_owned()]);
        let process = Process { n, pid, t: 5, parent: Some(1), began: None, name, words, over: None };
        [Line::Process(process), samples(track_of(n), "anon"), samples(pages_track_of(n), "pss")]
    };
    let ended = Ended {
        t: 28,
        began: Some(1),
        pid: 100,
        parent: None,
        name: "sh".into(),
        status: Some(Status::Exited(0)),
        peak_rss: None,
    };
    let of_all = [samples(OTHERS.into(), "anon"), samples(OTHERS_PAGES.into(), "pss"), Line::Ended(ended)];
    of_one(0).into_iter().chain(of_one(1)).chain(of_all).collect()
}

#[test]
fn a_process_is_followed_until_its_end_and_under_no_name_of_a_whole_run() {
    let mut record = Record::new(header("broken"));
    of_two_processes().into_iter().for_each(|line| record.push(line).unwrap());
    assert!(record.tracks.is_empty() && record.series("anon").is_none());
    let at = |n: u32, t| record.processes.each[&n].at("anon", t, &record.ended);
    assert_eq!([9, 10, 27, 28].map(|t| at(0, t)), [None, Some(10), Some(20), None]);
    assert_eq!([28, 99].map(|t| at(1, t)), [Some(20), Some(30)]);
    assert_eq!(record.processes.each[&0].end(&record.ended).unwrap().status, Some(Status::Exited(0)));
    assert_eq!(record.processes.first_after(10), Some(20));
}

#[test]
fn a_process_that_is_shortened_keeps_its_peak_and_an_odd_name_is_an_ordinary_track() {
    let mut record = Record::new(header("broken"));
    for time in 0..200u64 {
        let column = Column {
            values: vec![time],
            peaks: Some(vec![if time == 77 { 5000 } else { time }]),
            ..Column::default()
        };
        let samples = Track { t: vec![time], columns: BTreeMap::from([("rss".into(), column)]) };
        record.push(Line::Samples(Block { track: track_of(3), samples })).unwrap();
        record.thin(16);
    }
    let track = &record.processes.each[&3];
    assert!(track.series("rss").unwrap().t.len() <= 20);
    assert_eq!((track.peak("rss"), track.at("rss", 199, &[])), (Some(5000), Some(199)));
    for name in ["process x", "process 3 more", "process 3 io x", "process -1", "processes"] {
        let samples = Track { t: vec![0], columns: BTreeMap::new() };
        record.push(Line::Samples(Block { track: name.into(), samples })).unwrap();
        assert!(record.tracks.contains_key(name), "{name}");
    }
}

#[test]
fn more_processes_than_any_record_follows_are_refused() {
    let head = text(&[Line::Header(Box::new(header("broken")))]);
    let many = (0..2000).map(|n| Line::Samples(Block { track: track_of(n), samples: Track::default() }));
    let error = parse(&format!("{head}{}", text(&many.collect::<Vec<_>>()))).unwrap_err();
    assert!(error.to_string().contains("processes"), "{error}");
}

#[test]
fn a_damaged_line_is_named_by_its_number() {
    let good = text(&[Line::Header(Box::new(header("broken")))]);
    let error = parse(&format!("{good}{{\"mark\":3}}\n{{}}\n")).unwrap_err();
    assert!(matches!(error, RecordError::Damaged { line: 2, .. }), "{error}");
    assert!(matches!(parse("").unwrap_err(), RecordError::Damaged { line: 1, .. }));
    assert!(matches!(
        parse("{\"mark\":{\"t\":1,\"name\":\"a\"}}\n").unwrap_err(),
        RecordError::Damaged { line: 1, .. }
    ));
}

#[test]
fn columns_of_unequal_length_are_refused() {
    let good = text(&[Line::Header(Box::new(header("broken")))]);
    let bad = r#"{"samples":{"track":"sample","t":[0,1],"columns":{"tmpfs":[0]}}}"#;
    assert!(
        parse(&format!("{good}{bad}\n")).unwrap_err().to_string().contains("1 samples of tmpfs for 2 times")
    );
}

#[test]
fn a_newer_record_is_distinguished_from_a_damaged_one() {
    let mut newer = header("broken");
    newer.schema = SCHEMA + 1;
    let known_fields = text(&[Line::Header(Box::new(newer))]);
    for text in [known_fields.as_str(), "{\"header\":{\"schema\":99,\"other\":1}}\n"] {
        assert!(matches!(parse(text).unwrap_err(), RecordError::Newer { .. }));
    }
}

#[test]
fn a_phase_lasts_until_the_next_mark_or_the_end() {
    let mut record = Record::new(header("broken"));
    for (t, name) in [(1, "a"), (4, "b")] {
        record.push(Line::Mark(Mark { t, name: name.into() })).unwrap();
    }
    let end = Trailer { duration: 9, ..trailer(Outcome::Exited(0)) };
    record.push(Line::Trailer(Box::new(end))).unwrap();
    assert_eq!((record.phase("a"), record.phase("b"), record.phase("c")), (Some((1, 4)), Some((4, 9)), None));
}

#[test]
fn a_record_of_version_1_has_its_high_water_marks_and_todays_names() {
    let mut old = header("broken");
    old.schema = 1;
    old.metrics =
        ["cgroup", "cgroup_peak", "held"].map(|name| (name.to_owned(), format!("of {name}"))).into();
    let head = text(&[Line::Header(Box::new(old))]).replace("\"interval\"", "\"beat\"");
    let block = r#"{"samples":{"track":"beat","t":[0,5],"columns":{"cgroup":[1,1],"cgroup_peak":[1,89],"held":[7,0]}}}"#;
    let record = parse(&format!("{head}{block}\n")).unwrap();
    let series = record.series("cgroup").unwrap();
    assert_eq!((series.v, series.peaks), (&[1, 2][..], Some(&[1, 90][..])));
    assert_eq!(record.peak("cgroup"), Some(90));
    assert!(record.series("cgroup_peak").is_none());
    assert_eq!(record.peak("open_memory_files"), Some(7));
    assert_eq!((record.header.interval, record.header.peaks["cgroup"].as_str()), (5000, "of cgroup_peak"));
}

#[test]
fn a_deadline_in_whole_seconds_is_still_read() {
    let limits = |text: &str| serde_json::from_str::<Limits>(text).unwrap();
    assert_eq!(limits(r#"{"seconds":120}"#), Limits { deadline_ms: Some(120_000), ..Limits::default() });
    let exact = Limits { deadline_ms: Some(500), ..Limits::default() };
    assert_eq!(limits(&serde_json::to_string(&exact).unwrap()), exact);
}

#[test]
fn a_file_of_more_than_any_record_has_is_refused_in_bounded_memory() {
    let head = text(&[Line::Header(Box::new(header("broken")))]);
    let zeros = std::io::BufReader::new(std::io::repeat(0));
    let endless = std::io::Read::chain(head.as_bytes(), zeros);
    let error = Record::parse(Path::new("test.jsonl"), endless, usize::MAX).unwrap_err();
    assert!(matches!(error, RecordError::Damaged { line: 2, .. }), "{error}");

    let tracks = (0..2000).map(|number| {
        let samples = Track { t: vec![0], columns: BTreeMap::new() };
        Line::Samples(Block { track: number.to_string(), samples })
    });
    let error = parse(&format!("{head}{}", text(&tracks.collect::<Vec<_>>()))).unwrap_err();
    assert!(error.to_string().contains("tracks"), "{error}");
}

#[test]
fn a_pipe_among_records_is_refused_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("r.jsonl");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert!(matches!(Record::read(&pipe), Err(RecordError::File { .. })));
}
