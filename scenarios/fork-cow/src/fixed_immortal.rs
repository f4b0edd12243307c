//! Forked children read objects that live forever, so that nobody needs to count who holds them.

use labkit::{Bench, Result, checksum};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Vec<&'static f64> = setup::prices(&array).map(|price| &*Box::leak(Box::new(price))).collect();
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Fixed: what is never freed needs no count, and a copy of the reference writes nothing.
    let read_list = || setup::sum(list.iter().copied());
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
