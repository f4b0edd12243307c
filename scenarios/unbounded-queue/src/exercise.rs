//! A pool of threads is given a job for each record.

use labkit::{Bench, Result};

use crate::setup::{self, Pace, Tally};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    let (pool, tally) = (setup::pool()?, &Tally::default());
    bench.mark("queue open");
    pool.in_place_scope(|scope| {
        setup::produce(pace, source, |message| {
            // TODO: no channel is here, and yet nearly all records wait. Let no more than the bound do so.
            scope.spawn(move |_| setup::handle(bench, pace, tally, message));
        });
    });
    pace.state(bench, tally.sum());
    Ok(())
}
