//! As many workers as the processors ask for, and one index for all of them.

use labkit::{Bench, Result};

use crate::setup::{self, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    // Fixed: the index is loaded before the fork, so the workers share its pages as long as nobody writes to them.
    let index = service.load();
    let workers = setup::usual(bench, setup::processors()?);
    let pool = service.hire_with(&index, workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
