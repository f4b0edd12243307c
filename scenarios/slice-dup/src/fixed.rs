//! Each slice is cut once, and all tasks on it are given the same object.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    // Fixed: the slice is cut once for all its tasks; a clone of it is the same object.
    let tasks = setup::repeated(bench, setup::parts(bench).map(|part| array.slice(s![part])));
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
