//! A service that survives the death of its workers, and has a task among its tasks that kills them.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool, WorkerId};

struct Service<'a> {
    pool: Pool<'a>,
    /// How many workers were lost for each task.
    losses: Vec<usize>,
}

impl<'a> Service<'a> {
    fn start(bench: &'a Bench) -> Result<Self> {
        let pool = Pool::start_poisoned(bench, Pipes::Shared)?;
        Ok(Service { pool, losses: vec![0; bench.size("tasks")] })
    }

    fn bury(&mut self, worker: WorkerId) -> Result {
        let Some(task) = self.pool.bury(worker)? else { return Ok(()) };
        let losses = &mut self.losses[task.number()];
        *losses += 1;
        // TODO: a task fails here because its worker happened to die. Let only the one that kills fail.
        self.pool.fail([task]);
        Ok(())
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let mut service = Service::start(bench)?;
    bench.mark("workers started");
    service.pool.lose_some()?;
    while service.pool.awaits() {
        for event in service.pool.answers_and_deaths()? {
            match event {
                Event::Answer(answer) => service.pool.take(answer)?,
                Event::Death(worker) => service.bury(worker)?,
            }
        }
    }
    bench.mark("answers in");
    service.pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
