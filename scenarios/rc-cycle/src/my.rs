//! The program of a learner: the exercises of this chapter, one of them with the learner's file in its place.
//!
//! No other variant is in it, so that all it does is its own.

#[cfg_attr(my = "exercise", path = "../../../my/rc-cycle/exercise.rs")]
mod exercise;
#[cfg_attr(my = "exercise-budget", path = "../../../my/rc-cycle/exercise_budget.rs")]
mod exercise_budget;
#[allow(dead_code, reason = "there is more in it, for the other variants")]
mod setup;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[("exercise", exercise::run), ("exercise-budget", exercise_budget::run)],
    )
}
