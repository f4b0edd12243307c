//! The stream without rounds: one pool, whose files go one by one.

use labkit::{Bench, Result};
use labpool::{Array, Keep, Options, Pool};

use crate::setup;

fn worked_on(bench: &Bench, batches: impl Iterator<Item = Array>) -> Result<u64> {
    // Fixed: no file waits for the end of a round, as each goes with its last task, and one pool does for all.
    let mut pool = Pool::start(Options { keep: Keep::WhileWanted, ..setup::options(bench) })?;
    setup::work(bench, &mut pool, batches)
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
