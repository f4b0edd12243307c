//! The same channel without a bound, in less memory than what waits in it.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::records(bench), &Pace::new());
    // Broken: a limit makes the queue no shorter. It says when the program is killed.
    let (sender, receiver) = mpsc::channel();
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        scope.spawn(|| setup::produce(pace, source, move |message| sender.send_at(pace, message)));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
