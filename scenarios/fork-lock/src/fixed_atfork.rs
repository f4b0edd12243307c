//! Children are forked while the logger is at work, but each fork waits for the lock.

use labkit::{Bench, Result, sys};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    let logger = Logger::in_mid_entry(bench, log)?;
    // Fixed: whoever forks holds the lock, so that the child's one thread is the one that frees it.
    sys::lock_around_forks(log.lock)?;
    logger.go_on()?;
    let crew = setup::fork(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
