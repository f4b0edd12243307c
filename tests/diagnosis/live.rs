//! Some of the programs, recorded and diagnosed where the test runs, whatever is missing there.

use lab::diagnosis::{Verdict, diagnose};

use super::cases::entries;
use super::matrix::Worth;
use super::record::{missing, record};
use super::{answer, read};

/// Programs that end soon, of different kinds.
const LIVE: &[&str] = &["frames-py", "held-js", "memo-py", "audit-c", "resize-py", "product-c", "churn-c"];

#[test]
fn what_is_recorded_now_gets_its_name_or_a_weaker_answer() {
    let (mut looked, mut wrong) = (0, Vec::new());
    for entry in entries().into_iter().filter(|entry| LIVE.contains(&entry.name().as_str())) {
        let folder = tempfile::tempdir().expect("there is room");
        if let Some(why) = missing(&entry) {
            println!("{} is left out: {why}", entry.name());
            continue;
        }
        let (path, status) = record(&entry, folder.path());
        // Where no sandbox can be made, it isn't run at all.
        if !path.exists() && status.code() == Some(NO_WORK) {
            println!("{} is left out: lab can't confine it here", entry.name());
            continue;
        }
        let (record, case) = (read(&path), entry.case());
        let diagnosis = diagnose(&record);
        println!("{:20} {:20} {}", case.name, case.expected, answer(&record));
        looked += 1;
        if diagnosis.verdict == Verdict::Named && Worth::of(&case, &diagnosis) != Worth::Right {
            wrong.push(format!("{} is called {}, and is {}", case.name, answer(&record), case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(looked > 0, "none of them could be run");
}

/// The exit code of lab where it couldn't do its work.
const NO_WORK: i32 = 125;
