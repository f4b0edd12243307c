//! Fresh processes map one file, in which the prices lie side by side.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let array = bench.array(bench.size("data_mib"));
    bench.mark("data made");
    // Fixed: what is shared is a file, and on purpose; a page of it that is read is never copied.
    let crew = setup::spawn_map(bench, &setup::to_file(bench, array)?)?;
    setup::lead(bench, crew)
}
