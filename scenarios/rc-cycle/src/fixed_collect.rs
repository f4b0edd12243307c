//! The ring is made as before, in a form that a collector can follow, and is collected after each task.

use std::cell::OnceCell;

use dumpster::{Trace, unsync::Gc};
use labkit::{Bench, Result};

use crate::setup;

#[derive(Trace)]
struct Matrix {
    numbers: Gc<setup::Numbers>,
    next: OnceCell<Next>,
}

/// The callback, written out as what a closure is: a collector can not look into one.
#[derive(Trace)]
struct Next {
    me: Gc<Matrix>,
}

pub(crate) fn build(numbers: Gc<setup::Numbers>) -> u64 {
    let matrix = Gc::new(Matrix { numbers, next: OnceCell::new() });
    let next = matrix.next.get_or_init(|| Next { me: matrix.clone() });
    setup::sketch(|sketch| sketch.add(&next.me.numbers))
}

pub(crate) fn run(bench: &Bench) -> Result {
    // Fixed: after each task the collector looks for values that only own one another.
    setup::work_collected(bench, build, |_| true)
}
