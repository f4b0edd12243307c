//! Children are fresh processes, started while the logger is in the middle of an entry.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    let logger = Logger::in_mid_entry(bench, log)?;
    // Fixed: a fresh process begins with locks of its own, and none of them is held.
    let crew = setup::spawn(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
