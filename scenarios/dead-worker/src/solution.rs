//! A service that takes the end of a pipe for the end of a worker, and asks what it had in hand.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

struct Service<'a> {
    pool: Pool<'a>,
}

impl Service<'_> {
    fn hear(&mut self, event: Event) -> Result {
        match event {
            Event::Answer(answer) => self.pool.take(answer),
            Event::Death(worker) => {
                // Fixed: what it had in hand goes back to the tasks that wait, and a fresh worker takes it.
                let lost = self.pool.bury(worker)?;
                self.pool.again(lost);
                self.pool.hire()
            }
        }
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let mut service = Service { pool: Pool::start(bench, Pipes::OneEach)? };
    bench.mark("workers started");
    service.pool.lose_some()?;
    while service.pool.is_busy() {
        for event in service.pool.answers_and_ends()? {
            service.hear(event)?;
        }
    }
    bench.mark("answers in");
    service.pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
