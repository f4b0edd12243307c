//! Forked children read a list of objects, and hold each object while they read it.

use std::rc::Rc;

use labkit::{Bench, Result, checksum};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Vec<Rc<f64>> = setup::prices(&array).map(Rc::new).collect();
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Broken: a clone writes a count, the count lies beside the price, and the child copies the page.
    let read_list = || setup::sum(list.iter().map(Rc::clone));
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
