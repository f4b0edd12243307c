//! Every task is given the whole array, and cuts its slice itself.

use labkit::{Bench, Result};
use labpool::{Array, Key};

use crate::setup::{self, SumOfPart};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    // Fixed: the whole array is one object; a slice of the map in the worker needs no file.
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| (array.clone(), part));
    let sum = setup::work::<SumOfPart>(bench, &mut pool, tasks);
    bench.fact("files_written", pool.files_written());
    bench.fact("checksum", sum?);
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
