//! The instance that travels with its method: a job that holds `self` is serialised whole, for every task.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_pinned;
mod fixed;
mod fixed_array;
mod fixed_init;
mod mutant_arc;
mod setup;
mod solution;
mod solution_pinned;
mod threads_arc;
mod threads_clone;

use labpool::Entry;

/// What the workers can do.
const TASKS: &[Entry] = &[
    Entry::of::<setup::ByShop>(),
    Entry::of::<setup::ByArrayShop>(),
    Entry::of::<setup::BySharedShop>(),
    Entry::of::<setup::ByBill>(),
    Entry::of::<setup::OpenShop>(),
    Entry::of::<setup::ByOwnShop>(),
    Entry::of::<exercise::ByQuote>(),
    Entry::of::<solution::ByQuote>(),
];

fn main() -> std::process::ExitCode {
    labpool::serve(TASKS);
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-array", fixed_array::run),
            ("fixed-init", fixed_init::run),
            ("threads-clone", threads_clone::run),
            ("threads-arc", threads_arc::run),
            ("mutant-arc", mutant_arc::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-pinned", exercise_pinned::run),
            ("solution-pinned", solution_pinned::run),
        ],
    )
}
