//! The memory of a side, looked at from outside while it works, by the same measure on both sides.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use procfs::process::Process;

/// How long to wait between two looks. What comes and goes in between is not seen.
const EVERY: Duration = Duration::from_millis(2);

/// Does `work`, and gives the most memory that a process and its descendants had meanwhile, in bytes:
/// the sum of PSS (proc_pid_smaps(5)), without the files in shared memory that they map. Those are
/// the array once more, and the same on both sides.
pub(crate) fn peak<T>(root: i32, work: impl FnOnce() -> T) -> (u64, T) {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let looks = scope.spawn(|| {
            let mut peak = 0;
            while !over.load(Ordering::Relaxed) {
                peak = peak.max(tree(root).into_iter().map(own).sum());
                thread::sleep(EVERY);
            }
            peak
        });
        let result = work();
        over.store(true, Ordering::Relaxed);
        (looks.join().expect("looking can't panic"), result)
    })
}

/// The process and its descendants, each as far as it still lives.
fn tree(root: i32) -> Vec<Process> {
    let mut found: Vec<Process> = Process::new(root).into_iter().collect();
    let mut next = 0;
    while next < found.len() {
        let threads = found[next].tasks().into_iter().flatten().flatten();
        let children: Vec<u32> = threads.filter_map(|thread| thread.children().ok()).flatten().collect();
        found.extend(children.into_iter().filter_map(|pid| Process::new(pid.cast_signed()).ok()));
        next += 1;
    }
    found
}

/// PSS without what is mapped of shared memory, in bytes; nothing for a process that has just ended.
fn own(process: Process) -> u64 {
    let rollup = process.smaps_rollup().ok();
    let maps = rollup.iter().flat_map(|rollup| &rollup.memory_map_rollup.0);
    maps.map(|map| {
        let field = |name: &str| map.extension.map.get(name).copied().unwrap_or(0);
        field("Pss").saturating_sub(field("Pss_Shmem"))
    })
    .sum()
}
