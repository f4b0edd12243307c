//! The least that does it, and that dies of it: `broken-self` without room for all.

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
        // Broken: the owner to lose is the matrix itself, and the limit is reached before the last task.
        let itself = matrix.itself.get_or_init(|| Rc::clone(&matrix));
        setup::sketch(|sketch| sketch.add(&itself.numbers))
    })
}
