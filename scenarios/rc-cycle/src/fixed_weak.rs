//! A matrix keeps the callback that it is built by, and the callback only knows the matrix.

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
        let me = Rc::downgrade(&matrix);
        // Fixed: a `Weak` points back without owning, and must ask each time whether there is someone.
        let next = matrix.next.get_or_init(|| {
            Box::new(move |sketch| me.upgrade().into_iter().for_each(|me| sketch.add(&me.numbers)))
        });
        setup::sketch(next)
    })
}
