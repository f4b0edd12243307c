//! What a run may leave behind: processes, folders in /dev/shm, and control groups.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Every process of a test has this variable, with the folder of that test.
pub(crate) const TOKEN: &str = "LAB_TEST_BUNDLE";

/// The processes that a test in this folder has started, and all that they started.
pub(crate) fn processes(folder: &Path) -> Vec<i32> {
    let token = format!("{TOKEN}={}", folder.display());
    let ours = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|variable| variable == token.as_bytes())
    };
    let all = fs::read_dir("/proc").expect("/proc is mounted").flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(ours).collect()
}

/// The processes of a test when those that are dying have had time to die.
pub(crate) fn processes_at_last(folder: &Path) -> Vec<i32> {
    at_last(|| processes(folder))
}

/// What is left when what is going has had time to go.
pub(crate) fn at_last<T>(left: impl Fn() -> Vec<T>) -> Vec<T> {
    let mut now = left();
    for _ in 0..1000 {
        std::thread::sleep(Duration::from_millis(10));
        // Once isn't enough: a process that is about to run another program has no environment yet.
        let before = std::mem::replace(&mut now, left());
        if before.is_empty() && now.is_empty() {
            break;
        }
    }
    now
}

/// The first child of a process, of whichever of its threads.
pub(crate) fn child(pid: i32) -> Option<i32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    children.collect::<String>().split_whitespace().next()?.parse().ok()
}

/// Ends the processes of a test.
pub(crate) fn end(folder: &Path) {
    for pid in processes(folder) {
        // It may have ended by itself since it was found.
        let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

/// A process, its state, what it waits in, and its command line.
pub(crate) fn described(pid: i32) -> String {
    let read = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let state = read("stat").rsplit(')').next().and_then(|rest| rest.trim().chars().next()).unwrap_or('?');
    let words = read("cmdline").replace('\0', " ");
    format!("process {pid}, state {state}, in {}: {words}", read("wchan"))
}

/// What the registries of a home list and is still there: folders in /dev/shm, and control groups.
pub(crate) fn folders(home: &Path) -> BTreeSet<PathBuf> {
    let registries = fs::read_dir(home.join(".local/state/lab/sandboxes")).into_iter().flatten().flatten();
    let lines = registries.flat_map(|file| {
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let path = |line: String| {
        let made: serde_json::Value = serde_json::from_str(&line).ok()?;
        let bytes = made["path"]["Unix"].as_array()?.iter().map(|byte| byte.as_u64().unwrap_or(0) as u8);
        Some(PathBuf::from(OsString::from_vec(bytes.collect())))
    };
    lines.filter_map(path).filter(|path| path.exists()).collect()
}
