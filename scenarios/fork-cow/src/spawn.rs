//! Fresh processes are sent the array, and make objects of their own: they share nothing.

use labkit::{Bench, Result};

use crate::crew;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    bench.mark("data made");
    // Fixed: nothing is shared, so nothing is copied behind one's back; everything is loaded instead.
    let children = crew::spawn(bench, &array)?;
    crew::lead(bench, children)
}
