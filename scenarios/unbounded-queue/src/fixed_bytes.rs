//! The producer sends many records in a message, as long as the bytes that are on their way allow it.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace, Permits};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace) = (setup::batches(bench), &Pace::new());
    let (sender, receiver) = mpsc::channel();
    let budget = Permits::new(bench.size("budget_kib"));
    bench.mark("queue open");
    let sum = thread::scope(|scope| {
        let send = move |mut message: setup::Message| {
            // Fixed: a message takes as many permits as it has KiB, and gives them back when it is dropped.
            message.permit = Some(budget.take(pace, message.kib()));
            sender.send_at(pace, message);
        };
        scope.spawn(|| setup::produce(pace, source, send));
        setup::consume(bench, pace, receiver)
    });
    pace.state(bench, sum);
    Ok(())
}
