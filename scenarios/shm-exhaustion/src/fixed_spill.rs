//! The same batches, and a pool that looks before it writes, every time.

use labkit::{Bench, Result};
use labpool::{Options, Pool};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    // Fixed: before each file the pool asks what is free, and where it does not fit goes to the disk.
    let spill = Some(bench.disk().to_owned());
    let mut pool = Pool::start(Options { spill, ..setup::options(bench) })?;
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
