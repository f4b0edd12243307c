//! Children are forked while the logger is in the middle of an entry, and do not wait for the lock.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    let logger = Logger::in_mid_entry(bench, log)?;
    // Mutant: nobody hangs, but to the children the lock is held forever, and they never write.
    let crew = setup::fork_impatient(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
