//! The cache that counts: tasks read the same file one after the other, and the working set of their group grows by it.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_alarm;
mod fixed;
mod fixed_once;
mod fixed_sequential;
mod mutant_mapped;
mod mutant_unmapped;
mod pressure;
mod setup;
mod solution;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-sequential", fixed_sequential::run),
            ("fixed-once", fixed_once::run),
            ("pressure", pressure::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-alarm", exercise_alarm::run),
            ("mutant-mapped", mutant_mapped::run),
            ("mutant-unmapped", mutant_unmapped::run),
        ],
    )
}
