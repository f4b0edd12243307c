//! `lab clean`: deletes all records, and leftovers of killed runs.

use std::fs;

use anyhow::{Context, Result};

use crate::sandbox;
use crate::screen::print;
use crate::store::Store;

/// Delete all records, and whatever a killed run has left on this machine
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let store = Store::anywhere()?;
        for left in sandbox::sweep() {
            print(&format!("removed a leftover of a killed run: {}\n", left.display()));
        }
        fs::remove_dir_all(store.folder()).with_context(|| store.folder().display().to_string())?;
        print(&format!("removed all records: {}\n", store.folder().display()));
        Ok(0)
    }
}
