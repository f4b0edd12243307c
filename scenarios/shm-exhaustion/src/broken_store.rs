//! Batches are made in place, in a map of shared memory; errors are looked for, and none comes.

use std::fs::File;

use labkit::{Bench, Result};
use labpool::Pool;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("array_mib"));
    bench.mark("array made");
    let mut pool = Pool::start(setup::options(bench))?;
    bench.mark("tasks begin");
    // Broken: set_len makes a file long but puts no room aside; the store that finds none is a SIGBUS.
    let sum = setup::work_in_rounds(bench, &mut pool, &array, File::set_len);
    bench.mark("tasks over");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
