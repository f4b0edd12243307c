//! The collector runs after every so many tasks.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: one collection serves many tasks, and no more dead matrices than that wait for it.
    setup::work_collected(bench, |since| since.tasks == bench.size("every"))
}
