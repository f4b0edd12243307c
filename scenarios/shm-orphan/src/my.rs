//! The program of a learner: the exercises of this chapter, one of them with the learner's file in its place.
//!
//! No other variant is in it, so that all it does is its own.

#[cfg_attr(my = "exercise", path = "../../../my/shm-orphan/exercise.rs")]
mod exercise;
#[cfg_attr(my = "exercise-sweep", path = "../../../my/shm-orphan/exercise_sweep.rs")]
mod exercise_sweep;
#[allow(dead_code, reason = "there is more in it, for the other variants")]
mod setup;

fn main() -> std::process::ExitCode {
    setup::serve();
    labkit::run(
        include_str!("../scenario.toml"),
        &[("exercise", exercise::run), ("exercise-sweep", exercise_sweep::run)],
    )
}
