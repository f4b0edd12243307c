//! The metrics that a recorder reads and a scenario may name.

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

/// Every metric, the ones of the whole run first.
pub const METRICS: &[Metric] = &[
    bytes("tmpfs", "bytes used in the run's folder of shared memory"),
    count("shm_files", "files in the run's folder of shared memory"),
    bytes("cgroup", "all memory charged to the run's control group"),
    bytes("cgroup_anon", "anonymous memory charged to the run's control group"),
    bytes("cgroup_file", "page cache charged to the run's control group"),
    bytes("cgroup_shmem", "shared memory charged to the run's control group"),
    bytes("cgroup_dirty", "page cache charged to the run's control group that waits to be written"),
    bytes("cgroup_kernel", "memory of the kernel charged to the run's control group: page tables, stacks"),
    bytes("held", "files that live in memory and that processes hold open: each once, mapped or not"),
    bytes("unattributed", "memory charged to the run's control group that nobody is known to use"),
    count("processes", "processes of the run"),
    bytes("rss", "resident memory, summed over the processes: a shared page counts once for each"),
    bytes("anon", "anonymous memory, summed over the processes"),
    bytes("file", "resident pages of files, summed over the processes"),
    bytes("shmem", "resident pages of shared memory, summed over the processes"),
    bytes("root_anon", "anonymous memory of the first process"),
    bytes("pss", "memory with each shared page split among its sharers, summed"),
    bytes("uss", "resident memory that no other process shares, summed over the processes"),
    bytes("private_dirty", "pages that a process has written and shares with no other, summed"),
    bytes("children_rss", "resident memory of all processes but the first, summed"),
    bytes("children_pss", "the same with each shared page split among those who share it"),
    bytes("children_uss", "the same without shared pages"),
    bytes("children_private_dirty", "the same without shared pages and pages that were only read"),
    count("minor_faults", "page faults that needed no disk, of all processes"),
    count("major_faults", "page faults that waited for the disk, of all processes"),
    count("children_minor_faults", "page faults that needed no disk, of all processes but the first"),
    Metric {
        name: "cpu",
        unit: Unit::Microseconds,
        meaning: "processor time of the processes that live, summed: other programs do not add to it",
    },
    bytes("disk_read", "bytes read from disks, summed over the processes"),
    bytes("disk_written", "bytes written to disks, summed over the processes"),
    Metric {
        name: "pressure",
        unit: Unit::Microseconds,
        meaning: "time in which at least one program waited for memory",
    },
    bytes("disk_cached", "pages of the run's files on the disk that are in the page cache"),
    bytes("disk_free", "free bytes on the disk of the run's files"),
    bytes("host_available", "memory of the machine that is available to new programs"),
];

/// The metric of this name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

const fn bytes(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, unit: Unit::Bytes, meaning }
}

const fn count(name: &'static str, meaning: &'static str) -> Metric {
    Metric { name, unit: Unit::Count, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_by_its_name_and_no_two_share_one() {
        for (place, metric) in METRICS.iter().enumerate() {
            assert_eq!(METRICS.iter().position(|other| other.name == metric.name), Some(place));
            assert_eq!(find(metric.name), Some(metric));
        }
    }
}
