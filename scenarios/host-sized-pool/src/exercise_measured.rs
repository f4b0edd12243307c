//! A service that measures its first worker, and starts as many more as there is room for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    let mut pool = service.hire(1)?;
    // TODO: one worker is all that is started, and two would fit. Find out what one more worker would take.
    let need = pool.measure(&["Rss"])?;
    let fit = memory.room() / need;
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    pool.add(workers - 1)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
