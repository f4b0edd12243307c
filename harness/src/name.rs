//! The program as a user knows it: its name, and its exit codes.

use std::path::{Path, PathBuf};

/// The name that this program was called by, if it's one of its two; else the one that it's built for.
pub(crate) fn program() -> &'static str {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    known(&called)
}

fn known(called: &Path) -> &'static str {
    NAMES.into_iter().find(|name| called.file_name().is_some_and(|called| called == *name)).unwrap_or(OWN)
}

const NAMES: [&str; 2] = ["lab", "whyoom"];

const OWN: &str = if cfg!(feature = "workbook") { "lab" } else { "whyoom" };

/// A text in which `{lab}` stands for the name of this program, with the name.
pub(crate) fn filled(text: &str) -> String {
    text.replace("{lab}", program())
}

/// A command of this program as the user can type it here: it may be in no folder of PATH.
pub(crate) fn command(words: &str) -> String {
    let called = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    format!("{} {words}", short(&called).display())
}

/// A path as short as it can be from the working directory.
pub(crate) fn short(path: &Path) -> &Path {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path)
}

/// The exit code if this program can't do its work, or is used wrongly.
pub(crate) const MISUSE: u8 = 3;

/// The shell's code for a program that SIGINT ended.
pub(crate) const INTERRUPTED: u8 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_has_the_name_that_it_was_called_by() {
        assert_eq!(known(Path::new("/usr/bin/whyoom")), "whyoom");
        assert_eq!(known(Path::new("target/workshop/lab")), "lab");
        assert_eq!(known(Path::new("lab/renamed")), OWN);
        assert_eq!(known(Path::new("")), OWN);
    }
}
