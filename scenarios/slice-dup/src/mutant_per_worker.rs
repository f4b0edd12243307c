//! Each slice is cut once for each worker, so that no two workers share an object.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    let workers = 0..bench.size("workers");
    // Mutant: far fewer files than tasks, but a worker can map what was written for another one.
    let sets =
        setup::parts(bench).map(|part| workers.clone().map(|_| array.slice(s![part.clone()])).collect());
    let tasks = setup::repeated(bench, sets).zip(workers.clone().cycle());
    let tasks = tasks.map(|(set, worker): (Vec<Array>, usize)| set[worker].clone());
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
