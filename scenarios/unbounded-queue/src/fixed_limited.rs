//! The channel that holds a few, in the memory in which the other one is killed.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    // Fixed: what may wait is known beforehand, so that the limit can be chosen by it.
    let (sender, receiver) = mpsc::sync_channel(bench.size("bound"));
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
