//! The cases that `lab` doesn't do yet, or can't.
//!
//! They are run, and where they come out wrong they are reported as ignored, with the reason.

/// What is open: the name of a trial or the beginning of it, and what is missing.
#[rustfmt::skip]
const OPEN: &[(&str, &str)] = &[
    ("a_hard_limit_of_descriptors_is_the_commands", "`lab` itself needs more than 16 descriptors, and only root may raise that limit"),
    ("a_program_in_the_background_of_a_terminal::confined", "a pid namespace has no number for the terminal's group, so the command takes itself for it"),
];

/// What is missing for a trial; `None` when nothing is.
pub(crate) fn missing(trial: &str) -> Option<&'static str> {
    OPEN.iter().find(|(name, _)| trial.starts_with(name)).map(|&(_, missing)| missing)
}
