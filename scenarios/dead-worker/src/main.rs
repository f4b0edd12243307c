//! The answer that never comes: a worker is killed, and its pool waits for answers alone.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_poison;
mod fixed;
mod fixed_eof;
mod fixed_retry;
mod mutant_inherited;
mod mutant_refill;
mod mutant_silent;
mod setup;
mod solution;
mod solution_poison;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-eof", fixed_eof::run),
            ("fixed-retry", fixed_retry::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-poison", exercise_poison::run),
            ("solution-poison", solution_poison::run),
            ("mutant-inherited", mutant_inherited::run),
            ("mutant-refill", mutant_refill::run),
            ("mutant-silent", mutant_silent::run),
        ],
    )
}
