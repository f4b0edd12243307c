//! What the memory of a control group is made of.

use super::version::Version;

/// What the memory of a group is made of, in bytes, as `memory.stat` splits it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Split {
    /// Anonymous memory.
    pub(crate) anon: u64,
    /// Page cache of files, less shared memory.
    pub(crate) file: u64,
    /// Shared memory: tmpfs, memfd, System V and shared anonymous maps.
    pub(crate) shmem: u64,
    /// Of the page cache, what waits to be written.
    pub(crate) dirty: u64,
    /// The kernel's own: page tables, stacks, slabs. Version 1 has it elsewhere, and 0 here.
    pub(crate) kernel: u64,
}

impl Split {
    /// Reads the text of a `memory.stat`.
    pub(crate) fn of(version: Version, text: &str) -> Self {
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|number| number.parse::<u64>().ok())
        };
        let sum = |names: &[&str]| names.iter().filter_map(|name| field(name)).fold(0, u64::saturating_add);
        match version {
            Version::V1 => {
                let shmem = field("total_shmem").unwrap_or(0);
                Split {
                    anon: field("total_rss").unwrap_or(0),
                    // Version 1 counts tmpfs in "cache" as well; "shmem" tells it apart.
                    file: field("total_cache").unwrap_or(0).saturating_sub(shmem),
                    shmem,
                    dirty: field("total_dirty").unwrap_or(0),
                    kernel: 0,
                }
            }
            Version::V2 => {
                let shmem = field("shmem").unwrap_or(0);
                let parts = ["kernel_stack", "pagetables", "percpu", "sock", "slab"];
                Split {
                    anon: field("anon").unwrap_or(0),
                    file: field("file").unwrap_or(0).saturating_sub(shmem),
                    shmem,
                    dirty: field("file_dirty").unwrap_or(0),
                    // One number since Linux 5.18.
                    kernel: field("kernel").unwrap_or_else(|| sum(&parts)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_versions_split_the_same_memory_alike() {
        let v1 = "cache 9\ntotal_cache 700\ntotal_rss 100\ntotal_shmem 300\ntotal_dirty 5\n";
        let split = Split { anon: 100, file: 400, shmem: 300, dirty: 5, kernel: 0 };
        assert_eq!(Split::of(Version::V1, v1), split);
        let v2 = "anon 100\nfile 700\nkernel 40\nkernel_stack 20\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Split::of(Version::V2, v2), Split { kernel: 40, ..split });
        let old = "anon 100\nfile 700\nkernel_stack 20\nslab 30\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Split::of(Version::V2, old), Split { kernel: 50, ..split });
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "((anon|shmem|file|slab|total_rss|total_cache|total_shmem) [0-9]*\n|.*\n)*") {
            let _ = (Split::of(Version::V1, &text), Split::of(Version::V2, &text));
        }
    }
}
