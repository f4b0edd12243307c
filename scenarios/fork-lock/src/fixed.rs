//! Children are forked first, and the logger is started when they are there.

use labkit::{Bench, Result};

use crate::crew;
use crate::logger::{self, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = logger::open(bench)?;
    bench.mark("log open");
    // Fixed: as long as there is one thread, no lock can be held by another.
    let crew = crew::fork(bench, log)?;
    let logger = Logger::in_mid_entry(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
