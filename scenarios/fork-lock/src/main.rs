//! The pool is full of sharks: a child is forked while another thread holds a lock.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_late;
mod fixed;
mod fixed_atfork;
mod fixed_server;
mod fixed_spawn;
mod mutant_look;
mod mutant_try;
mod setup;
mod solution;
mod solution_late;

fn main() -> std::process::ExitCode {
    setup::serve();
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-spawn", fixed_spawn::run),
            ("fixed-server", fixed_server::run),
            ("fixed-atfork", fixed_atfork::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-late", exercise_late::run),
            ("solution-late", solution_late::run),
            ("mutant-look", mutant_look::run),
            ("mutant-try", mutant_try::run),
        ],
    )
}
