//! As many workers as the processors of the machine ask for.

use labkit::{Bench, Result};

use crate::setup::{self, Service};

pub(crate) fn run(bench: &Bench) -> Result {
    let service = Service::start(bench)?;
    bench.mark("service started");
    // Broken: the processors are the machine's, and the memory is that of a group, which nobody asks about.
    let workers = setup::usual(bench, setup::processors()?);
    let pool = service.hire(workers)?;
    bench.mark("indexes loaded");
    pool.work()?;
    bench.mark("tasks done");
    Ok(())
}
