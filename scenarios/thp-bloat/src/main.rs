//! A page for a byte: each of many connections has a huge page, and uses a five-hundredth of it.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod broken_freed;
mod exercise;
mod exercise_rounds;
mod fixed;
mod fixed_packed;
mod fixed_process;
mod mutant_late;
mod mutant_shifted;
mod setup;
mod solution;
mod solution_rounds;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-packed", fixed_packed::run),
            ("fixed-process", fixed_process::run),
            ("broken-freed", broken_freed::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-rounds", exercise_rounds::run),
            ("solution-rounds", solution_rounds::run),
            ("mutant-late", mutant_late::run),
            ("mutant-shifted", mutant_shifted::run),
        ],
    )
}
