//! The memory that is lent: a file is written, dropped from the page cache, mapped, and read twice.
//!
//! The lesson is `diff src/broken.rs src/fixed.rs`; `setup.rs` is the same for all variants.

mod broken;
mod exercise;
mod exercise_resident;
mod fixed;
mod fixed_prefetch;
mod mutant_mapped;
mod pressure_disk;
mod pressure_tmpfs;
mod setup;
mod solution;

fn main() -> std::process::ExitCode {
    labkit::run(
        include_str!("../scenario.toml"),
        &[
            ("broken", broken::run),
            ("fixed", fixed::run),
            ("fixed-prefetch", fixed_prefetch::run),
            ("pressure-disk", pressure_disk::run),
            ("pressure-tmpfs", pressure_tmpfs::run),
            ("exercise", exercise::run),
            ("solution", solution::run),
            ("exercise-resident", exercise_resident::run),
            ("mutant-mapped", mutant_mapped::run),
        ],
    )
}
