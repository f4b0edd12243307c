//! The pool waits for answers and for deaths, and a task whose worker is dead is done by another.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::Shared)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Fixed: the pool knows who had which task, so a fresh worker can take over what is lost.
        for event in pool.answers_and_deaths()? {
            match event {
                Event::Answer(answer) => pool.take(answer)?,
                Event::Death(worker) => {
                    let lost = pool.bury(worker)?;
                    pool.again(lost);
                    pool.hire()?;
                }
            }
        }
    }
    bench.mark("answers in");
    pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
