//! Every task is given a slice of its own, and slices are free: they copy nothing.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    // Broken: the slice is cut again for each task, and to the pool a new object is a new array.
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| array.slice(s![part]));
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
