//! A series that grows: each new slice is seen together with all that came before it.

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, Growth};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    // TODO: each piece is cut once, and still the files take more than the array. Make it one file in all.
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    let steps = setup::parts(bench).map(|part| (array.slice(s![..part.end]), array.slice(s![..part.start])));
    let tasks = setup::repeated(bench, steps);
    setup::work_counted::<Growth>(bench, &mut pool, tasks)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
