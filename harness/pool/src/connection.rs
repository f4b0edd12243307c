//! The pool's side of one worker.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::Child;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::{Error, frame, role};

/// How often a silent worker is asked whether it still lives, in milliseconds. The end of its
/// stream says so at once, unless a task has started a process that keeps the stream open.
const ASK_EVERY: u16 = 500;

/// A worker, and what is on its way to it and from it.
///
/// The stream never blocks: a pool that waits to write to a worker that waits to write to the
/// pool would be a deadlock.
pub(crate) struct Connection {
    process: Child,
    stream: UnixStream,
    leaving: VecDeque<u8>,
    arrived: Vec<u8>,
    pub(crate) in_flight: usize,
}

impl Connection {
    pub(crate) fn start() -> io::Result<Self> {
        let (process, stream) = role::start_worker()?;
        stream.set_nonblocking(true)?;
        Ok(Connection { process, stream, leaving: VecDeque::new(), arrived: Vec::new(), in_flight: 0 })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends a message; what the socket does not take now goes later.
    pub(crate) fn send(&mut self, message: Vec<u8>) -> Result<(), Error> {
        self.in_flight += 1;
        if self.leaving.is_empty() {
            self.leaving = message.into();
        } else {
            self.leaving.extend(message);
        }
        self.write()
    }

    fn write(&mut self) -> Result<(), Error> {
        while !self.leaving.is_empty() {
            match self.stream.write(self.leaving.as_slices().0) {
                Ok(count) => drop(self.leaving.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(self.died()),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), Error> {
        let mut piece = [0; 1 << 16];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(self.died()),
                Ok(count) => {
                    self.arrived.extend_from_slice(&piece[..count]);
                    // Less than was asked for: there is no more, and no need to ask for it.
                    if count < piece.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(self.died()),
            }
        }
    }

    /// The error of a worker whose stream has ended.
    fn died(&mut self) -> Error {
        match self.process.wait() {
            Ok(status) => Error::TerminatedWorker { pid: self.pid(), status },
            Err(error) => Error::Wait(error),
        }
    }
}

impl Drop for Connection {
    /// A worker holds nothing that would need an orderly end.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Waits until messages have arrived from some of the workers, and gives them all.
pub(crate) fn receive(workers: &mut [Connection]) -> Result<Vec<Vec<u8>>, Error> {
    let mut messages = Vec::new();
    while messages.is_empty() {
        for ready in wait(workers)? {
            let worker = &mut workers[ready];
            worker.write()?;
            worker.read()?;
            while let Some(message) = frame::take(&mut worker.arrived) {
                worker.in_flight -= 1;
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

/// Waits for the workers' streams (poll(2)); gives the positions of those that can go on.
fn wait(workers: &mut [Connection]) -> Result<Vec<usize>, Error> {
    let mut streams: Vec<PollFd<'_>> = workers
        .iter()
        .map(|worker| {
            let writable = if worker.leaving.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
            PollFd::new(worker.stream.as_fd(), PollFlags::POLLIN | writable)
        })
        .collect();
    match poll(&mut streams, PollTimeout::from(ASK_EVERY)) {
        Ok(0) => {}
        Ok(_) => return Ok((0..streams.len()).filter(|at| streams[*at].any() == Some(true)).collect()),
        Err(Errno::EINTR) => return Ok(Vec::new()),
        Err(errno) => return Err(Error::Wait(errno.into())),
    }
    for worker in workers {
        if let Some(status) = worker.process.try_wait().map_err(Error::Wait)? {
            return Err(Error::TerminatedWorker { pid: worker.pid(), status });
        }
    }
    Ok(Vec::new())
}
