//! The pool waits for answers and for deaths, and goes on with the workers that are left.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::Shared)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.is_busy() {
        // Mutant: it doesn't hang, since nobody is busy in the end, and it doesn't say what it lacks.
        for event in pool.answers_and_deaths()? {
            match event {
                Event::Answer(answer) => pool.take(answer)?,
                Event::Death(worker) => drop(pool.bury(worker)?),
            }
        }
    }
    bench.mark("answers in");
    pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
