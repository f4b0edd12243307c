//! The diagnosis: from a record to the name of a failure, with its reasons.
//!
//! ```text
//! record ─▶ view (facts, computed once) ─▶ the rules of each mode ─▶ verdict: one name, several, none, or too little
//! ```
//!
//! It reads the record alone. Each rule has three answers: it was seen, it was checked and isn't so, or it couldn't
//! be checked. A mode is named only if all its rules were seen, so a record that shows less can only lead to a weaker
//! answer. A wrong name costs more than none.
//!
//! A mode is a file in `modes`, and its name in the list below.

mod mode;
mod modes;
mod rule;
mod trial;
mod verdict;
mod view;

pub use mode::{Mode, Status};
pub use rule::{Answer, Bound, Quantity, Rule, Unit};
pub use trial::{Change, Found, memory};
pub use verdict::{Diagnosis, Judged, Verdict, diagnose};
pub(crate) use view::command_line;

/// The version of the format in which programs get a diagnosis.
pub const SCHEMA: u32 = 1;

/// Makes the list of all modes.
macro_rules! modes {
    ($($name:ident),* $(,)?) => {
        /// Every failure mode, those that are recognised more easily first.
        pub static MODES: &[&Mode] = &[$(&modes::$name::MODE),*];
    };
}

modes![
    shm_full,
    shm_leftover,
    shm_per_task,
    memfd_held,
    dead_worker,
    fork_lock,
    fork_copy,
    per_task_copy,
    address_space,
    kernel_memory,
    throttled,
    swap_thrash,
    late_collection,
    anon_growth,
    huge_page_bloat,
    thread_arenas,
    allocator_retention,
    too_many_workers,
    limit_too_small,
    page_cache,
    mapped_file,
];

#[cfg(test)]
mod tests;
