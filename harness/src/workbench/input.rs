//! Lines that the user types, while Ctrl-C is noticed too.

use std::io;
use std::os::fd::AsFd;

use anyhow::Result;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::read;

use super::{Stop, Workbench};

impl Workbench {
    /// Waits for a line, and returns it without its end; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// [`Stop::Interrupted`], if the user wants it to stop.
    pub(crate) fn line(&self) -> Result<Option<String>> {
        let input = io::stdin();
        let mut line = Vec::new();
        loop {
            let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
            poll(&mut [PollFd::new(input.as_fd(), PollFlags::POLLIN), signals], PollTimeout::NONE)?;
            if self.stopped()? {
                return Err(Stop::Interrupted(None).into());
            }
            // Byte by byte, so that nothing waits in a buffer that poll(2) doesn't see.
            let mut byte = [0];
            match (read(&input, &mut byte)?, byte) {
                (0, _) if line.is_empty() => return Ok(None),
                (0, _) | (_, [b'\n']) => return Ok(Some(String::from_utf8_lossy(&line).into_owned())),
                (_, [byte]) => line.push(byte),
            }
        }
    }
}
