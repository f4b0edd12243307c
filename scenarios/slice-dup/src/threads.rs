//! The same slices of the same array, in threads: here a slice is what it looks like.

use labkit::{Bench, Result};
use labpool::Array;
use ndarray::s;

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    bench.mark("tasks begin");
    // Fixed: threads share one heap, so that a slice is a view for every one of them.
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| array.slice(s![part]));
    let sum = setup::work_in_threads(bench, tasks);
    bench.fact("files_written", 0);
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    bench.mark("pool closed");
    Ok(())
}
