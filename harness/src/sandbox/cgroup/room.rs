//! What the groups around this process leave to it.

use std::fs;
use std::path::PathBuf;

use procfs::process::Process;

use super::group::Group;
use super::version::{MEMORY, Version, own_groups};

/// What the groups above this process leave to it, in bytes; `None` if none of them has a limit.
///
/// A container sees all of the host's memory in /proc/meminfo, but may not use it.
pub(crate) fn room() -> Option<u64> {
    let me = Process::myself().ok()?;
    let mut rooms = Vec::new();
    for mount in me.mountinfo().ok()? {
        let Some(version) = Version::of(&mount, MEMORY) else { continue };
        for path in own_groups(&me, &mount, MEMORY) {
            let group = Group { version, path };
            let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
            if let (Some(limit), Some(used)) = (number(group.limit_file()), number(group.usage_file())) {
                rooms.push(limit.saturating_sub(used));
            }
        }
    }
    rooms.into_iter().min()
}
