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
