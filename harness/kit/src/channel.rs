//! The line protocol between a program and the harness, on an inherited Unix stream socket.
//!
//! The number of the descriptor is in the environment variable [`VARIABLE`]. Each line is one of:
//!
//! | line | meaning |
//! |---|---|
//! | `mark NAME` | a phase begins. The harness samples everything at once and then answers with one byte; a program that wants its marks exact reads that byte before it goes on. |
//! | `done COUNT` | so many tasks are done by now. |
//! | `wait` | the harness samples what is cheap and then answers with one byte: what comes before this line belongs to what is sampled. |
//! | `fact NAME NUMBER FILE` | a count that only the program knows. NAME has no spaces. FILE is the source file that states it, and may be left out. |
//! | `fail ERRNO TEXT` | the program is about to end with this error; 0 if there is no errno. |
//!
//! Lines of more than [`MAX_LINE`] bytes, and lines that are none of these, are reported and skipped.
//! Without the variable nothing is sent, and marks and facts go to the standard error instead.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// The environment variable that holds the descriptor's number.
pub const VARIABLE: &str = "LAB_CHANNEL";

/// The longest line that the harness takes, in bytes, its newline included.
pub const MAX_LINE: usize = 4096;

/// A program that does many small tasks waits for the harness no more often than this. That keeps it close to the
/// samples, however busy the machine is.
const BETWEEN_WAITS: Duration = Duration::from_millis(1);

/// The program's end of the channel.
pub(crate) struct Channel {
    harness: Option<Mutex<Harness>>,
}

/// The other end, and when it was last waited for.
struct Harness {
    socket: UnixStream,
    waited: Instant,
}

impl Channel {
    /// Takes over the descriptor that the harness has left for this process.
    pub(crate) fn open() -> Self {
        let fd = std::env::var(VARIABLE).ok().and_then(|number| crate::sys::take_fd(number.parse().ok()?));
        let harness = fd.map(|fd: OwnedFd| Mutex::new(Harness { socket: fd.into(), waited: Instant::now() }));
        Channel { harness }
    }

    pub(crate) fn mark(&self, name: &str) {
        match self.harness() {
            Some(mut harness) => harness.ask(&format!("mark {name}")),
            None => eprintln!("mark {name}"),
        }
    }

    pub(crate) fn done(&self, count: usize) {
        // By hand, a line for each task would bury the marks.
        let Some(mut harness) = self.harness() else { return };
        harness.say(&format!("done {count}"));
        if harness.waited.elapsed() >= BETWEEN_WAITS {
            harness.ask("wait");
        }
    }

    #[track_caller]
    pub(crate) fn fact(&self, name: &str, value: u64) {
        let file = Location::caller().file();
        match self.harness() {
            Some(mut harness) => harness.say(&format!("fact {name} {value} {file}")),
            None => eprintln!("fact {name} {value}"),
        }
    }

    pub(crate) fn failed(&self, errno: i32, text: &str) {
        // By hand, the error is printed by the caller.
        if let Some(mut harness) = self.harness() {
            harness.say(&format!("fail {errno} {}", text.replace('\n', " ")));
        }
    }

    fn harness(&self) -> Option<MutexGuard<'_, Harness>> {
        Some(self.harness.as_ref()?.lock().expect("no thread panics while it talks"))
    }
}

impl Harness {
    /// A harness that is gone isn't a reason for the program to fail: errors end the talk silently.
    fn say(&mut self, line: &str) {
        let _ = self.socket.write_all(format!("{line}\n").as_bytes());
    }

    /// Says a line that is answered, and waits for the answer.
    fn ask(&mut self, line: &str) {
        self.say(line);
        let _ = self.socket.read_exact(&mut [0]);
        self.waited = Instant::now();
    }
}
