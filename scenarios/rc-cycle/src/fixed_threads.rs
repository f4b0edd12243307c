//! Matrices are built on many threads at once, by callbacks that they do not keep.

use std::sync::Arc;

use labkit::{Bench, Result};

use crate::setup;

struct Matrix {
    numbers: Arc<setup::Numbers>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work_in_threads(bench, |numbers: Arc<setup::Numbers>| {
        let matrix = Arc::new(Matrix { numbers });
        let me = Arc::clone(&matrix);
        // Fixed: with the callback a local, no more matrices are alive than there are threads.
        let next: setup::NextAnywhere = Box::new(move |sketch| sketch.add(&me.numbers));
        setup::sketch(&next)
    })
}
