//! As many workers as the processors ask for, and as a limit has room for, which isn't the one of its group.

use labkit::{Bench, Result};

use crate::setup::{self, Memory, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    let memory = Memory::look_at_top()?;
    // Mutant: in a container the file at the top of the mount is often its own, and elsewhere it's another group's.
    let fit = memory.room() / bench.size("index_mib");
    let workers = setup::usual(bench, setup::processors()?).min(fit);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
