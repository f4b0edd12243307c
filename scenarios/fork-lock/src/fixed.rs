//! Children are forked first, and the logger is started when they are there.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    // Fixed: as long as there is one thread, no lock can be held by another.
    let crew = setup::fork(bench, log)?;
    let logger = Logger::in_mid_entry(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
