//! Every task is given a slice of its own, as in `broken`, and the files do not have room for all of them.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfSlice};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    let mut given = 0;
    // Broken: most of these files hold what others hold too, and yet they use up the room for all.
    let tasks = setup::repeated(bench, setup::parts(bench)).map(|part| array.slice(s![part]));
    let tasks = tasks.inspect(|_| given += 1);
    let sum = setup::work::<SumOfSlice>(bench, &mut pool, tasks);
    bench.fact("tasks_given", given);
    bench.fact("files_written", pool.files_written());
    // So many as can be: what is there then is looked at before the error goes its way.
    bench.mark("tasks done");
    bench.fact("checksum", sum?);
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
