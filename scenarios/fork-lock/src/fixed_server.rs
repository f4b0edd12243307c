//! Children are forked by a process that stays behind, with one thread, for this purpose.

use labkit::{Bench, Result};

use crate::setup::{self, Log, Logger};

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    // Fixed: the server is forked before there are threads, and its copy of the lock stays free.
    let server = setup::server(bench, log)?;
    let logger = Logger::in_mid_entry(bench, log)?;
    let crew = server.fork(bench, log)?;
    bench.mark("children started");
    logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
