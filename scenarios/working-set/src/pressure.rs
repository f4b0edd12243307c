//! The program of `broken` once more, in half of the memory that its file takes.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        // Fixed: the kernel drops what does not fit, used or not, and the program need not know.
        let map = setup::map(bench, &file)?;
        Ok(setup::answer(task, setup::numbers(&map)))
    })
}
