//! Forked children look at most prices, and hold only a few.

use std::iter::once;
use std::rc::Rc;

use labkit::{Bench, Result, checksum};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Vec<Rc<f64>> = setup::prices(&array).map(Rc::new).collect();
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Mutant: hardly any count is written, but there is one in every page, and pages are what is copied.
    let read_list = || {
        list.chunks(setup::SAMPLE).fold(0, |total: u64, prices| {
            let first = setup::sum(once(Rc::clone(&prices[0])));
            let others = setup::sum(prices[1..].iter().map(|price| &**price));
            total.wrapping_add(first).wrapping_add(others)
        })
    };
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
