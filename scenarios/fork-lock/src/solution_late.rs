//! A service that sees in the middle of an entry that it needs children, and not before.

use labkit::{Bench, Result};

use crate::setup::{self, Crew, Log, Logger, Server};

struct Service {
    log: Log,
    logger: Logger,
    server: Option<Server>,
}

impl Service {
    fn start(bench: &Bench, log: Log) -> Result<Service> {
        // Fixed: what must be forked early is not the children, but one process that can fork them later.
        let server = Some(setup::server(bench, log)?);
        Ok(Service { log, logger: Logger::in_mid_entry(bench, log)?, server })
    }

    fn crew(&mut self, bench: &Bench) -> Result<Crew> {
        match self.server.take() {
            Some(server) => server.fork(bench, self.log),
            None => setup::spawn(bench, self.log),
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
