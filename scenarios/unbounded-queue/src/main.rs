//! The queue without an end: a producer is faster than its consumer, and what waits between them is memory.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_answers;
mod fixed;
mod fixed_bytes;
mod fixed_limited;
mod fixed_pull;
mod limited;
mod mutant_batch;
mod mutant_drain;
mod setup;
mod solution;
mod solution_answers;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-bytes", fixed_bytes::run),
            ("fixed-pull", fixed_pull::run),
            ("limited", limited::run),
            ("fixed-limited", fixed_limited::run),
            ("mutant-batch", mutant_batch::run),
            ("mutant-drain", mutant_drain::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-answers", exercise_answers::run),
            ("solution-answers", solution_answers::run),
        ],
    )
}
