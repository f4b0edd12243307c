//! Every slice is a new file: a pool hands slices of one array to its workers, and memory fills up.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod broken_full;
mod exercise;
mod exercise_growth;
mod fixed;
mod fixed_key;
mod fixed_map;
mod fixed_whole;
mod mutant_per_worker;
mod setup;
mod solution;
mod solution_growth;
mod threads;

fn main() -> std::process::ExitCode {
    labpool::serve(setup::TASKS);
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("broken-full", broken_full::run),
            ("fixed", fixed::run),
            ("fixed-whole", fixed_whole::run),
            ("fixed-map", fixed_map::run),
            ("fixed-key", fixed_key::run),
            ("threads", threads::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-growth", exercise_growth::run),
            ("solution-growth", solution_growth::run),
            ("mutant-per-worker", mutant_per_worker::run),
        ],
    )
}
