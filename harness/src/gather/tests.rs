//! Jobs of records made by hand.

use std::collections::BTreeMap;

use super::*;
use crate::model::record::tests::example;
use crate::model::record::{Block, Line, Writer};
use crate::model::series::{Column, Track};

const SECOND: u64 = 1_000_000;

/// One rank: its number, its host, when its host's clock says that it began, and its values, one each second.
struct Made<'a> {
    rank: u64,
    host: &'a str,
    wall: u64,
    values: &'a [u64],
    outcome: Outcome,
}

fn write(folder: &Path, made: &Made<'_>) -> PathBuf {
    let path = folder.join(format!("run-{:02}.jsonl", made.rank));
    let mut writer = Writer::create(&path).unwrap();
    let header = Header {
        place: Some(Place {
            host: made.host.into(),
            boot_id: Some(format!("boot of {}", made.host)),
            wall_ns: made.wall * SECOND * 1000,
            monotonic_ns: 7000 * SECOND * 1000 + made.wall * SECOND * 1000,
            rank: Some(made.rank),
            ranks: Some(8),
            ..Place::default()
        }),
        metrics: BTreeMap::from([("rss".into(), "smaps_rollup".into())]),
        machine: BTreeMap::from([("memory_mib".into(), "64".into())]),
        enclosing: (made.host == "n2").then(|| EnclosingGroup {
            path: "/step_0".into(),
            limit: 9000,
            current: 0,
        }),
        ..example::header("train")
    };
    writer.write(&Line::Header(Box::new(header))).unwrap();
    let t: Vec<u64> = (0..made.values.len() as u64).map(|at| at * SECOND).collect();
    let column = |values: &[u64]| Column { values: values.to_vec(), ..Column::default() };
    let columns = BTreeMap::from([("rss".into(), column(made.values)), (GROUP.into(), column(made.values))]);
    writer.write(&Line::Samples(Block { track: "all".into(), samples: Track { t, columns } })).unwrap();
    let mark = |name: &str, t| Line::Mark(Mark { t, name: name.into() });
    writer.write(&mark("ready", made.rank * SECOND)).unwrap();
    writer.write(&mark(&format!("only {}", made.rank), SECOND)).unwrap();
    let mut trailer = example::trailer(made.outcome.clone());
    trailer.duration = made.values.len() as u64 * SECOND;
    writer.write(&Line::Trailer(Box::new(trailer))).unwrap();
    writer.finish().unwrap()
}

/// Four of eight ranks, on two machines. The third one needs more, and its OOM killer takes it; the last one is ended by
/// the launcher because of that.
fn job(folder: &Path, align: Option<&str>) -> Result<Job> {
    let oom = Outcome::Killed { signal: 9, by: Killer::Oom };
    let ended = Outcome::Killed { signal: SIGTERM, by: Killer::Other };
    let made = [
        Made { rank: 0, host: "n1", wall: 100, values: &[10, 1000, 1000, 1000], outcome: Outcome::Exited(0) },
        Made { rank: 1, host: "n1", wall: 101, values: &[10, 1000, 1000, 1000], outcome: Outcome::Exited(0) },
        Made { rank: 2, host: "n2", wall: 100, values: &[10, 1000, 4000, 8000], outcome: oom },
        Made { rank: 3, host: "n2", wall: 100, values: &[10, 1000, 1000], outcome: ended },
    ];
    // In another order than that of their ranks.
    let paths: Vec<PathBuf> = made.iter().rev().map(|made| write(folder, made)).collect();
    Job::read(&paths, &["cgroup", "rss"], align)
}

#[test]
fn the_ranks_of_a_job_are_in_order_and_on_one_axis() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), None).unwrap();
    assert_eq!(job.metric, "rss");
    let names: Vec<&str> = job.ranks.iter().map(|rank| rank.name.as_str()).collect();
    assert_eq!(names, ["rank 0", "rank 1", "rank 2", "rank 3"]);
    let offsets: Vec<u64> = job.ranks.iter().map(|rank| rank.offset / SECOND).collect();
    assert_eq!((offsets, job.span), (vec![0, 1, 0, 0], 5 * SECOND));
    assert!(job.alignment.contains("2 machines"), "{}", job.alignment);
    let cells = job.cells(5);
    assert_eq!(cells[1][0], None);
    assert_eq!(cells[2][3], Some(8000));
    assert_eq!(job.common_marks(), ["ready"]);
    assert_eq!(job.missing(), [4, 5, 6, 7]);
}

#[test]
fn a_mark_puts_all_at_one_moment_and_says_how_far_the_clocks_disagree() {
    let folder = tempfile::tempdir().unwrap();
    let aligned = job(folder.path(), Some("ready")).unwrap();
    // Rank 3 makes it three seconds after its start, and the others begin later on the axis.
    let offsets: Vec<u64> = aligned.ranks.iter().map(|rank| rank.offset / SECOND).collect();
    assert_eq!((offsets, aligned.mark), (vec![3, 2, 1, 0], Some(3 * SECOND)));
    assert!(aligned.alignment.contains("within 3.00 s"), "{}", aligned.alignment);
    let error = job(folder.path(), Some("only 1")).unwrap_err().to_string();
    assert!(error.contains("rank 0 and 2 others"), "{error}");
}

#[test]
fn the_worst_is_the_one_that_failed_and_not_those_that_followed_it() {
    let folder = tempfile::tempdir().unwrap();
    let job = job(folder.path(), None).unwrap();
    assert_eq!(job.worst().unwrap().name, "rank 2");
    let (differing, median) = job.differing();
    assert_eq!(differing.iter().map(|rank| rank.name.as_str()).collect::<Vec<_>>(), ["rank 2"]);
    assert_eq!(median, Some(1000));
}

#[test]
fn a_node_has_the_sum_of_its_ranks_and_the_limit_of_their_group_or_its_machine() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = job(folder.path(), None).unwrap().nodes();
    let [first, second] = &nodes[..] else { panic!("{nodes:?}") };
    assert_eq!((first.name.as_str(), first.ranks, first.sum), ("n1", 2, Some(2000)));
    assert_eq!((first.limit, first.charged), (Some(Limit::Machine(64 << 20)), None));
    // Both ranks are in the group, so its limit counts once.
    assert_eq!((second.limit, second.charged), (Some(Limit::Groups(9000)), Some(8000)));
    assert!(second.sum >= Some(8000));
}
