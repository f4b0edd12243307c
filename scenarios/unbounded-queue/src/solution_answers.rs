//! A client asks for each record, and takes an answer before it asks for too many.

use std::sync::mpsc;
use std::thread;

use labkit::{Bench, Result};

use crate::setup::{self, Outlet, Pace, Tally};

pub(crate) fn run(bench: &Bench) -> Result {
    let (source, pace, tally) = (setup::records(bench), &Pace::new(), &Tally::default());
    let (asking, requests) = mpsc::sync_channel(bench.size("bound"));
    let (answering, answers) = mpsc::sync_channel(bench.size("bound"));
    bench.mark("queue open");
    thread::scope(|scope| {
        scope.spawn(|| setup::answer(&source, pace, requests, move |answer| answering.send_at(pace, answer)));
        for record in 0..bench.size("records") {
            // Fixed: as many requests as there is room for answers are on their way, and never more.
            if record >= bench.size("bound") {
                let answer = answers.recv().expect("the server answers all requests");
                setup::take_answer(bench, pace, tally, answer);
            }
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
