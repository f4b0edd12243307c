//! Cross-validation: a model is trained on one slice and tested on the next, many times over.

use std::ops::Range;

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfPair};

#[derive(Clone)]
struct Fold {
    // Fixed: the fold holds its slices and not the recipe for them, so that they are cut only once.
    train: Array,
    test: Array,
}

impl Fold {
    fn new(array: &Array, (train, test): (Range<usize>, Range<usize>)) -> Self {
        Fold { train: array.slice(s![train]), test: array.slice(s![test]) }
    }

    fn train(&self) -> Array {
        self.train.clone()
    }

    fn test(&self) -> Array {
        self.test.clone()
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    let folds = setup::repeated(bench, setup::pairs(bench).map(|pair| Fold::new(&array, pair)));
    let tasks = folds.map(|fold| (fold.train(), fold.test()));
    setup::work_counted::<SumOfPair>(bench, &mut pool, tasks)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
