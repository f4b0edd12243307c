//! The producer sends each record to the consumer, through a channel without a bound.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    // Broken: to send never waits, so whatever the consumer hasn't handled yet is kept here.
    let (sender, receiver) = mpsc::channel();
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
