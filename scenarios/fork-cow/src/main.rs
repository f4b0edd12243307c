//! Shared until someone writes: forked children read what their parent has made, and copy it.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_lend;
mod fixed;
mod fixed_immortal;
mod fixed_outline;
mod fixed_whole;
mod mutant_sample;
mod setup;
mod solution;
mod solution_lend;
mod spawn;
mod spawn_map;

fn main() -> std::process::ExitCode {
    setup::serve();
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-whole", fixed_whole::run),
            ("fixed-outline", fixed_outline::run),
            ("fixed-immortal", fixed_immortal::run),
            ("spawn", spawn::run),
            ("spawn-map", spawn_map::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-lend", exercise_lend::run),
            ("solution-lend", solution_lend::run),
            ("mutant-sample", mutant_sample::run),
        ],
    )
}
