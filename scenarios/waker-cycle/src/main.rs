//! The task that waits for itself: its future owns the slot for an answer, and the slot owns its waker.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_board;
mod fixed;
mod fixed_clear;
mod fixed_owner;
mod fixed_tokio;
mod fixed_weak;
mod mutant_drop;
mod mutant_wake;
mod mutant_weak;
mod setup;
mod solution;
mod solution_board;
mod tokio_detached;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-clear", fixed_clear::run),
            ("fixed-weak", fixed_weak::run),
            ("fixed-owner", fixed_owner::run),
            ("tokio-detached", tokio_detached::run),
            ("fixed-tokio", fixed_tokio::run),
            ("mutant-drop", mutant_drop::run),
            ("mutant-wake", mutant_wake::run),
            ("mutant-weak", mutant_weak::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-board", exercise_board::run),
            ("solution-board", solution_board::run),
        ],
    )
}
