//! Cross-validation: a model is trained on one slice and tested on the next, many times over.

use std::ops::Range;

use labkit::{Bench, Result};
use labpool::{Array, Key};
use ndarray::s;

use crate::setup::{self, SumOfPair};

#[derive(Clone)]
struct Fold {
    array: Array,
    train: Range<usize>,
    test: Range<usize>,
}

impl Fold {
    fn new(array: &Array, (train, test): (Range<usize>, Range<usize>)) -> Self {
        Fold { array: array.clone(), train, test }
    }

    fn train(&self) -> Array {
        self.array.slice(s![self.train.clone()])
    }

    fn test(&self) -> Array {
        self.array.slice(s![self.test.clone()])
    }
}

pub(crate) fn run(bench: &Bench) -> Result {
    let array = Array::from(bench.array(bench.size("array_mib")));
    bench.mark("array made");
    let mut pool = setup::pool(bench, Key::WeakIdentity)?;
    bench.mark("tasks begin");
    // TODO: each fold is made once, and still every task writes two files. Make it two files a fold.
    let folds = setup::repeated(bench, setup::pairs(bench).map(|pair| Fold::new(&array, pair)));
    let tasks = folds.map(|fold| (fold.train(), fold.test()));
    setup::work_counted::<SumOfPair>(bench, &mut pool, tasks)?;
    bench.mark("tasks done");
    drop(pool);
    bench.mark("pool closed");
    Ok(())
}
