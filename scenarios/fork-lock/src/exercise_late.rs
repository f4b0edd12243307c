//! A service that sees in the middle of an entry that it needs children, and not before.

use labkit::{Bench, Result};

use crate::setup::{self, Crew, Log, Logger};

struct Service {
    log: Log,
    logger: Logger,
}

impl Service {
    fn start(bench: &Bench, log: Log) -> Result<Service> {
        Ok(Service { log, logger: Logger::in_mid_entry(bench, log)? })
    }

    fn crew(&mut self, bench: &Bench) -> Result<Crew> {
        // TODO: each child writes its entry, but loads the whole program for it. Have them made for less.
        setup::spawn(bench, self.log)
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let log = Log::open(bench)?;
    bench.mark("log open");
    let mut service = Service::start(bench, log)?;
    let crew = service.crew(bench)?;
    bench.mark("children started");
    service.logger.finish(bench)?;
    bench.mark("entry finished");
    crew.write(bench, log)?;
    bench.mark("children done");
    Ok(())
}
