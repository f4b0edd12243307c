//! Control groups that somebody else has made, such as a container's around the run: what its limit does is
//! said, what happens to others in it is not said of the run, and neither is what moves out of the run's own.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lab::model::outcome::{Killer, Outcome};
use lab::model::record::Record;
use libtest_mimic::Trial;

use crate::bundle::Bundle;
use crate::common::{Said, said};
use crate::trials_where_possible;

pub(crate) fn trials() -> Vec<Trial> {
    trials_where_possible![
        a_limit_around_the_run_that_is_in_the_way_is_named,
        a_process_without_a_group_of_its_own_is_killed_by_that_of_others,
        a_neighbour_that_is_killed_is_not_the_run,
        a_process_that_moves_to_another_group_is_said_to_be_missing,
        a_user_in_a_group_of_the_administrators_sees_its_limit_and_what_happens_at_it,
        a_user_whose_program_is_killed_by_that_group_is_told,
    ]
}

const LIMIT: &str = "64M";

/// Reads more than the limit into one buffer.
const HOG: &str = "exec dd if=/dev/zero of=/dev/null bs=200M count=1 2> /dev/null";

/// A group with a limit below the one of this program. It goes with the test.
struct Group(PathBuf);

impl Group {
    fn new() -> Result<Self, String> {
        let groups = fs::read_to_string("/proc/self/cgroup").map_err(|error| error.to_string())?;
        let own = groups.lines().find_map(|line| line.split_once(":memory:")).map(|(_, own)| own);
        let own = own.ok_or("there is no control group of version 1 for memory")?;
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("around-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let group = PathBuf::from(format!("/sys/fs/cgroup/memory{own}/{name}"));
        fs::create_dir(&group).map_err(|error| format!("{}: {error}", group.display()))?;
        fs::write(group.join("memory.limit_in_bytes"), LIMIT).expect("a new group can be limited");
        Ok(Group(group))
    }

    /// What starts a command in the group.
    fn inside(&self) -> [String; 5] {
        let script = "echo $$ > \"$0/cgroup.procs\"; exec \"$@\"";
        ["sh", "-c", script, self.0.to_str().expect("a path of plain letters"), ""].map(str::to_owned)
    }

    fn start(&self, script: &str) -> Child {
        let [shell, option, inside, group, _] = self.inside();
        Command::new(shell)
            .args([&option, &inside, &group, "sh", "-c", script])
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its last process may not be gone quite yet.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn a_limit_around_the_run_that_is_in_the_way_is_named() -> Option<String> {
    let group = match Group::new() {
        Ok(group) => group,
        Err(why) => return Some(why),
    };
    let bundle = Bundle::new();
    let inside = group.inside();
    let before: Vec<&str> = inside[..4].iter().map(String::as_str).collect();
    let Said { code, stderr: said, .. } = said(bundle.command(&before, &["record", "--", "sh", "-c", HOG]));
    assert_eq!(code, Some(137), "{said}");
    let limit = format!("64 MiB in {}, reached", group.0.display());
    assert!(said.contains("OOM killer (SIGKILL)") && unbroken(&said).contains(&unbroken(&limit)), "{said}");
    bundle.leaves_nothing();
    None
}

fn a_process_that_moves_to_another_group_is_said_to_be_missing() -> Option<String> {
    let group = match Group::new() {
        Ok(group) => group,
        Err(why) => return Some(why),
    };
    let bundle = Bundle::new();
    let procs = group.0.join("cgroup.procs");
    let script = format!("sleep 0.3 & (echo $$ > {} && sleep 0.5); true", procs.display());
    let Said { code, stderr: said, .. } = said(bundle.command(&[], &["record", "--", "sh", "-c", &script]));
    assert_eq!(code, Some(0), "{said}");
    let moved = format!("in {}; the group's total is without their memory", group.0.display());
    assert!(unbroken(&said).contains(&unbroken(&moved)), "{said}");
    bundle.leaves_nothing();
    None
}

/// A kill that the program survives, in a group that an ordinary user may only read.
fn a_user_in_a_group_of_the_administrators_sees_its_limit_and_what_happens_at_it() -> Option<String> {
    let (record, group) = match as_user(&format!("sleep 0.3; ({HOG}); sleep 0.3; true")) {
        Ok(seen) => seen,
        Err(why) => return Some(why),
    };
    assert_eq!(record.outcome(), Outcome::Exited(0));
    let enclosing = record.header.enclosing.as_ref().expect("a group with a limit");
    assert_eq!((&enclosing.path, enclosing.limit), (&group.0.display().to_string(), 64 << 20));
    assert!(enclosing.current < enclosing.limit);
    let series = |metric| record.series(metric).unwrap_or_else(|| panic!("there is no {metric}"));
    let kills = series("enclosing_oom_kills");
    let first = kills.v.iter().position(|&count| count > 0).expect("a kill");
    assert_eq!((kills.v[0], kills.v.last()), (0, Some(&1)));
    assert!(kills.t[first] >= 300_000, "{} us", kills.t[first]);
    assert_eq!(series("enclosing_max").v[0], 0);
    assert!(series("enclosing_max").at(kills.t[first]) > Some(0));
    assert!(record.peak("enclosing_cgroup") > Some(60 << 20));
    // It's the same group, so that nothing is said twice.
    assert!(record.series("shared_cgroup").is_none());
    None
}

fn a_user_whose_program_is_killed_by_that_group_is_told() -> Option<String> {
    let (record, group) = match as_user(HOG) {
        Ok(seen) => seen,
        Err(why) => return Some(why),
    };
    assert_eq!(record.outcome(), Outcome::Killed { signal: 9, by: Killer::Oom });
    let kills = record.series("enclosing_oom_kills").expect("a count");
    assert_eq!(kills.v.last(), Some(&1), "the last moment belongs to the record as well");
    let said = format!("{:?}", record.trailer.expect("an end").evidence);
    assert!(said.contains(&format!("64 MiB in {}, reached", group.0.display())), "{said}");
    None
}

/// The record of a script that an ordinary user runs in a group with a limit, and the group.
fn as_user(script: &str) -> Result<(Record, Group), String> {
    let group = Group::new()?;
    let bundle = Bundle::new();
    let user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let entries = fs::read_dir(bundle.path()).expect("a folder of our own").flatten();
    for path in entries.map(|entry| entry.path()).chain([bundle.path().to_owned()]) {
        let _ = chown(&path, Some(65534), Some(65534));
    }
    let inside = group.inside();
    let before: Vec<&str> = inside[..4].iter().map(String::as_str).chain(user).collect();
    let words = ["record", "-q", "-o", "record.jsonl", "--", "sh", "-c", script];
    let Said { stderr: said, .. } = said(bundle.command(&before, &words));
    match Record::read(&bundle.path().join("record.jsonl")) {
        Ok(record) => Ok((record, group)),
        Err(_) => Err(format!("nobody can become an ordinary user: {}", said.trim())),
    }
}

/// A text without the places at which it is broken into lines.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect()
}

fn a_process_without_a_group_of_its_own_is_killed_by_that_of_others() -> Option<String> {
    let (record, said) = match attached(HOG, "exec sleep 600") {
        Ok(seen) => seen,
        Err(why) => return Some(why),
    };
    match record {
        Outcome::Gone => Some("the kernel doesn't say here how a process ended".into()),
        outcome => {
            assert_eq!(outcome, Outcome::Killed { signal: 9, by: Killer::Oom }, "{said}");
            None
        }
    }
}

fn a_neighbour_that_is_killed_is_not_the_run() -> Option<String> {
    let (outcome, said) = match attached("exec sleep 1", HOG) {
        Ok(seen) => seen,
        Err(why) => return Some(why),
    };
    assert!(matches!(outcome, Outcome::Exited(0) | Outcome::Gone), "{outcome:?}: {said}");
    assert!(unbroken(&said).contains(&unbroken("1, of this run or of others in the group")), "{said}");
    assert!(!said.contains("at least one of its processes"), "{said}");
    None
}

/// What a record says of a process that has a neighbour in its group, both of which go on when it's attached to.
fn attached(script: &str, neighbours: &str) -> Result<(Outcome, String), String> {
    let group = Group::new()?;
    let bundle = Bundle::new();
    let go = bundle.path().join("go");
    let after = |script: &str| format!("while [ ! -e {} ]; do sleep 0.01; done; {script}", go.display());
    let mut children = [script, neighbours].map(|script| group.start(&after(script)));
    let pid = children[0].id().to_string();
    let lab = bundle
        .command(&[], &["record", "--attach", &pid, "-o", "record.jsonl"])
        .stderr(Stdio::piped())
        .spawn();
    let mut lab = lab.expect("lab can be started");
    let is_over = |lab: &mut Child| lab.try_wait().expect("a child of this process").is_some();
    while !is_over(&mut lab)
        && fs::metadata(bundle.path().join("record.jsonl.part")).map_or(0, |part| part.len()) == 0
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::write(&go, "").expect("room for a file");
    children[0].wait().expect("a child of this process");
    let output = lab.wait_with_output().expect("lab ends with what it watches");
    // The neighbour may have been killed already.
    let _ = children[1].kill();
    children[1].wait().expect("a child of this process");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let record = Record::read(&bundle.path().join("record.jsonl"));
    Ok((record.unwrap_or_else(|error| panic!("{error}: {said}")).outcome(), said))
}
