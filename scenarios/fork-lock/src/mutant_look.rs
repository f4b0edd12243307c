//! Children are forked when nobody holds the lock, or so it seems.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    // Mutant: the lock is free when it is looked at, and held again when the fork comes.
    log.wait_until_free();
    let logger = Logger::in_mid_entry(bench, log)?;
    let crew = setup::fork(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
