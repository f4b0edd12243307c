//! `lab doctor --export`: what a machine can do, in a file to hand in before a course.

use std::path::Path;

use anyhow::Result;

use crate::classroom::machine::{Found, State};
use crate::host::doctor::Finding;
use crate::learn::export::write_new;
use crate::screen::print;
use crate::workbench::Workbench;

/// Writes the findings into a new file, with the scenarios that this machine can run.
pub(super) fn hand_in(path: &Path, findings: &[Finding]) -> Result<u8> {
    let workbench = Workbench::open()?;
    let state = State::here(&workbench, findings.iter().map(found).collect());
    write_new(path, &(serde_json::to_string_pretty(&state)? + "\n"))?;
    print(&format!("{} is ready to be handed in\n", path.display()));
    Ok(0)
}

/// A finding as it's handed in.
fn found(finding: &Finding) -> Found {
    let Finding { probe, found, advice } = finding;
    Found { probe: (*probe).to_owned(), found: found.clone(), advice: advice.map(str::to_owned) }
}
