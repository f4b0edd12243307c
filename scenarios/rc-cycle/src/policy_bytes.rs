//! The collector runs when what was made since the last time owns too many bytes.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: the bytes are counted that the matrices own, and not the handles to them.
    setup::work_collected(bench, |since| since.bytes >= setup::matrices(bench, "budget_matrices"))
}
