//! Children are forked when nobody holds the lock, or so it seems.

use labkit::{Bench, Result};

use crate::crew;
use crate::logger::{self, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = logger::open(bench)?;
    bench.mark("log open");
    // Mutant: the lock is free when it is looked at, and held again when the fork comes.
    logger::wait_until_free(log);
    let logger = Logger::in_mid_entry(bench, log)?;
    let crew = crew::fork(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
