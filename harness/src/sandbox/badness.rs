//! Which process the kernel kills first when the machine runs out of memory.

use std::fs::{self, File};
use std::io::Write;

/// How soon the kernel's OOM killer takes a process, should the machine run out of memory in spite of everything
/// (proc_pid_oom_score_adj(5)). The program and its children come first, this process as late as before.
pub(super) struct Badness {
    /// Once this process can't be looked into, it can't open this file any more either.
    file: File,
    own: String,
}

impl Badness {
    /// Raises it, for the program to inherit.
    pub(super) fn raise() -> Option<Self> {
        const FILE: &str = "/proc/self/oom_score_adj";
        let own = fs::read_to_string(FILE).ok()?;
        let mut file = File::options().write(true).open(FILE).ok()?;
        file.write_all(b"500").ok()?;
        Some(Badness { file, own })
    }

    pub(super) fn restore(mut self) {
        let _ = self.file.write_all(self.own.as_bytes());
    }
}
