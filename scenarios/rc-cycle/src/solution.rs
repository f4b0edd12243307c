//! Training in rounds: before each round a callback is asked whether there is to be another one.

use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup::{self, Training};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work_trained(bench, |numbers| {
        let training = Rc::new(Training::new(bench, numbers));
        let rounds = training.rounds();
        // Fixed: the callback needs one number, so it is given that number and not its owner.
        training.keep(move |round| round < rounds);
        training.run()
    })
}
