//! A service that has written half of its dictionary to a disk, and knows what of it the kernel would take back.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    service.save()?;
    let memory = Memory::look()?;
    // Fixed: page cache is charged to the group, and goes before anybody is killed, so it is room.
    let fit = (memory.limit - memory.usage + memory.cache) / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
