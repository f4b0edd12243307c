//! Children are forked while the logger is in the middle of an entry.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    let logger = Logger::in_mid_entry(bench, log)?;
    // Broken: the fork copies the lock as it is, held by a thread that the children do not have.
    let crew = setup::fork(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
