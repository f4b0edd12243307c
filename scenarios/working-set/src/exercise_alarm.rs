//! Tasks look through readings, and each keeps every fourth of them to draw its preview from.

use labkit::{Bench, Result};

use crate::setup;

/// The numbers that a preview is drawn from.
type Preview = Vec<f64>;

pub(crate) fn run(bench: &Bench) -> Result {
    let file = setup::written(bench)?;
    let mut previews: Vec<Preview> = Vec::new();
    setup::tasks(bench, |task| {
        let map = setup::map(bench, &file)?;
        let readings = setup::numbers(&map);
        // TODO: the working set climbs with each task, and somebody says that it's cache. Say what is wrong, if anything is.
        previews.push(readings.iter().step_by(4).copied().collect());
        Ok(setup::answer(task, readings))
    })?;
    bench.fact("previews", previews.len() as u64);
    Ok(())
}
