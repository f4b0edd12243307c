//! A matrix keeps the callback that it is built by, and lets go of it when it is dropped.

use std::cell::OnceCell;
use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Rc<setup::Numbers>,
    next: OnceCell<setup::Next>,
}

impl Drop for Matrix {
    fn drop(&mut self) {
        // Mutant: this would open the ring, but it is the ring that keeps it from ever being called.
        self.next.take();
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let matrix = Rc::new(Matrix { numbers, next: OnceCell::new() });
        let me = Rc::clone(&matrix);
        let next = matrix.next.get_or_init(|| Box::new(move |sketch| sketch.add(&me.numbers)));
        setup::sketch(next)
    })
}
