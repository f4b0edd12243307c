//! Batches are made in place, in a map of shared memory that is there before it is written to.

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(setup::options(bench))?;
    bench.mark("tasks begin");
    // Fixed: the room is put aside before the map is made, and its lack is an error that comes in time.
    let sum = setup::work_in_rounds(bench, &mut pool, &array, setup::reserve);
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
