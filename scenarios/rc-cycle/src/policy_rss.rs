//! The collector runs when the process has grown too much, which is looked at now and then, as in loky.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: it sees every byte of the process, but only when it looks.
    setup::work_collected(bench, |since| since.growth_seen >= setup::matrices(bench, "growth_matrices"))
}
