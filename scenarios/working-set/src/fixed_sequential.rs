//! Each task maps the file and says that it reads from front to back, which does not count as use.

use labkit::{Bench, Result};
use memmap2::Advice;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let map = setup::map(bench, &file)?;
        // Fixed: the kernel does not take a page to be in use because a map like this has touched it.
        map.advise(Advice::Sequential)?;
        Ok(setup::answer(task, setup::numbers(&map)))
    })
}
