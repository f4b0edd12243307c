//! A matrix is built by a callback, and does not keep it.

use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Rc<setup::Numbers>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let matrix = Rc::new(Matrix { numbers });
        let me = Rc::clone(&matrix);
        // Fixed: the callback is a local of the building, and is gone when the matrix is built.
        let next: setup::Next = Box::new(move |sketch| sketch.add(&me.numbers));
        setup::sketch(&next)
    })
}
