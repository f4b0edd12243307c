//! Who descends from whom, and the end of those who do.

use labkit::sys;
use nix::errno::Errno;
use nix::libc::SIGKILL;
use nix::sys::wait::WaitPidFlag;
use procfs::process::Process;

/// The children of a process, of all its threads; none when it is gone.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let Ok(tasks) = Process::new(pid).and_then(|process| process.tasks()) else { return Vec::new() };
    let lists: Result<Vec<Vec<u32>>, _> = tasks.flatten().map(|task| task.children()).collect();
    match lists {
        Ok(lists) => lists.into_iter().flatten().map(u32::cast_signed).collect(),
        // A thread that just ended, or a kernel without CONFIG_PROC_CHILDREN: ask every process.
        Err(_) => children_by_parent(pid),
    }
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

/// Kills this process's children, and theirs as they are handed up to it, until there are none.
pub(super) fn kill_children() {
    loop {
        for pid in children(std::process::id().cast_signed()) {
            let _ = sys::send_signal(pid, SIGKILL);
        }
        if sys::wait_any(WaitPidFlag::WEXITED) == Err(Errno::ECHILD) {
            return;
        }
    }
}
