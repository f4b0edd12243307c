//! The matrix that keeps itself alive: 300 tasks each build a matrix, and none of them is ever freed.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod broken_self;
mod broken_self_killed;
mod broken_threads;
mod exercise;
mod exercise_budget;
mod fixed;
mod fixed_collect;
mod fixed_threads;
mod fixed_weak;
mod mutant_drop;
mod mutant_weak;
mod policy_bytes;
mod policy_never;
mod policy_objects;
mod policy_own;
mod policy_rss;
mod policy_tasks;
mod setup;
mod solution;
mod solution_budget;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("broken-threads", broken_threads::run),
            ("broken-self", broken_self::run),
            ("broken-self-killed", broken_self_killed::run),
            ("fixed", fixed::run),
            ("fixed-threads", fixed_threads::run),
            ("fixed-weak", fixed_weak::run),
            ("fixed-collect", fixed_collect::run),
            ("policy-never", policy_never::run),
            ("policy-own", policy_own::run),
            ("policy-objects", policy_objects::run),
            ("policy-tasks", policy_tasks::run),
            ("policy-bytes", policy_bytes::run),
            ("policy-rss", policy_rss::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-budget", exercise_budget::run),
            ("solution-budget", solution_budget::run),
            ("mutant-drop", mutant_drop::run),
            ("mutant-weak", mutant_weak::run),
        ],
    )
}
