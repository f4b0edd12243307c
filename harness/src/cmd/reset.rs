//! `lab reset`: brings the start of an exercise back, and puts the learner's file aside.

use anyhow::Result;

use crate::learn::workspace::Workspace;
use crate::learn::{command, short};
use crate::scenario::Catalog;
use crate::screen::print;
use crate::store;

/// Begins an exercise anew.
pub(crate) fn reset(name: &str, exercise: Option<&str>) -> Result<u8> {
    let root = store::root()?;
    let catalog = Catalog::load(&root)?;
    let workspace = Workspace::find(&root, catalog.find(name)?, exercise)?;
    let aside = workspace.reset()?;
    print(&format!("{} is as it was at the start\n", short(&workspace.file).display()));
    if let Some(aside) = aside {
        print(&format!("what you had is in {}\n", short(&aside).display()));
    }
    print(&format!("Check:  {}\n", command(&format!("check {}", workspace.words()))));
    Ok(0)
}
