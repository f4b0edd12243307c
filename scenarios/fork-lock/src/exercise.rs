//! A service with a logger, and with children that come when they are needed.

use labkit::{Bench, Result};

use crate::setup::{self, Crew, Log, Logger};

struct Service {
    log: Log,
    logger: Logger,
    crew: Option<Crew>,
}

impl Service {
    fn start(bench: &Bench, log: Log) -> Result<Service> {
        Ok(Service { log, logger: Logger::in_mid_entry(bench, log)?, crew: None })
    }

    fn crew(&mut self, bench: &Bench) -> Result<Crew> {
        // TODO: the children find the lock held, whenever they are called. Let them write their entries.
        match self.crew.take() {
            Some(crew) => Ok(crew),
            None => setup::fork_impatient(bench, self.log),
        }
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
