//! Matrices are built on many threads at once, each by a callback that it keeps.

use std::sync::{Arc, OnceLock};

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Arc<setup::Numbers>,
    next: OnceLock<setup::NextAnywhere>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work_in_threads(bench, |numbers: Arc<setup::Numbers>| {
        let matrix = Arc::new(Matrix { numbers, next: OnceLock::new() });
        let me = Arc::clone(&matrix);
        // Broken: an `Arc` counts on all threads at once, but it counts no better than an `Rc`.
        let next = matrix.next.get_or_init(|| Box::new(move |sketch| sketch.add(&me.numbers)));
        setup::sketch(next)
    })
}
