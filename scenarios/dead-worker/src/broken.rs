//! The pool waits for answers, and for nothing else.

use labkit::{Bench, Result};

use crate::setup::{Pipes, Pool};

pub(crate) fn run(bench: &Bench) -> Result {
    let mut pool = Pool::start(bench, Pipes::Shared)?;
    bench.mark("workers started");
    pool.lose_some()?;
    while pool.awaits() {
        // Broken: whoever is dead will never answer, and nobody asks who is.
        let answer = pool.answer()?;
        pool.take(answer)?;
    }
    bench.mark("answers in");
    pool.close()?;
    bench.mark("pool closed");
    Ok(())
}
