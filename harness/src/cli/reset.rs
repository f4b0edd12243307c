//! `lab reset`: brings the start of an exercise back, and puts the learner's file aside.

use anyhow::Result;

use super::args::ExerciseArgs;
use crate::name::{command, short};
use crate::scenario::Catalog;
use crate::screen::print;
use crate::store;

/// Start an exercise again, and put your file aside
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: ExerciseArgs,
}

impl Args {
    pub(super) fn run(self) -> Result<u8> {
        let root = store::root()?;
        let catalog = Catalog::load(&root)?;
        let workspace = self.which.workspace(&root, &catalog)?;
        let aside = workspace.reset()?;
        print(&format!("{} is as it was at the start\n", short(&workspace.file).display()));
        if let Some(aside) = aside {
            print(&format!("your version is now {}\n", short(&aside).display()));
        }
        print(&format!("Check:  {}\n", command(&format!("check {}", workspace.words()))));
        Ok(0)
    }
}
