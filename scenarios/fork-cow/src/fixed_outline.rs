//! Forked children hold each price while they read it, and the counts are in a table of their own.

use labkit::{Bench, Result, checksum};

use crate::setup::{self, Ledger};

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    let list: Ledger = setup::prices(&array).collect();
    bench.mark("data made");
    let read_array = || checksum(array.view());
    // Fixed: a clone is counted as ever, but what is copied is the table of counts alone.
    let read_list = || setup::sum(list.clones());
    let crew = setup::fork(bench, read_array, read_list)?;
    setup::lead(bench, crew)
}
