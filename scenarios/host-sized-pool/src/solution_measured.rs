//! A service that measures what its first worker has for itself, and starts as many more as there is room for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    let mut pool = service.hire(1)?;
    // Fixed: what a worker shares with the service is there already, and the next worker shares it, too.
    let need = pool.measure(&["Private_Clean", "Private_Dirty"])?;
    let fit = memory.room() / need;
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    pool.add(workers - 1)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
