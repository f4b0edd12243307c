//! The basis of a verdict, apart from the learner's file: the bounds, the rest of the program, and `lab` itself.

use std::path::Path;
use std::process::Command;

use crate::scenario::Scenario;

/// The files of those that aren't as they were committed, from the repository's root. None without git, or without a
/// repository, as in an archive.
pub(crate) fn changed(root: &Path, scenario: &Scenario) -> Vec<String> {
    let folder = format!("scenarios/{}", scenario.slug);
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--", "Cargo.toml", "Cargo.lock", "harness", &folder])
        .current_dir(root);
    let Ok(output) = git.output() else { return Vec::new() };
    // Each line has two letters for the state, a space, and the path.
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| Some(line.get(3..)?.to_owned()))
        .collect()
}
