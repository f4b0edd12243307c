//! A client asks for each record, and takes the answers when it has asked for all.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace, Tally};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace, tally) = (setup::records(bench), &Pace::new(), &Tally::default());
    let (asking, requests) = mpsc::sync_channel(bench.size("bound"));
    // TODO: with a bound here too the two wait for each other. Without one, all answers wait.
    let (answering, answers) = mpsc::channel();
    bench.mark("queue open");
    thread::scope(|scope| {
        scope.spawn(|| setup::answer(&source, pace, requests, move |answer| answering.send_at(pace, answer)));
        for record in 0..bench.size("records") {
            asking.send(record).expect("the server takes all requests");
        }
        drop(asking);
        bench.mark("all made");
        for answer in answers {
            setup::take_answer(bench, pace, tally, answer);
        }
    });
    pace.state(bench, tally.sum());
    Ok(())
}
