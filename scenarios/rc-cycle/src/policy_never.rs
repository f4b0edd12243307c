//! There is a collector, and nobody calls it.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Broken: a collector that never runs is no better than none.
    setup::work_collected(bench, |_| false)
}
