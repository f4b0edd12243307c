//! As many workers as the processors ask for that this process may use.

use std::thread::available_parallelism;

use labkit::{Bench, Result};

use crate::setup::{self, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    // Mutant: this knows the affinity and the quota of processor time, and nothing of the memory.
    let workers = setup::usual(bench, available_parallelism()?.get());
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
