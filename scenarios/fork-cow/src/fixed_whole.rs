//! Forked children hold the list as a whole, in which the prices lie side by side.

use std::rc::Rc;

use labkit::{Bench, Result, checksum};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Rc<Vec<f64>> = Rc::new(setup::prices(&array).collect());
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Fixed: there is one count for all prices, so that a child copies one page.
    let read_list = || setup::sum(Rc::clone(&list).iter());
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
