//! The definition of a metric. Each source of the recorder declares its own.

/// One thing that is measured over time.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in records and in scenario.toml.
    pub name: &'static str,
    /// What its values count.
    pub unit: Unit,
    /// What it is, in one line.
    pub meaning: &'static str,
}

/// What the values of a metric count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of memory; people read them as MiB.
    Bytes,
    /// Things.
    Count,
    /// Time, in microseconds; people read it as seconds.
    Microseconds,
}

impl Unit {
    /// What several metrics of it are together.
    pub fn of_several(self) -> &'static str {
        match self {
            Unit::Bytes => "memory",
            Unit::Count => "count",
            Unit::Microseconds => "time",
        }
    }
}

impl Metric {
    /// A metric in bytes.
    pub(crate) const fn bytes(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Bytes, meaning }
    }

    /// A metric that counts things.
    pub(crate) const fn count(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Count, meaning }
    }

    /// A time in microseconds.
    pub(crate) const fn time(name: &'static str, meaning: &'static str) -> Self {
        Metric { name, unit: Unit::Microseconds, meaning }
    }
}

/// The metrics that pictures show, with their names for people.
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
    ("root_anon", "the parent's anonymous memory"),
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
