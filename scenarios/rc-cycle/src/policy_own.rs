//! It is left to the collector itself when it runs.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Broken: it compares handles dropped with handles alive, and a ring leaves more alive than it drops.
    setup::work_self_collected(bench)
}
