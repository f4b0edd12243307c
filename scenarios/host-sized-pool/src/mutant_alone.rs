//! As many workers as the processors ask for, and as the limit has room for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    // Mutant: the whole limit is divided, as if the service itself took nothing.
    let fit = memory.limit / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
