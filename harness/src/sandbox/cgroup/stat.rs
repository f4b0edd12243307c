//! The composition of a control group's memory.

use super::version::Version;

/// The numbers of a `memory.stat`, by their names: of the group and all below it.
#[derive(Debug, Clone)]
pub(crate) struct Stat<'a> {
    pub(crate) version: Version,
    numbers: Vec<(&'a str, u64)>,
}

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
    /// Charged as well, and none of the above: buffers of sockets, huge pages that were set aside. Version 1
    /// doesn't charge them to this group.
    pub(crate) others: u64,
}

impl<'a> Stat<'a> {
    /// Reads the text of a `memory.stat`.
    pub(crate) fn of(version: Version, text: &'a str) -> Self {
        let line = |line: &'a str| {
            let (name, number) = line.split_once(' ')?;
            let name = match version {
                // Without these first letters it's the number of this group alone.
                Version::V1 => name.strip_prefix("total_")?,
                Version::V2 => name,
            };
            Some((name, number.parse().ok()?))
        };
        Stat { version, numbers: text.lines().filter_map(line).collect() }
    }

    /// The number of this name, which version 1 has with `total_` before it.
    pub(crate) fn get(&self, name: &str) -> Option<u64> {
        self.numbers.iter().find(|(other, _)| *other == name).map(|&(_, number)| number)
    }

    /// What the memory is made of.
    pub(crate) fn split(&self) -> Split {
        let field = |name: &str| self.get(name).unwrap_or(0);
        let sum = |names: &[&str]| names.iter().map(|name| field(name)).fold(0, u64::saturating_add);
        let shmem = field("shmem");
        match self.version {
            Version::V1 => Split {
                anon: field("rss"),
                // Version 1 counts tmpfs in "cache" as well; "shmem" tells it apart.
                file: field("cache").saturating_sub(shmem),
                shmem,
                dirty: field("dirty"),
                kernel: 0,
                others: 0,
            },
            Version::V2 => Split {
                anon: field("anon"),
                file: field("file").saturating_sub(shmem),
                shmem,
                dirty: field("file_dirty"),
                // One number since Linux 5.18.
                kernel: self
                    .get("kernel")
                    .unwrap_or_else(|| sum(&["kernel_stack", "pagetables", "percpu", "slab"])),
                others: sum(&["sock", "hugetlb"]),
            },
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
        let split = Split { anon: 100, file: 400, shmem: 300, dirty: 5, ..Split::default() };
        assert_eq!(Stat::of(Version::V1, v1).split(), split);
        let v2 = "anon 100\nfile 700\nkernel 40\nkernel_stack 20\nsock 7\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Stat::of(Version::V2, v2).split(), Split { kernel: 40, others: 7, ..split });
        let old = "anon 100\nfile 700\nkernel_stack 20\nslab 30\nshmem 300\nfile_dirty 5\n";
        assert_eq!(Stat::of(Version::V2, old).split(), Split { kernel: 50, ..split });
    }

    #[test]
    fn a_number_is_found_by_its_whole_name() {
        let stat = Stat::of(Version::V2, "slab_reclaimable 1\nslab 2\nswapcached x\n");
        assert_eq!(
            ["slab", "slab_reclaimable", "sock", "swapcached"].map(|name| stat.get(name)),
            [Some(2), Some(1), None, None]
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "((anon|shmem|file|slab|total_rss|total_cache|total_shmem) [0-9]*\n|.*\n)*") {
            let _ = (Stat::of(Version::V1, &text).split(), Stat::of(Version::V2, &text).split());
        }
    }
}
