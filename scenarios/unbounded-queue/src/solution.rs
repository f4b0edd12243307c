//! A pool of threads is given a job for each record, and only so many at a time.

use labkit::{Bench, Result};

use crate::setup::{self, Pace, Permits, Tally};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    let (pool, tally) = (setup::pool()?, &Tally::default());
    let window = Permits::new(bench.size("bound"));
    bench.mark("queue open");
    pool.in_place_scope(|scope| {
        setup::produce(pace, source, |message| {
            // Fixed: the producer takes a permit before it spawns, and the job gives it back at its end.
            let permit = window.take(pace, 1);
            scope.spawn(move |_| {
                setup::handle(bench, pace, tally, message);
                drop(permit);
            });
        });
    });
    pace.state(bench, tally.sum());
    Ok(())
}
