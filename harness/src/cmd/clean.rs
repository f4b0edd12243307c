//! `lab clean`: deletes all records, and what killed runs have left on this machine.

use std::fs;

use anyhow::{Context, Result};

use crate::sandbox;
use crate::screen::print;
use crate::store::Store;

/// Deletes, and says what.
pub(crate) fn clean() -> Result<u8> {
    let store = Store::anywhere()?;
    for left in sandbox::sweep() {
        print(&format!("removed what a killed run had left: {}\n", left.display()));
    }
    fs::remove_dir_all(store.folder()).with_context(|| store.folder().display().to_string())?;
    print(&format!("removed all records: {}\n", store.folder().display()));
    Ok(0)
}
