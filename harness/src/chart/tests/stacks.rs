//! What stacked pictures promise.

use proptest::prelude::*;

use super::*;
use crate::chart::stack::{BANDS, edges};
use crate::chart::terminal::{self, Charset, Palette};
use crate::model::metric::Metric;
use crate::model::record::{Block, Ended, Line, OTHERS, Over, Process, Status, track_of};

static TOTAL: Metric = Metric::bytes("tmpfs", "a total");

/// The samples of a process: time and anonymous memory.
type Samples = Vec<(u64, u64)>;

/// A record of a second, with these processes, of which each is called after its place; and with all others.
fn with_processes(each: &[Samples], others: &Samples) -> Record {
    let mut record = record("pool", 1_000_000, |t| t);
    for (n, samples) in (0..).zip(each) {
        let process = Process {
            n,
            pid: 100 + n.cast_signed(),
            t: samples.first().map_or(0, |sample| sample.0),
            parent: None,
            began: None,
            name: format!("worker\u{1b}[2J <{n}>"),
            words: vec!["/bin/python".into(), "-c".into(), "\u{202e}x & y".into()],
            over: None,
        };
        record.push(Line::Process(process)).unwrap();
        record.push(block(track_of(n), samples)).unwrap();
    }
    record.push(block(OTHERS.into(), others)).unwrap();
    record
}

fn block(track: String, samples: &Samples) -> Line {
    let (t, values) = samples.iter().copied().unzip();
    let columns = ["anon", "processes"]
        .map(|name| (name.to_owned(), Column { values: Vec::clone(&values), ..Column::default() }));
    Line::Samples(Block { track, samples: Track { t, columns: BTreeMap::from(columns) } })
}

fn samples() -> impl Strategy<Value = Samples> {
    proptest::collection::vec((0u64..1_000_000, 0u64..1 << 40), 1..40).prop_map(|mut samples| {
        samples.sort_unstable();
        samples.dedup_by_key(|sample| sample.0);
        samples
    })
}

/// What all bands have together at a time.
fn at(stack: &Stack, t: u64) -> u64 {
    let last = |band: &Band| band.steps.iter().rev().find(|step| step.0 <= t).map_or(0, |step| step.1);
    stack.bands.iter().map(last).sum()
}

proptest! {
    #[test]
    fn a_stack_is_as_high_as_all_were_at_one_time_and_never_higher(
        each in proptest::collection::vec(samples(), 1..12),
        others in samples(),
        columns in 1usize..100,
    ) {
        let record = with_processes(&each, &others);
        let stack = Stack::of(&record, &TOTAL).unwrap();
        let times = || each.iter().chain([&others]).flatten().map(|sample| sample.0);
        let highest = times().map(|t| at(&stack, t)).max().unwrap();
        let drawn = stack.columns(columns);
        let tops = drawn.iter().flatten().map(|bands| bands.iter().sum::<u64>());
        prop_assert_eq!(tops.max().unwrap(), highest);
        // The bands have all that the processes and all others have.
        for t in times() {
            let value = |samples: &Samples| samples.iter().rev().find(|sample| sample.0 <= t).map_or(0, |sample| sample.1);
            prop_assert_eq!(at(&stack, t), each.iter().chain([&others]).map(value).sum::<u64>());
        }
    }

    #[test]
    fn no_stack_breaks_the_terminal_or_the_svg(
        each in proptest::collection::vec(samples(), 1..12),
        (width, height) in (0u16..200, 0u16..60),
    ) {
        let record = with_processes(&each, &vec![(0, 0)]);
        let stack = Stack::of(&record, &TOTAL).unwrap();
        for charset in [Charset::Unicode, Charset::Ascii] {
            let lines = terminal::draw_stack(&stack, width, height, Palette::Plain, charset);
            prop_assert!(lines.len() <= usize::from(height));
            for line in &lines {
                prop_assert!(label::width(line) <= usize::from(width) && !line.chars().any(char::is_control), "{line:?}");
                prop_assert!(charset == Charset::Unicode || line.is_ascii(), "{line:?}");
            }
        }
        let text = svg::draw_stack(&stack, "stack");
        prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{text}");
    }
}

#[test]
fn the_largest_is_below_equals_are_in_their_order_and_the_rest_shares_a_band() {
    let sizes = [5, 9, 5, 1, 7, 2, 3, 4];
    let each: Vec<Samples> = sizes.iter().map(|size| vec![(1000, size * MIB), (900_000, 0)]).collect();
    let record = with_processes(&each, &vec![(0, 0)]);
    let stack = Stack::of(&record, &TOTAL).unwrap();
    let who: Vec<Who> = stack.bands.iter().map(|band| band.who).collect();
    let expected = [101, 104, 100, 102, 107, 106].map(Who::One);
    assert_eq!(who, [&expected[..], &[Who::Others]].concat());
    let rest = &stack.bands[BANDS];
    assert_eq!((rest.peak, rest.command.as_str()), (3 * MIB, "2 smaller"));
}

#[test]
fn areas_lie_on_one_another_in_the_picture_as_in_the_record() {
    let each: Vec<Samples> =
        [4, 2, 1].map(|size| vec![(100_000 * size, size * 20 * MIB), (800_000, 3 * MIB)]).into();
    let record = with_processes(&each, &vec![(0, 0)]);
    let text = svg::draw_stack(&Stack::of(&record, &TOTAL).unwrap(), "areas");
    let picture = roxmltree::Document::parse(&text).unwrap();
    let areas: Vec<_> = picture.descendants().filter(|node| node.has_tag_name("polygon")).collect();
    let numbers: Vec<_> = areas.iter().map(|area| area.attribute("data-band").unwrap()).collect();
    assert_eq!(numbers, ["0", "1", "2"]);
    let heights = |area: &roxmltree::Node| {
        let points = area.attribute("points").unwrap().split(' ').map(|point| point.split_once(',').unwrap());
        let mut heights = BTreeMap::<i32, (i32, i32)>::new();
        for (x, y) in points {
            let y: i32 = y.parse().unwrap();
            let (top, bottom) = heights.entry(x.parse().unwrap()).or_insert((y, y));
            (*top, *bottom) = (y.min(*top), y.max(*bottom));
        }
        heights
    };
    // Where two areas both have a corner, the upper one ends on the lower one or above it.
    for pair in areas.windows(2) {
        let (below, above) = (heights(&pair[0]), heights(&pair[1]));
        for (x, (top, _)) in &above {
            if let Some((highest, _)) = below.get(x) {
                assert!(top <= highest, "at {x}: {top} over {highest}");
            }
        }
        assert!(pair[0].attribute("class").unwrap().starts_with("lab-"));
    }
    assert!(text.contains("class=\"lab-ink lab-curve\""));
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn a_process_that_has_ended_has_nothing_any_more_and_its_end_is_said() {
    let mut record = with_processes(&[vec![(0, 5 * MIB)], vec![(0, 3 * MIB)]], &vec![(0, 0)]);
    let ended = Ended {
        t: 400_000,
        began: None,
        pid: 100,
        parent: None,
        name: "python".into(),
        status: Some(Status::Killed(9)),
        peak_rss: Some(11 * MIB),
    };
    record.push(Line::Ended(ended)).unwrap();
    let mut second = record.processes.each[&1].process.clone().unwrap();
    second.over = Some(Over::Ended(600_000));
    record.push(Line::Process(second)).unwrap();
    let stack = Stack::of(&record, &TOTAL).unwrap();
    assert_eq!([399_999, 400_000, 600_000].map(|t| at(&stack, t)), [8 * MIB, 3 * MIB, 0]);
    assert_eq!((stack.bands[0].fate().as_str(), stack.bands[0].resident), ("SIGKILL", Some(11 * MIB)));
    assert_eq!(stack.bands[1].fate(), "ended");
    let text = svg::draw_stack(&stack, "ended");
    assert!(text.contains(">SIGKILL</text>"), "{text}");
    assert!(stack.bands[0].sentence().contains("at most 5 MiB, 11 MiB resident, SIGKILL, python -c"));
}

#[test]
fn workers_that_replace_one_another_share_a_band_and_those_of_one_time_do_not() {
    let mut record =
        with_processes(&[vec![(0, 5 * MIB)], vec![(0, 3 * MIB)], vec![(500_000, 9 * MIB)]], &vec![(0, 0)]);
    for (n, over) in [(0, 400_000), (1, 600_000), (2, 700_000)] {
        let mut process = record.processes.each[&n].process.clone().unwrap();
        (process.name, process.over) = ("worker".into(), Some(Over::Ended(over)));
        record.push(Line::Process(process)).unwrap();
    }
    let stack = Stack::of(&record, &TOTAL).unwrap();
    let seen: Vec<(Who, u64, String)> =
        stack.bands.iter().map(|band| (band.who, band.peak, band.label())).collect();
    let expected = [
        (Who::InTurn(2), 9 * MIB, "worker (2 in turn)".to_owned()),
        (Who::One(101), 3 * MIB, "worker (101)".to_owned()),
    ];
    assert_eq!(seen, expected);
    assert_eq!([0, 450_000, 500_000, 650_000].map(|t| at(&stack, t)), [8 * MIB, 3 * MIB, 12 * MIB, 9 * MIB]);
    assert_eq!(stack.bands[0].fate(), "ended");
    // Of several, it's the odd end that is worth a word.
    for (pid, t, status) in [(100, 400_000, Status::Exited(0)), (102, 700_000, Status::Killed(9))] {
        let (began, parent, name, peak_rss) = (None, None, String::new(), None);
        record
            .push(Line::Ended(Ended { t, began, pid, parent, name, status: Some(status), peak_rss }))
            .unwrap();
    }
    assert_eq!(Stack::of(&record, &TOTAL).unwrap().bands[0].fate(), "1 SIGKILL");
    // One that is only counted among others lives on, so nobody came after it.
    let mut first = record.processes.each[&0].process.clone().unwrap();
    first.over = Some(Over::Left(400_000));
    record.push(Line::Process(first)).unwrap();
    let stack = Stack::of(&record, &TOTAL).unwrap();
    assert!(stack.bands.iter().all(|band| matches!(band.who, Who::One(_))));
}

#[test]
fn every_letter_of_a_large_band_is_in_the_terminals_picture() {
    let each: Vec<Samples> = [30, 20, 10].map(|size| vec![(0, size * MIB)]).into();
    let record = with_processes(&each, &vec![(0, 0)]);
    let stack = Stack::of(&record, &TOTAL).unwrap();
    let lines = terminal::draw_stack(&stack, 80, 15, Palette::Plain, Charset::Ascii);
    let heights =
        ['a', 'b', 'c'].map(|letter| lines[1..].iter().filter(|line| line.contains(letter)).count());
    assert!(heights[0] > heights[1] && heights[1] > heights[2] && heights[2] > 0, "{}", lines.join("\n"));
}

#[test]
fn a_record_without_processes_has_no_stack() {
    assert!(Stack::of(&record("old", 1000, |t| t), &TOTAL).is_none());
}

#[test]
fn edges_are_where_the_bands_begin_and_end() {
    assert_eq!(edges(&[2, 0, 5]), [(0, 2), (2, 2), (2, 7)]);
}

#[test]
fn kinds_keep_their_order_and_have_the_colours_of_their_curves() {
    let samples = vec![(1000, 2 * MIB), (500_000, 3 * MIB)];
    let record = with_processes(std::slice::from_ref(&samples), &samples);
    let kinds = [&Metric::bytes("rss", "one"), &Metric::bytes("tmpfs", "another")];
    let stack = Stack::of_kinds("made of", &record, Curve::of(&record, "tmpfs"), &kinds);
    let who: Vec<Who> = stack.bands.iter().map(|band| band.who).collect();
    assert_eq!(who, [Who::Kind(2), Who::Kind(0)]);
    assert_eq!(stack.bands[1].label(), "shared memory");
    assert_eq!(at(&stack, 600_000), record.series("tmpfs").unwrap().at(600_000).unwrap());
    let text = svg::draw_stack(&stack, "kinds");
    assert!(text.contains("lab-1 lab-band") && !text.contains("processor"), "{text}");
}
