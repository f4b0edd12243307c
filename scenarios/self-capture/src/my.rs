//! The program of a learner: the exercises of this chapter, one of them with the learner's file in its place.
//!
//! No other variant is in it, so that all it does is its own.

#[cfg_attr(my = "exercise", path = "../../../my/self-capture/exercise.rs")]
mod exercise;
#[cfg_attr(my = "exercise-pinned", path = "../../../my/self-capture/exercise_pinned.rs")]
mod exercise_pinned;
#[allow(dead_code, reason = "there is more in it, for the other variants")]
mod setup;

use labpool::Entry;

/// What the workers can do.
const TASKS: &[Entry] = &[
    Entry::of::<setup::ByShop>(),
    Entry::of::<setup::ByArrayShop>(),
    Entry::of::<setup::BySharedShop>(),
    Entry::of::<setup::ByBill>(),
    Entry::of::<setup::OpenShop>(),
    Entry::of::<setup::ByOwnShop>(),
    Entry::of::<exercise::ByQuote>(),
];

fn main() -> std::process::ExitCode {
    labpool::serve(TASKS);
    labkit::run(
        include_str!("../scenario.toml"),
        &[("exercise", exercise::run), ("exercise-pinned", exercise_pinned::run)],
    )
}
