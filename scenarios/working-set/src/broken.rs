//! Each task maps the file and reads it, and the kernel takes what is read again to be in use.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        // Broken: every task leaves the file in the cache as used, and a page that was used twice counts as needed.
        let map = setup::map(bench, &file)?;
        Ok(setup::answer(task, setup::numbers(&map)))
    })
}
