//! What the user types, line by line, while Ctrl-C is heard too.

use std::io;
use std::os::fd::AsFd;

use anyhow::Result;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;

use super::Lab;

/// What came first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A line, without its end.
    Line(String),
    /// The end of the input.
    End,
    /// The user wants it to stop.
    Stopped,
}

/// Waits for a line.
pub(crate) fn line(lab: &Lab) -> Result<Input> {
    let input = io::stdin();
    let mut line = Vec::new();
    loop {
        let signals = PollFd::new(lab.signals.as_fd(), PollFlags::POLLIN);
        poll(&mut [PollFd::new(input.as_fd(), PollFlags::POLLIN), signals], PollTimeout::NONE)?;
        if lab.stopped()? {
            return Ok(Input::Stopped);
        }
        // Byte by byte, so that nothing waits in a buffer where poll(2) does not see it.
        let mut byte = [0];
        match (read(&input, &mut byte)?, byte) {
            (0, _) if line.is_empty() => return Ok(Input::End),
            (0, _) | (_, [b'\n']) => return Ok(Input::Line(String::from_utf8_lossy(&line).into_owned())),
            (_, [byte]) => line.push(byte),
        }
    }
}
