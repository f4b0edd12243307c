//! Removes everything that a run has made: at its end, or by the next `lab` if its supervisor was killed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::cgroup;
use super::ownership::{Kind, Made, Registry, orphans};

/// Removes what runs have left whose supervisors were killed. Returns what it removed. What can't be
/// removed now is left for a later one, and not waited for.
pub(crate) fn sweep() -> Vec<PathBuf> {
    let mut swept = Vec::new();
    for orphan in orphans() {
        for begun in orphan.made.iter().filter(|made| made.is_begun()) {
            let _ = fs::remove_dir(begun.path());
        }
        let left: Vec<&Made> = orphan.made.iter().rev().filter(|made| made.is_there()).collect();
        let removed = left.iter().filter(|made| removes(made, AT_ONCE)).map(|made| made.path().to_owned());
        let before = swept.len();
        swept.extend(removed);
        if swept.len() - before == left.len() {
            orphan.forget();
        }
    }
    swept
}

/// A process that is killed needs a moment to go.
const AT_ONCE: Duration = Duration::from_millis(100);

/// How long a run's own supervisor waits: a program of many GiB takes its time to die.
const PATIENCE: Duration = Duration::from_secs(10);

/// Removes all that a run has made, at its end.
pub(super) fn clean_up(registry: Registry) {
    let removed = registry.made().map(|made| !made.is_there() || removes(made, PATIENCE));
    // The next lab may have more luck with the rest.
    if removed.fold(true, |all, one| all & one) {
        registry.close();
    }
}

fn removes(made: &Made, patience: Duration) -> bool {
    match &made.kind {
        Kind::Folder => fs::remove_dir_all(made.path()).is_ok(),
        Kind::Group => cgroup::remove(made.path(), patience),
        Kind::Lent(to) => cgroup::give_back(made.path(), to.as_ref(), patience),
        Kind::Leaf => cgroup::leave(made.path(), patience),
    }
}
