//! Training in rounds: before each round a callback is asked whether there is to be another one.

use std::rc::Rc;

use labkit::{Bench, Result};

use crate::setup::{self, Training};

pub(crate) fn run(bench: &Bench) -> Result {
    setup::work_trained(bench, |numbers| {
        let training = Rc::new(Training::new(bench, numbers));
        let me = Rc::clone(&training);
        // TODO: no training is ever dropped. It must keep its callback, so see what the callback must keep.
        training.keep(move |round| round < me.rounds());
        training.run()
    })
}
