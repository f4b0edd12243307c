//! The same batches, and a pool that looks before it writes, but only once.

use labkit::{Bench, Result};
use labpool::{Options, Pool};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    // Mutant: the pool asks what is free when it starts, as joblib does, and never again.
    let shm_minimum = setup::batch_bytes(bench) as u64;
    let options = Options { folder: None, shm_minimum, ..setup::options(bench) };
    let mut pool = Pool::start(options)?;
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
