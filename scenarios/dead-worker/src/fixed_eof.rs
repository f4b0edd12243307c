//! Each worker has a pipe for its answers, and the end of the pipe is the end of the worker.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::OneEach)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Fixed: the kernel closes what a dead worker had open, and a pipe that nobody can write to is at its end.
        for event in pool.answers_and_ends()? {
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
