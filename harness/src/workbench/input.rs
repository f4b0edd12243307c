//! Lines that the user types, and keys, while Ctrl-C is noticed too.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use anyhow::Result;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
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

    /// Waits so long at most for a key.
    ///
    /// # Errors
    ///
    /// [`Stop::Interrupted`], if the user wants it to stop.
    pub(crate) fn key(&self, longest: Duration) -> Result<Pressed> {
        let input = io::stdin();
        let timeout = PollTimeout::try_from(longest).unwrap_or(PollTimeout::NONE);
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let mut ready = [PollFd::new(input.as_fd(), PollFlags::POLLIN), signals];
        poll(&mut ready, timeout)?;
        let has_input = ready[0].any().unwrap_or_default();
        if self.stopped()? {
            return Err(Stop::Interrupted(None).into());
        }
        let mut byte = [0];
        Ok(match has_input {
            false => Pressed::Nothing,
            true if read(&input, &mut byte)? == 0 => Pressed::End,
            true => Pressed::Key(char::from(byte[0])),
        })
    }
}

/// The result of waiting for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// None was pressed.
    Nothing,
    /// This one; a letter that isn't of ASCII comes as several.
    Key(char),
    /// There's no more input.
    End,
}

/// For as long as this lives, a key is read when it's pressed and isn't shown; Ctrl-C works as ever. A terminal
/// that can't do that, or whose shell has changed it meanwhile, sends a key with the next Enter.
pub(crate) struct SingleKeys(Option<Termios>);

impl SingleKeys {
    pub(crate) fn begin() -> Self {
        let before = tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let mut mode = before.clone();
            mode.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &mode);
        }
        SingleKeys(before)
    }
}

impl Drop for SingleKeys {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, before);
        }
    }
}
