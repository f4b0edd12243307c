//! The channel holds a few records, and the consumer empties it into a list of its own.

use std::collections::VecDeque;
use std::sync::mpsc;
use std::{iter, thread};

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    let (sender, receiver) = mpsc::sync_channel(bench.size("bound"));
    let mut list = VecDeque::new();
    let messages = iter::from_fn(move || {
        // Mutant: the channel is never full, since its consumer has a second one, without a bound.
        list.extend(receiver.try_iter());
        list.pop_front().or_else(|| receiver.recv().ok())
    });
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, messages)
    });
    pace.state(bench, sum);
    Ok(())
}
