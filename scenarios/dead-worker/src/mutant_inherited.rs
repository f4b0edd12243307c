//! Each worker has a pipe for its answers, and so has every other worker.

use labkit::{Bench, Result};

use crate::setup::{Event, Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::MadeBefore)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Mutant: the pipes were there before the forks, and whoever lives holds the dead one's end open.
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
