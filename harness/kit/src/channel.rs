//! The line protocol between a program and the harness, on an inherited Unix stream socket.
//!
//! The number of the descriptor is in the environment variable [`VARIABLE`]. Each line is one of:
//!
//! | line | meaning |
//! |---|---|
//! | `mark NAME` | a phase begins. The harness samples everything at once and then answers with one byte; a program that wants its marks exact reads that byte before it goes on. |
//! | `done COUNT` | so many tasks are done by now. |
//! | `fact NAME NUMBER` | a count that only the program knows. NAME has no spaces. |
//! | `fail ERRNO TEXT` | the program is about to end with this error; 0 where there is no errno. |
//!
//! Lines of more than [`MAX_LINE`] bytes, and lines that are none of these, are reported and skipped.
//! Without the variable nothing is sent, and marks and facts go to the standard error instead.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;

/// The environment variable that holds the descriptor's number.
pub const VARIABLE: &str = "LAB_CHANNEL";

/// The longest line that the harness takes, in bytes, its newline included.
pub const MAX_LINE: usize = 4096;

/// The program's end of the channel.
pub(crate) struct Channel {
    socket: Option<Mutex<UnixStream>>,
}

impl Channel {
    /// Takes over the descriptor that the harness has left for this process.
    pub(crate) fn open() -> Self {
        let socket = std::env::var(VARIABLE)
            .ok()
            .and_then(|number| number.parse().ok())
            .and_then(crate::sys::take_fd)
            .map(|fd: OwnedFd| Mutex::new(UnixStream::from(fd)));
        Channel { socket }
    }

    pub(crate) fn mark(&self, name: &str) {
        self.say(&format!("mark {name}"), Answer::Awaited);
    }

    pub(crate) fn done(&self, count: usize) {
        // By hand, a line for each task would bury the marks.
        if self.socket.is_some() {
            self.say(&format!("done {count}"), Answer::None);
        }
    }

    pub(crate) fn fact(&self, name: &str, value: u64) {
        self.say(&format!("fact {name} {value}"), Answer::None);
    }

    pub(crate) fn failed(&self, errno: i32, text: &str) {
        if self.socket.is_some() {
            self.say(&format!("fail {errno} {}", text.replace('\n', " ")), Answer::None);
        }
    }

    /// A harness that is gone is no reason for the program to fail: errors end the talk silently.
    fn say(&self, line: &str, answer: Answer) {
        let Some(socket) = &self.socket else {
            eprintln!("{line}");
            return;
        };
        let mut socket = socket.lock().expect("no thread panics while it talks");
        if socket.write_all(format!("{line}\n").as_bytes()).is_ok() && answer == Answer::Awaited {
            let _ = socket.read_exact(&mut [0]);
        }
    }
}

#[derive(PartialEq)]
enum Answer {
    Awaited,
    None,
}
