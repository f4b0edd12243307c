//! Each task maps the file and reads it, and gives back the pages of the map.

use labkit::{Bench, Result, sys};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    setup::tasks(bench, |task| {
        let mut map = setup::map_mut(bench, &file)?;
        let answer = setup::answer(task, setup::numbers(&map));
        let end = map.len();
        // Mutant: this takes the pages from the process, which then needs none, and leaves them in the cache.
        sys::release(&mut map, 0..end)?;
        Ok(answer)
    })
}
