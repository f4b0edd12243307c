//! Rings are left to a collector. The tasks grow, so that the last matrices are the large ones.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    let budget = setup::matrices(bench, "budget_matrices");
    // Fixed: what is limited is memory, so memory is what is counted, and tasks may be of any size.
    setup::work_growing(bench, |since| since.bytes >= budget)
}
