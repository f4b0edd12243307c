//! One process of a run, as the recorder reads it many times a second.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;

use super::procfile::{self, ProcFile, Statm};

/// One process of a run.
pub(super) struct Member {
    /// The thread through whose folder in /proc the process is read: its first one, or another one when
    /// that has ended. An ended first thread shows no memory, whatever the others have.
    pub(super) via: i32,
    /// The highest of its marks so far, in bytes: whoever resets them must remember it.
    pub(super) highest: u64,
    /// Whether its memory is another process's, as that of a child of vfork(2) before its exec(2).
    pub(super) shares: bool,
    /// The process whose memory it is.
    with: Option<i32>,
    /// Its resident memory at the last reading, in bytes, and its anonymous part.
    pub(super) last: [u64; 2],
    is_new: bool,
    pid: i32,
    /// Whether descriptors are kept open.
    is_kept: bool,
    statm: Option<ProcFile>,
    marks: Option<Marks>,
    resets: HighMarks,
}

/// Whether the high-water marks of the processes are read and reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HighMarks {
    /// At each sample. This destroys what getrusage(2) reports to the program of its own peak.
    Reset,
    /// They are left alone.
    LeftAlone,
}

/// VmHWM of /proc/PID/status, and the file that resets it.
struct Marks {
    status: ProcFile,
    clear: File,
}

impl Member {
    /// Begins to look at a process; its descriptors are kept open or not.
    pub(super) fn open(pid: i32, is_kept: bool, resets: HighMarks) -> Self {
        let mut member = Member {
            via: pid,
            highest: 0,
            shares: false,
            with: None,
            last: [0; 2],
            is_new: true,
            pid,
            is_kept,
            statm: None,
            marks: None,
            resets,
        };
        member.read_through(pid);
        member
    }

    /// What it has; `None` when it is gone.
    pub(super) fn statm(&mut self) -> Option<Statm> {
        if let Some(statm) = self.read_statm() {
            return Some(statm);
        }
        let threads = fs::read_dir(format!("/proc/{}/task", self.pid)).ok()?.flatten();
        let others = threads.filter_map(|thread| thread.file_name().to_str()?.parse().ok());
        for thread in others.filter(|thread| *thread != self.via).collect::<Vec<i32>>() {
            self.read_through(thread);
            if let Some(statm) = self.read_statm() {
                return Some(statm);
            }
        }
        None
    }

    /// Whether its memory may be another's. A process stops sharing with its exec(2), and never begins to.
    pub(super) fn may_share(&self) -> bool {
        self.is_new || self.shares
    }

    /// Whether it shares its memory; `like` is a process that has as much.
    pub(super) fn shares_with(&mut self, like: Option<i32>) -> bool {
        let shares = |other: &i32| labkit::sys::shares_memory(self.pid, *other);
        self.with = if std::mem::take(&mut self.is_new) {
            // While other threads of its parent go on, the two are seldom seen with as much.
            like.filter(shares).or_else(|| self.parent().filter(shares))
        } else {
            self.with.filter(shares)
        };
        self.shares = self.with.is_some();
        self.shares
    }

    fn parent(&self) -> Option<i32> {
        let stat = ProcFile::open(format!("/proc/{}/stat", self.pid))?;
        stat.read(procfile::stat).map(|stat| stat.parent)
    }

    /// The highest resident memory since the last time, in bytes; 0 if that isn't read.
    pub(super) fn peak(&self) -> u64 {
        self.marks.as_ref().map_or(0, Marks::take)
    }

    fn read_through(&mut self, thread: i32) {
        self.via = thread;
        if self.is_kept {
            self.statm = ProcFile::open(format!("/proc/{thread}/statm"));
            self.marks = (self.resets == HighMarks::Reset).then(|| Marks::open(thread)).flatten();
        }
    }

    fn read_statm(&self) -> Option<Statm> {
        match &self.statm {
            Some(statm) => statm.line(procfile::statm),
            None => ProcFile::open(format!("/proc/{}/statm", self.via))?.line(procfile::statm),
        }
    }
}

impl Marks {
    fn open(pid: i32) -> Option<Self> {
        let clear = OpenOptions::new().write(true).open(format!("/proc/{pid}/clear_refs")).ok();
        let clear = clear.filter(procfile::may_stay)?;
        Some(Marks { status: ProcFile::open(format!("/proc/{pid}/status"))?, clear })
    }

    /// The highest resident memory since the last time, in bytes; from now on it is counted again.
    fn take(&self) -> u64 {
        let highest = self.status.read(|text| Some(procfile::lines(text, ["VmHWM:"])[0])).unwrap_or(0);
        // 5 sets the high-water mark to the resident memory now (proc_pid_clear_refs(5)).
        let _ = self.clear.write_at(b"5", 0);
        highest * 1024
    }
}
