//! How the pool waits for its workers.

use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollTimeout, poll};

use crate::Error;
use crate::connection::Connection;

/// How often a silent worker is asked whether it still lives, in milliseconds. The end of its stream says so
/// immediately, unless a task has started a process that keeps the stream open.
const ASK_EVERY: u16 = 500;

/// How long the pool looks out for a message before it sleeps.
///
/// Falling asleep and waking again can take this long if the worker has its own processor, and an empty task takes a
/// fraction of that (`cargo bench -p labpool`).
const AWAKE: Duration = Duration::from_micros(50);

/// Waits until messages have arrived from some of the workers, and gives them all.
///
/// The pool stays awake for a moment if the busy workers leave at least one of the `processors` free. Otherwise it
/// would take their time, so it sleeps immediately.
pub(crate) fn receive(workers: &mut [Connection], processors: usize) -> Result<Vec<Vec<u8>>, Error> {
    let busy = workers.iter().filter(|worker| worker.in_flight > 0).count();
    let mut ready = if busy < processors { look_out(workers)? } else { Vec::new() };
    let mut messages = Vec::new();
    loop {
        for worker in ready {
            messages.extend(workers[worker].exchange()?);
        }
        if !messages.is_empty() {
            return Ok(messages);
        }
        ready = sleep(workers)?;
    }
}

/// The positions of the workers that have something to say within [`AWAKE`].
fn look_out(workers: &[Connection]) -> Result<Vec<usize>, Error> {
    let begin = Instant::now();
    loop {
        let ready = ready(workers, PollTimeout::ZERO)?;
        if !ready.is_empty() || begin.elapsed() > AWAKE {
            return Ok(ready);
        }
        // The processor may be wanted by a program that the pool knows nothing of.
        std::thread::yield_now();
    }
}

/// Sleeps until workers can go on, and gives their positions. Now and then it looks for dead ones.
fn sleep(workers: &mut [Connection]) -> Result<Vec<usize>, Error> {
    let ready = ready(workers, PollTimeout::from(ASK_EVERY))?;
    if ready.is_empty() {
        workers.iter_mut().try_for_each(Connection::check)?;
    }
    Ok(ready)
}

/// The positions of the workers whose streams can go on (poll(2)), after this time at the latest.
fn ready(workers: &[Connection], timeout: PollTimeout) -> Result<Vec<usize>, Error> {
    let mut streams: Vec<PollFd<'_>> = workers.iter().map(Connection::awaited).collect();
    match poll(&mut streams, timeout) {
        Ok(_) => Ok((0..streams.len()).filter(|at| streams[*at].any() == Some(true)).collect()),
        Err(Errno::EINTR) => Ok(Vec::new()),
        Err(errno) => Err(Error::Wait(errno.into())),
    }
}
