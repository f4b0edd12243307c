//! The array is moved to a file by hand, before the first task is made.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    // Fixed: one file holds the array, the heap lets go of it, and slices of a map need no file.
    let array = setup::moved_to_file(array, &pool)?;
    bench.mark("tasks begin");
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| array.slice(s![part]));
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written() + 1);
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop((array, pool));
    bench.mark("pool closed");
    Ok(())
}
