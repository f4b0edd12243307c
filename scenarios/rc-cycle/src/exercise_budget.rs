//! Rings are left to a collector. The tasks grow, so that the last matrices are the large ones.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let round = bench.size("tasks") / bench.size("rounds");
    // TODO: too much waits for a collection, and more collections cost too much. Let it look in time.
    setup::work_growing(bench, |since| since.tasks >= 2 * round)
}
