//! Forked children read a list of objects, and only look at each of them.

use std::rc::Rc;

use labkit::{Bench, Result, checksum};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Vec<Rc<f64>> = setup::prices(&array).map(Rc::new).collect();
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Fixed: a reference into the object is not counted, so nothing is written.
    let read_list = || setup::sum(list.iter().map(|price| &**price));
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
