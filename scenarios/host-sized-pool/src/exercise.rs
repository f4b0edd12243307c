//! A service that has written half of its dictionary to a disk, and starts as many workers as there is room for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    service.save()?;
    let memory = Memory::look()?;
    // TODO: one worker is started, and two would fit. Find out what stands in the way, and have both started.
    let fit = (memory.limit - memory.usage) / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
