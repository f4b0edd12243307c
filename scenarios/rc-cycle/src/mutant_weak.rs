//! The callbacks are kept outside of the matrices, and hold a `Weak` to the numbers of theirs.

use std::cell::RefCell;
use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Rc<[f64]>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    let callbacks = RefCell::new(Vec::new());
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let matrix = Rc::new(Matrix { numbers: Rc::from(&numbers[..]) });
        let me = Rc::downgrade(&matrix.numbers);
        // Mutant: an `Rc` has counts and value in one block, and a `Weak` still needs the counts.
        let next = move |sketch: &mut setup::Sketch| me.upgrade().iter().for_each(|me| sketch.add(me));
        let sum = setup::sketch(&next);
        callbacks.borrow_mut().push(next);
        sum
    })
}
