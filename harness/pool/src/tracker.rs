//! The tracker: a small process that removes the pool's folder, however the program ends.
//!
//! joblib calls it the resource tracker. It holds one end of a socket and waits for its end of file. The kernel
//! closes the other end whatever happens to the program: a return, a panic, a SIGKILL. There's no other way out, so
//! every run tests the rare case.

#![expect(clippy::disallowed_methods, reason = "a tracker has no main to return to")]

use std::fs::{File, remove_dir_all};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, exit};

use nix::sys::signal::{SigSet, Signal};

use crate::role;

/// The program's side of the tracker.
pub(crate) struct Tracker {
    process: Child,
    line: Option<UnixStream>,
}

impl Tracker {
    /// Starts a tracker for a folder that isn't there yet, and waits until it can be relied on.
    pub(crate) fn start(folder: &Path) -> io::Result<Self> {
        let (process, mut line) = role::start_tracker(folder.as_os_str())?;
        line.read_exact(&mut [0])?;
        Ok(Tracker { process, line: Some(line) })
    }

    /// Has the folder removed, and waits until that is done.
    pub(crate) fn clean_up(&mut self) {
        self.line = None;
        let _ = self.process.wait();
    }
}

/// Waits for the program's end, and cleans up behind it.
pub(crate) fn serve(mut line: File, folder: PathBuf) -> ! {
    // Blocked for good: who stops the program stops it first, and the folder last.
    let deaf: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    if deaf.thread_block().is_err() || line.write_all(b"!").is_err() {
        exit(1);
    }
    let _ = line.read_to_end(&mut Vec::new());
    match remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            eprintln!("labpool: {} is left behind: {error}", folder.display());
            exit(1)
        }
        _ => exit(0),
    }
}
