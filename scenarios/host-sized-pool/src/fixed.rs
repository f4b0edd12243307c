//! As many workers as the processors ask for, and no more than the memory has room for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    // Fixed: what the group may still use is divided by what a worker needs, and the lower number counts.
    let fit = memory.room() / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
