//! Each task maps the file and reads it, and gives the file back before it lets go of the map.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let map = setup::map(bench, &file)?;
        let answer = setup::answer(task, setup::numbers(&map));
        // Mutant: the map still holds its pages, so none is dropped, and letting go of it marks them as used.
        setup::give_back(file.as_file(), 0..0)?;
        Ok(answer)
    })
}
