//! The consumer asks for the next record, and nobody makes one before it is asked for.

use labkit::{Bench, Result};

use crate::setup::{self, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    pace.finish();
    bench.mark("queue open");
    // Fixed: the source is an iterator, and the consumer calls it when it has a hand free.
    let sum = setup::consume(bench, pace, source);
    pace.state(bench, sum);
    Ok(())
}
