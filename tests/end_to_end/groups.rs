//! What a control group counts of a run over time: small commands whose numbers are known.

use std::fs;

use lab::model::record::{Record, What};
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::said;
use crate::trials_where_possible;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        page_cache_at_the_limit_is_taken_back_and_needed_again,
        a_kill_is_counted_at_the_moment_when_it_happens,
        a_walk_that_is_left_out_at_a_mark_is_said,
    ]
}

/// Why a record has nothing that a control group counts.
const NO_GROUP: &str = "the run has no control group";

/// The record of a shell's script under a limit of 64 MiB.
fn record(bundle: &Bundle, script: &str) -> Record {
    let words = ["record", "-q", "--memory", "64M", "-o", "record.jsonl", "--", "sh", "-c", script];
    let said = said(bundle.command(&[], &words));
    let record = Record::read(&bundle.path().join("record.jsonl"));
    record.unwrap_or_else(|error| panic!("{error}: {}", said.stderr))
}

/// The values of a metric over the run.
fn values<'a>(record: &'a Record, metric: &str) -> &'a [u64] {
    record.series(metric).unwrap_or_else(|| panic!("there is no {metric}")).v
}

fn page_cache_at_the_limit_is_taken_back_and_needed_again() -> Option<String> {
    let bundle = Bundle::new();
    let file = bundle.path().join("file");
    fs::write(&file, vec![1; 150 << 20]).expect("room for a file");
    // So that nothing of it is in the page cache yet, and charged to somebody else.
    fs::File::open(&file).expect("it is there").sync_all().expect("a disk");
    let drop = "dd of=file oflag=nocache conv=notrunc count=0 2> /dev/null";
    let read = "dd if=file of=/dev/null bs=1M 2> /dev/null";
    let record = record(&bundle, &format!("{drop}; {read}; {read}; {read}; sleep 0.2"));
    if record.series("cgroup").is_none() {
        return Some(NO_GROUP.into());
    }
    if values(&record, "cgroup_file").iter().max() < Some(&(32 << 20)) {
        return Some("the file is on no disk that has a page cache".into());
    }
    assert!(values(&record, "cgroup_max").last() > Some(&0));
    assert_eq!(values(&record, "cgroup_oom_kills").last(), Some(&0));
    // Each page is needed again, and most are gone by then.
    assert!(values(&record, "cgroup_refaults_file").last() > Some(&((64 << 20) / procfs::page_size())));
    None
}

fn a_kill_is_counted_at_the_moment_when_it_happens() -> Option<String> {
    let bundle = Bundle::new();
    let hog = "dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null";
    let record = record(&bundle, &format!("sleep 0.3; {hog}; sleep 0.3"));
    let Some(kills) = record.series("cgroup_oom_kills") else { return Some(NO_GROUP.into()) };
    let first = kills.v.iter().position(|&count| count > 0).expect("a kill");
    assert!(kills.t[first] >= 300_000, "{} us", kills.t[first]);
    assert_eq!((kills.v[0], kills.v.last()), (0, Some(&1)));
    let at = record.events.iter().filter(|event| matches!(event.what, What::OomKills { count: 1, .. }));
    assert_eq!(at.map(|event| event.t).collect::<Vec<_>>(), [kills.t[first]]);
    assert!(record.series("cgroup_max").expect("a count").at(kills.t[first]) > Some(0));
    None
}

/// Leaves less than 2 MiB of 64 at one mark, and nearly all at the next.
const NEARLY_FULL: &str = r#"
memory=$(sed -n 's/.*:memory://p' /proc/self/cgroup)
usage=/sys/fs/cgroup/memory$memory/memory.usage_in_bytes
[ -n "$memory" ] || usage=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.current
fill() { dd if=/dev/zero bs=$1 count=1 >> /dev/shm/lab-test-fill 2> /dev/null; }
mark() { echo "mark $1" >&$LAB_CHANNEL; read answer <&$LAB_CHANNEL; }
fill 58M
while read used < $usage && [ $used -lt $((63 << 20)) ]; do fill 64K; done
mark full
rm /dev/shm/lab-test-fill
mark empty
"#;

fn a_walk_that_is_left_out_at_a_mark_is_said() -> Option<String> {
    let record = record(&Bundle::new(), NEARLY_FULL);
    if record.series("cgroup").is_none() {
        return Some(NO_GROUP.into());
    }
    let [full, empty] = &record.marks[..] else { panic!("{:?}", record.outcome()) };
    let left_out = record.events.iter().filter(|event| event.what == What::LeftOut("page_tables".into()));
    let left_out: Vec<u64> = left_out.map(|event| event.t).collect();
    assert!(matches!(left_out[..], [at] if at <= full.t), "{left_out:?}, {full:?}");
    let pss = record.series("pss").expect("one at the second mark");
    assert!(pss.t.iter().any(|t| (full.t..=empty.t).contains(t)), "{pss:?}");
    None
}
