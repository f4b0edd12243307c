//! The pool waits for answers and for deaths, and starts a fresh worker for each that is dead.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::Shared)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Mutant: the crew is complete again, and what the dead one had in hand is with nobody.
        for event in pool.answers_and_deaths()? {
            match event {
                Event::Answer(answer) => pool.take(answer)?,
                Event::Death(worker) => {
                    pool.bury(worker)?;
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
