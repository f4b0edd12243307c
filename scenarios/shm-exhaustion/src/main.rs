//! A full disk that is not a disk: a pool writes more into shared memory than has room there.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod broken_inodes;
mod broken_store;
mod exercise;
mod exercise_rounds;
mod fixed;
mod fixed_inodes;
mod fixed_reserve;
mod fixed_spill;
mod mutant_links;
mod mutant_once;
mod setup;
mod solution;
mod solution_rounds;

fn main() -> std::process::ExitCode {
    labpool::serve(setup::TASKS);
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("broken-store", broken_store::run),
            ("broken-inodes", broken_inodes::run),
            ("fixed", fixed::run),
            ("fixed-spill", fixed_spill::run),
            ("fixed-reserve", fixed_reserve::run),
            ("fixed-inodes", fixed_inodes::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-rounds", exercise_rounds::run),
            ("solution-rounds", solution_rounds::run),
            ("mutant-once", mutant_once::run),
            ("mutant-links", mutant_links::run),
        ],
    )
}
