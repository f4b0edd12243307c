//! The stream in rounds: each round has a pool of its own, and its files go with that.

use labkit::{Bench, Result};
use labpool::{Array, Pool};

use crate::setup;

fn worked_on(bench: &Bench, batches: impl Iterator<Item = Array>) -> Result<u64> {
    let mut batches = batches.peekable();
    let mut sum: u64 = 0;
    while batches.peek().is_some() {
        // TODO: nothing fills up any more, but a round takes as much as the array. Halve that, for no more work.
        let mut pool = Pool::start(setup::options(bench))?;
        let round = batches.by_ref().take(bench.size("slices"));
        sum = sum.wrapping_add(setup::work(bench, &mut pool, round)?);
    }
    Ok(sum)
}

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    bench.mark("tasks begin");
    let sum = worked_on(bench, setup::batches(bench, &array));
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    bench.mark("pool closed");
    Ok(())
}
