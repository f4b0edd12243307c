//! Killed together: shared memory with a name stays when its owner and its tracker die by the same signal.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod broken_full;
mod exercise;
mod exercise_sweep;
mod fixed;
mod fixed_sweep;
mod fixed_unlink;
mod mutant_drop;
mod mutant_parent;
mod setup;
mod solution;
mod solution_sweep;
mod tracker;

fn main() -> std::process::ExitCode {
    setup::serve();
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("broken-full", broken_full::run),
            ("tracker", tracker::run),
            ("fixed", fixed::run),
            ("fixed-unlink", fixed_unlink::run),
            ("fixed-sweep", fixed_sweep::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-sweep", exercise_sweep::run),
            ("solution-sweep", solution_sweep::run),
            ("mutant-drop", mutant_drop::run),
            ("mutant-parent", mutant_parent::run),
        ],
    )
}
