//! As many workers as the processors ask for, of which few have an index at the same time.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    // Fixed: a worker may load its index when there is room for it, and the next one when that worker has ended.
    let fit = memory.room() / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?);
    let pool = service.hire_in_turn(workers, fit)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
