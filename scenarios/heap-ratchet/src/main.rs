//! The heap that stays at its peak: small blocks that live on sit between large ones that are freed.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod arenas;
mod broken;
mod exercise;
mod exercise_last;
mod fixed;
mod fixed_flat;
mod fixed_mapped;
mod fixed_trim;
mod mutant_dynamic;
mod mutant_early;
mod mutant_grows;
mod mutant_last;
mod one_arena;
mod setup;
mod solution;
mod solution_last;
mod threads;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-flat", fixed_flat::run),
            ("fixed-trim", fixed_trim::run),
            ("fixed-mapped", fixed_mapped::run),
            ("threads", threads::run),
            ("arenas", arenas::run),
            ("one-arena", one_arena::run),
            ("mutant-grows", mutant_grows::run),
            ("mutant-last", mutant_last::run),
            ("mutant-early", mutant_early::run),
            ("mutant-dynamic", mutant_dynamic::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-last", exercise_last::run),
            ("solution-last", solution_last::run),
        ],
    )
}
