//! Training in rounds: before each round a callback is asked whether there is to be another one.

use std::cell::OnceCell;
use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup;

struct Training {
    numbers: Rc<setup::Numbers>,
    rounds: usize,
    go_on: OnceCell<Box<dyn Fn(usize) -> bool>>,
}

pub(crate) fn run(bench: &Bench) -> Result {
    let rounds = bench.size("rounds");
    setup::work(bench, |numbers: Rc<setup::Numbers>| {
        let training = Rc::new(Training { numbers, rounds, go_on: OnceCell::new() });
        let last = training.rounds;
        // Fixed: the callback needs one number, so it is given that number and not its owner.
        let go_on = training.go_on.get_or_init(|| Box::new(move |round| round < last));
        let batches = training.numbers.chunks(training.numbers.len().div_ceil(training.rounds));
        setup::sketch(|sketch| {
            (0..)
                .zip(batches)
                .take_while(|(round, _)| go_on(*round))
                .for_each(|(_, batch)| sketch.add(batch));
        })
    })
}
