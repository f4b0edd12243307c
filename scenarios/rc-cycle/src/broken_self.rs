//! The least that does it: no callback, only a value that has a handle to itself.

use std::cell::OnceCell;
use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Rc<setup::Numbers>,
    itself: OnceCell<Rc<Matrix>>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let matrix = Rc::new(Matrix { numbers, itself: OnceCell::new() });
        // Broken: the matrix is its own owner, and an owner is what it would have to lose to be dropped.
        let itself = matrix.itself.get_or_init(|| Rc::clone(&matrix));
        setup::sketch(|sketch| sketch.add(&itself.numbers))
    })
}
