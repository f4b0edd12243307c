//! Every task is given a batch of its own, and the pool writes each to a file in shared memory.

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    // Broken: the pool keeps the file of every batch to its end, and counts on there being room.
    let mut pool = Pool::start(setup::options(bench))?;
    bench.mark("tasks begin");
    let sum = setup::work(bench, &mut pool, setup::batches(bench, &array));
    bench.fact("files_written", pool.files_written());
    bench.fact("files_spilled", pool.files_spilled());
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
