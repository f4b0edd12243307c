//! The same batches, and a pool that gives back what nobody will ask for again.

use labkit::{Bench, Result};
use labpool::{Keep, Options, Pool};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    // Fixed: a file goes with the last task that was given it, so only a few are there at a time.
    let mut pool = Pool::start(Options { keep: Keep::WhileWanted, ..setup::options(bench) })?;
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
