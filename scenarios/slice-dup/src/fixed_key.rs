//! The slices are as fresh as ever, but the pool asks a better question.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    // Fixed: the pool knows an array by its buffer and its range, which a fresh slice does not change.
    let mut pool = setup::pool(bench, Key::BufferRange)?;
    bench.mark("tasks begin");
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| array.slice(s![part]));
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
