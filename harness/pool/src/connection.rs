//! The pool's side of one worker.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Child;

use nix::poll::{PollFd, PollFlags};

use crate::batch::Batch;
use crate::{Error, frame, role};

/// A worker, and the messages on their way to it and from it.
///
/// The stream never blocks: a pool that waits to write to a worker that waits to write to the
/// pool would be a deadlock.
pub(crate) struct Connection {
    process: Child,
    /// A socket, as a file: what passes through read(2) and write(2) is counted in /proc/PID/io, and what passes
    /// through the calls for sockets isn't. Pools of Python do the same.
    stream: File,
    leaving: VecDeque<u8>,
    arrived: Vec<u8>,
    /// How many tasks it was given and hasn't answered.
    pub(crate) in_flight: usize,
}

impl Connection {
    pub(crate) fn start() -> io::Result<Self> {
        let (process, stream) = role::start_worker()?;
        stream.set_nonblocking(true)?;
        let stream = File::from(OwnedFd::from(stream));
        Ok(Connection { process, stream, leaving: VecDeque::new(), arrived: Vec::new(), in_flight: 0 })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Sends a batch; what the socket doesn't take now goes later.
    pub(crate) fn send(&mut self, batch: Batch) -> Result<(), Error> {
        self.in_flight += batch.tasks;
        if self.leaving.is_empty() {
            self.leaving = batch.bytes.into();
        } else {
            self.leaving.extend(batch.bytes);
        }
        self.leaving.extend(frame::END);
        self.write()
    }

    /// What poll(2) should wait for.
    pub(crate) fn awaited(&self) -> PollFd<'_> {
        let writable = if self.leaving.is_empty() { PollFlags::empty() } else { PollFlags::POLLOUT };
        PollFd::new(self.stream.as_fd(), PollFlags::POLLIN | writable)
    }

    /// Writes and reads as much as is possible now, and gives the complete messages.
    pub(crate) fn exchange(&mut self) -> Result<Vec<Vec<u8>>, Error> {
        self.write()?;
        self.read()?;
        let (mut messages, mut rest) = (Vec::new(), self.arrived.as_slice());
        while let Some((message, after)) = frame::first(rest) {
            messages.push(message.to_vec());
            rest = after;
        }
        let taken = self.arrived.len() - rest.len();
        self.arrived.drain(..taken);
        self.in_flight -= messages.len();
        Ok(messages)
    }

    /// An error if the process has ended.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.process.try_wait().map_err(Error::Wait)? {
            Some(status) => Err(Error::TerminatedWorker { pid: self.pid(), status }),
            None => Ok(()),
        }
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
        if self.leaving.is_empty() {
            // The room of a message goes with it: it may have been a large one.
            self.leaving = VecDeque::new();
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), Error> {
        let mut piece = [0; 1 << 14];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(self.died()),
                Ok(count) => {
                    self.arrived.extend_from_slice(&piece[..count]);
                    // Less than was asked for: there's no more, and no need to ask for it.
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
