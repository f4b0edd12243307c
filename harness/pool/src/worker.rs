//! The worker: it waits for a task, runs it, answers, and waits again.

#![expect(clippy::disallowed_methods, reason = "a worker has no main to return to")]

use std::any::Any;
use std::fs::File;
use std::io::{BufReader, Write};
use std::panic::catch_unwind;
use std::process::exit;
use std::time::Instant;

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;

use crate::batch::Batch;
use crate::frame::{self, Failure, Reply, Request};
use crate::task::Entry;
use crate::wire;

/// Serves until the pool closes the stream.
pub(crate) fn serve(mut stream: File, tasks: &[Entry]) -> ! {
    // A worker in the middle of a long task wouldn't see that its pool is gone.
    let _ = set_pdeathsig(Signal::SIGKILL);
    let Ok(input) = stream.try_clone() else { exit(2) };
    let mut input = BufReader::new(input);
    let mut replies = Batch::default();
    while let Ok(Some(message)) = frame::read(&mut input) {
        let ended = message.is_empty();
        if !ended {
            replies.add(answer(message, tasks));
        }
        if ended || replies.is_large() {
            if stream.write_all(&replies.bytes).is_err() {
                exit(1);
            }
            replies = Batch::default();
        }
    }
    exit(0)
}

fn answer(message: Vec<u8>, tasks: &[Entry]) -> Vec<u8> {
    let begin = Instant::now();
    let (Request { id, task }, args): (_, &[u8]) =
        postcard::take_from_bytes(&message).expect("pool and worker are the same program");
    let entry = tasks.iter().find(|entry| entry.name == task).expect("the pool asks for known tasks only");
    let (body, reply) = (message.len() - args.len(), header(id, Ok(())));
    let outcome = match catch_unwind(|| (entry.run)(message, body, reply)) {
        Ok(Ok(reply)) => return frame::seal_reply(reply, begin.elapsed()),
        Ok(Err(error)) => Failure::Translation(wire::reason(&error)),
        Err(panic) => Failure::Panicked(text(panic.as_ref())),
    };
    frame::seal_reply(header(id, Err(outcome)), begin.elapsed())
}

fn header(id: u64, outcome: Result<(), Failure>) -> Vec<u8> {
    frame::begin(&Reply { id, outcome }).expect("a header is only numbers and text")
}

/// What a panic said.
fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}
