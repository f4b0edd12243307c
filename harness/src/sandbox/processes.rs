//! Which process descends from which, and ending the descendants.

use std::fs::{self, DirEntry};
use std::io;
use std::time::Duration;

use labkit::sys;
use nix::libc::SIGKILL;
use nix::sys::wait::WaitPidFlag;
use procfs::process::Process;

/// The children of a process, of all its threads; none when it is gone. The caller isn't among them: started by a
/// process that it watches, it isn't part of the watched run.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    // Not by procfs, which opens each process and each thread before: a tree may have a thousand.
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    let list = |task: DirEntry| fs::read_to_string(task.path().join("children"));
    let lists: io::Result<String> = tasks.flatten().map(list).collect();
    let mut children: Vec<i32> = match lists {
        Ok(lists) => lists.split_ascii_whitespace().filter_map(|child| child.parse().ok()).collect(),
        // A thread that just ended, or a kernel without CONFIG_PROC_CHILDREN: ask every process.
        Err(_) => children_by_parent(pid),
    };
    let caller = std::process::id().cast_signed();
    children.retain(|child| *child != caller);
    children
}

fn children_by_parent(pid: i32) -> Vec<i32> {
    let Ok(all) = procfs::process::all_processes() else { return Vec::new() };
    let stats = all.flatten().filter_map(|process| process.stat().ok());
    stats.filter(|stat| stat.ppid == pid).map(|stat| stat.pid).collect()
}

/// A process, its parent, and so on up to the first one that can be seen.
pub(super) fn ancestry(pid: i32) -> Vec<i32> {
    let parent = |pid: &i32| Some(Process::new(*pid).ok()?.stat().ok()?.ppid).filter(|parent| *parent > 0);
    std::iter::successors(Some(pid), parent).collect()
}

/// These processes and all that descend from them.
pub(crate) fn descendants(mut found: Vec<i32>) -> Vec<i32> {
    let mut next = 0;
    while next < found.len() {
        found.extend(children(found[next]));
        next += 1;
    }
    found
}

/// Whether a process is a zombie, or not even that.
pub(crate) fn has_ended(pid: i32) -> bool {
    let stat = Process::new(pid).and_then(|process| process.stat());
    stat.map_or(true, |stat| matches!(stat.state, 'Z' | 'X'))
}

/// Kills all that descend from this process, until nobody is left who may be killed.
///
/// None is waited for before: the dead count as processes until then, so that those who fork without end come
/// to the limit of their number.
pub(super) fn kill_children() {
    let kills = |pid: i32| !has_ended(pid) && sys::send_signal(pid, SIGKILL).is_ok();
    let all = || descendants(children(std::process::id().cast_signed()));
    while all().into_iter().filter(|pid| kills(*pid)).count() > 0 {
        // Dying takes a moment.
        std::thread::sleep(Duration::from_millis(1));
    }
    while sys::wait_any(WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG).is_ok_and(|dead| dead.is_some()) {}
}
