//! Fresh processes are sent the array, and make objects of their own: they share nothing.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    bench.mark("data made");
    // Fixed: nothing is shared, so nothing is copied behind one's back; everything is loaded instead.
    let crew = setup::spawn(bench, &array)?;
    setup::lead(bench, crew)
}
