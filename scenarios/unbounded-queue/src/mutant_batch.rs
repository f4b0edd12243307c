//! The channel holds a few messages, and there are many records in each.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::batches(bench), &Pace::new());
    // Mutant: the bound counts messages, and memory counts bytes.
    let (sender, receiver) = mpsc::sync_channel(bench.size("bound"));
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
