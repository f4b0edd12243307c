//! What people call a metric, at an axis or a curve: as in records, names are for programs.

use crate::model::metric::Unit;

/// The metrics that figures show, with their names for people.
const NAMES: &[(&str, &str)] = &[
    ("anon", "anonymous memory"),
    ("cgroup", "control group, all of it"),
    ("cgroup_active_file", "page cache, active"),
    ("cgroup_anon", "anonymous memory, charged"),
    ("cgroup_dirty", "page cache, dirty"),
    ("cgroup_file", "page cache, charged"),
    ("cgroup_huge_pages", "huge pages, charged"),
    ("cgroup_inactive_file", "page cache, inactive"),
    ("cgroup_kernel", "the kernel's, charged"),
    ("cgroup_shmem", "shared memory, charged"),
    ("cgroup_working_set", "working set"),
    ("children_private_dirty", "private dirty of all workers"),
    ("children_pss", "PSS of all workers"),
    ("children_rss", "RSS of all workers"),
    ("children_uss", "USS of all workers"),
    ("cpu", "processor time"),
    ("disk_cached", "files in the page cache"),
    ("disk_free", "free on the disk"),
    ("host_cached", "buff/cache"),
    ("host_free", "free"),
    ("host_used", "used"),
    ("private_dirty", "private dirty of all processes"),
    ("processes", "processes"),
    ("pss", "PSS of all processes"),
    ("root_anon", "parent, anonymous"),
    ("rss", "RSS of all processes"),
    ("shm_files", "files in shared memory"),
    ("tmpfs", "shared memory"),
    ("tmpfs_inodes", "inodes in shared memory"),
    ("uss", "USS of all processes"),
];

/// The name of a metric for people, or its own if it has no other.
pub fn human(metric: &str) -> &str {
    NAMES.iter().find(|(name, _)| *name == metric).map_or(metric, |(_, human)| human)
}

/// What several metrics of a unit are together.
pub(super) fn of_unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Bytes => "memory",
        Unit::Count => "count",
        Unit::Microseconds => "time",
    }
}
