//! Every mode, a file each. A new one is a file, its name here, and its name in the list of all modes. Rules that several
//! have are in [`shared`].

pub(super) mod address_space;
pub(super) mod allocator_retention;
pub(super) mod anon_growth;
pub(super) mod dead_worker;
pub(super) mod fork_copy;
pub(super) mod fork_lock;
pub(super) mod huge_page_bloat;
pub(super) mod kernel_memory;
pub(super) mod late_collection;
pub(super) mod limit_too_small;
pub(super) mod mapped_file;
pub(super) mod memfd_held;
pub(super) mod page_cache;
pub(super) mod per_task_copy;
pub(super) mod shared;
pub(super) mod shm_full;
pub(super) mod shm_leftover;
pub(super) mod shm_per_task;
pub(super) mod swap_thrash;
pub(super) mod thread_arenas;
pub(super) mod throttled;
pub(super) mod too_many_workers;
