//! The same batches, and a program that goes on in spite of an error.

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(setup::options(bench))?;
    bench.mark("tasks begin");
    // Mutant: a batch that has no room is left out, and nobody is told.
    let sums = setup::batches(bench, &array)
        .filter_map(|batch| setup::work(bench, &mut pool, [batch].into_iter()).ok());
    let sum = sums.fold(0, u64::wrapping_add);
    bench.fact("files_written", pool.files_written());
    bench.fact("files_spilled", pool.files_spilled());
    bench.mark("tasks over");
    bench.fact("checksum", sum);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
