//! A matrix is built by a callback, and keeps it for the day when it is built again.

use std::cell::OnceCell;
use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Rc<setup::Numbers>,
    next: OnceCell<setup::Next>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let matrix = Rc::new(Matrix { numbers, next: OnceCell::new() });
        let me = Rc::clone(&matrix);
        // Broken: the callback owns the matrix and the matrix owns the callback, so neither can go first.
        let next = matrix.next.get_or_init(|| Box::new(move |sketch| sketch.add(&me.numbers)));
        setup::sketch(next)
    })
}
