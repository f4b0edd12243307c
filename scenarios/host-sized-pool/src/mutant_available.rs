//! As many workers as the processors ask for, and as the machine has memory for.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look()?;
    // Mutant: what is available on the machine is not what this group may use of it.
    let fit = memory.available / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
