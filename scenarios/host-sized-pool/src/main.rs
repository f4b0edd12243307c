//! A worker for every core: a pool takes its size from the host, and its memory from a container.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_measured;
mod fixed;
mod fixed_permits;
mod fixed_shared;
mod mutant_alone;
mod mutant_available;
mod mutant_quota;
mod mutant_top;
mod setup;
mod solution;
mod solution_measured;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-shared", fixed_shared::run),
            ("fixed-permits", fixed_permits::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-measured", exercise_measured::run),
            ("solution-measured", solution_measured::run),
            ("mutant-quota", mutant_quota::run),
            ("mutant-available", mutant_available::run),
            ("mutant-alone", mutant_alone::run),
            ("mutant-top", mutant_top::run),
        ],
    )
}
