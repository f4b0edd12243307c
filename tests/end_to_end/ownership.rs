//! `lab` removes what its own runs have left, and nothing else, whatever its name.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use libtest_mimic::Trial;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bundle::Bundle;
use crate::common::{NO_NAMESPACES, leftovers, said};
use crate::{trials, trials_where_possible};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = trials![a_folder_that_is_named_like_one_of_a_run_is_left_alone];
    trials.extend(trials_where_possible![
        a_run_in_another_pid_namespace_is_left_alone,
        without_namespaces_a_command_dies_with_all_that_watch_it,
        a_group_that_the_command_makes_below_its_own_goes_with_it,
    ]);
    trials
}

fn a_folder_that_is_named_like_one_of_a_run_is_left_alone() {
    let bundle = Bundle::new();
    // No process has this number.
    let names = ["lab-4194999", "lab-0123456789abcdef"];
    let folders = names.map(|name| PathBuf::from("/dev/shm").join(format!("{name}{}", std::process::id())));
    for folder in &folders {
        fs::create_dir_all(folder).expect("a folder in /dev/shm");
        fs::write(folder.join("data"), "mine").expect("a file in it");
    }
    assert_eq!(bundle.lab(&["record", "-q", "--memory", "64M", "--", "true"]).code, Some(0));
    let left = folders.each_ref().map(|folder| fs::read_to_string(folder.join("data")).ok());
    for folder in &folders {
        let _ = fs::remove_dir_all(folder);
    }
    assert_eq!(left, [Some("mine".to_owned()), Some("mine".to_owned())]);
}

fn a_run_in_another_pid_namespace_is_left_alone() -> Option<String> {
    let bundle = Bundle::new();
    let script = "
        \"$@\" sh -c 'touch first; while [ ! -e second ]; do sleep 0.01; done; exit 5' & first=$!
        while [ ! -e first ]; do sleep 0.01; done
        unshare --pid --fork --mount-proc \"$@\" touch second || exit 99
        wait $first";
    let namespaces = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"];
    let said = said(bundle.command(&namespaces, &["record", "-q", "--memory", "64M", "--"]));
    if said.stderr.contains("unshare failed") {
        return Some(said.stderr);
    }
    assert_eq!(said.code, Some(5), "{said:?}");
    bundle.leaves_nothing();
    None
}

fn without_namespaces_a_command_dies_with_all_that_watch_it() -> Option<String> {
    let bundle = Bundle::new();
    let refused = said(bundle.command(&[NO_NAMESPACES, &["true"]].concat(), &[]));
    if refused.code != Some(0) {
        return Some(refused.stderr);
    }
    let script = "touch started; exec sleep 600";
    let args = ["record", "--quiet", "--timeout", "60s", "--", "sh", "-c", script];
    let mut command = bundle.command(NO_NAMESPACES, &args);
    let mut outer = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it can be started");
    while !bundle.path().join("started").exists() {
        assert!(outer.try_wait().expect("it is ours").is_none(), "the run ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    let below = |pid: &i32| leftovers::child(*pid);
    let watchers = std::iter::successors(below(&outer.id().cast_signed()), below).take(3);
    let watchers: Vec<Pid> = watchers.map(Pid::from_raw).collect();
    // None of lab, supervisor and init may see the end of another.
    watchers.iter().for_each(|&pid| kill(pid, Signal::SIGSTOP).expect("it is ours"));
    for &pid in &watchers {
        // The kernel may have ended it with the one before it.
        let _ = kill(pid, Signal::SIGKILL);
    }
    outer.wait().expect("it is a child of this process");
    let left = leftovers::processes_at_last(bundle.path());
    assert!(left.is_empty(), "{:?}", left.into_iter().map(leftovers::described).collect::<Vec<_>>());
    // A folder or a group goes with the next start.
    bundle.lab(&["record", "--quiet", "--", "true"]);
    bundle.leaves_nothing();
    None
}

fn a_group_that_the_command_makes_below_its_own_goes_with_it() -> Option<String> {
    let bundle = Bundle::new();
    let script = "
        group=$(grep memory /proc/mounts | grep ' cgroup ' | cut -d' ' -f2 | head -1)
        [ -n \"$group\" ] || exit 77
        own=$group$(grep :memory: /proc/self/cgroup | cut -d: -f3)
        mkdir -p \"$own/below/deep\" 2> /dev/null || exit 77
        echo \"$own\"";
    let said = bundle.lab(&["record", "-q", "--memory", "64M", "--", "sh", "-c", script]);
    if said.code == Some(77) {
        return Some("no control group of version 1 can be made here".into());
    }
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!PathBuf::from(said.stdout.trim()).exists(), "{said:?}");
    bundle.leaves_nothing();
    None
}
