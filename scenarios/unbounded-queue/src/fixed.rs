//! The producer sends each record to the consumer, through a channel that holds a few.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    // Fixed: where so many messages wait, to send waits too.
    let (sender, receiver) = mpsc::sync_channel(bench.size("bound"));
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
