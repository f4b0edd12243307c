//! The two versions of control groups, and the groups that a process is in.

use std::fs;
use std::path::{Path, PathBuf};

use procfs::process::{MountInfo, Process};
use serde::{Deserialize, Serialize};

/// The version of the control group hierarchy that holds the memory controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Version {
    /// The memory controller has a separate hierarchy.
    V1,
    /// One hierarchy for all controllers.
    V2,
}

/// The controller that bounds and counts memory.
pub(super) const MEMORY: &str = "memory";

impl Version {
    /// The version of a mounted hierarchy; `None` if it can't have the controller.
    pub(super) fn of(mount: &MountInfo, controller: &str) -> Option<Self> {
        let controllers = || fs::read_to_string(mount.mount_point.join("cgroup.controllers"));
        match mount.fs_type.as_str() {
            // Where version 1 has the controller, this hierarchy is there without it.
            "cgroup2" if controllers().is_ok_and(|names| names.contains(controller)) => Some(Version::V2),
            "cgroup" if mount.super_options.contains_key(controller) => Some(Version::V1),
            _ => None,
        }
    }
}

/// The groups that a process is in, as folders of a mounted hierarchy, the innermost first. None if its own isn't
/// below that mount: a place above or next to it isn't one for its children.
pub(super) fn own_groups(process: &Process, mount: &MountInfo, controller: &str) -> Vec<PathBuf> {
    let Some(version) = Version::of(mount, controller) else { return Vec::new() };
    let has_it = |controllers: &[String]| match version {
        Version::V1 => controllers.iter().any(|name| name == controller),
        Version::V2 => controllers.iter().all(String::is_empty),
    };
    let Ok(groups) = process.cgroups() else { return Vec::new() };
    let Some(own) = groups.0.iter().find(|group| has_it(&group.controllers)) else { return Vec::new() };
    // A container mounts a part of the hierarchy; the path begins at the top of the whole.
    let Ok(inside) = Path::new(&own.pathname).strip_prefix(&mount.root) else { return Vec::new() };
    let group = mount.mount_point.join(inside);
    if !group.is_dir() {
        return Vec::new();
    }
    let above = group.ancestors().take_while(|group| group.starts_with(&mount.mount_point));
    above.map(Path::to_owned).collect()
}

/// The group of this process in the hierarchy that version 1 has for a controller; `None` if there is none.
pub(in super::super) fn own_in_version_1(controller: &str) -> Option<PathBuf> {
    let me = Process::myself().ok()?;
    let mounts = me.mountinfo().ok()?;
    let mut mounts = mounts.into_iter().filter(|mount| Version::of(mount, controller) == Some(Version::V1));
    mounts.find_map(|mount| own_groups(&me, &mount, controller).into_iter().next())
}
