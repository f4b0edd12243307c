//! `lab clean`: deletes all records, and leftovers of killed runs.

use anyhow::Result;

use crate::sandbox;
use crate::screen::print;
use crate::store::Store;

/// Delete all records but those that are being made, and whatever a killed run has left on this machine
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let store = Store::anywhere()?;
        for left in sandbox::sweep() {
            print(&format!("removed a leftover of a killed run: {}\n", left.display()));
        }
        let kept = store.clear()?;
        for path in &kept {
            print(&format!("in use, so it stays: {}\n", path.display()));
        }
        let all = if kept.is_empty() { "all" } else { "all other" };
        print(&format!("removed {all} records: {}\n", store.folder().display()));
        Ok(0)
    }
}
