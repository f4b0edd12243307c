//! The cases of which it's known that `lab` doesn't do them yet.
//!
//! They are reported as ignored, with the reason, and are never counted as right.
//! `cargo test --test fates -- --include-ignored` runs them too.

/// What is open: the name of a trial or the beginning of it, and what is missing.
const OPEN: &[(&str, &str)] = &[];

/// What is missing for a trial; `None` when nothing is.
pub(crate) fn missing(trial: &str) -> Option<&'static str> {
    OPEN.iter().find(|(name, _)| trial.starts_with(name)).map(|&(_, missing)| missing)
}
