//! The pool waits for answers and for deaths, and a task whose worker is dead fails.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::Shared)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Fixed: poll(2) also looks at a pidfd of each worker, which is readable once the worker has ended.
        for event in pool.answers_and_deaths()? {
            match event {
                Event::Answer(answer) => pool.take(answer)?,
                Event::Death(worker) => {
                    let lost = pool.bury(worker)?;
                    pool.fail(lost);
                }
            }
        }
    }
    bench.mark("answers in");
    pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
