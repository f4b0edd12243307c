//! The collector runs when enough objects have been made and not freed, as in CPython.

use labkit::{Bench, Result};

use crate::setup;

pub(crate) fn run(bench: &Bench) -> Result {
    // Broken: it counts objects and not what they own, and a few hundred matrices are few objects.
    setup::work_collected(bench, |since| since.objects > bench.size("objects"))
}
