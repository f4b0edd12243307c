//! How the program that uses a pool is started again, as a worker or as the tracker.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use nix::unistd::dup2_stdin;

/// The name of a worker, which it has as its first word.
pub(crate) const WORKER: &str = "labpool-worker";

/// The name of the tracker; the folder that it watches follows.
pub(crate) const TRACKER: &str = "labpool-tracker";

pub(crate) fn start_worker() -> io::Result<(Child, UnixStream)> {
    start(WORKER, &[], Command::new("/proc/self/exe"))
}

pub(crate) fn start_tracker(folder: &OsStr) -> io::Result<(Child, UnixStream)> {
    let mut command = Command::new("/proc/self/exe");
    // In a separate group, it outlives a signal to the group of the program, as from Ctrl-C.
    command.process_group(0).stdout(Stdio::null());
    start(TRACKER, &[folder], command)
}

/// Starts this program again, with one end of a new socket as its standard input.
///
/// Any other descriptor would have to be opened to the child between fork and exec, and then std has
/// to fork. That copies the page table, and takes longer the more memory the program has. As it is,
/// std calls posix_spawn(3), which doesn't.
fn start(role: &str, words: &[&OsStr], mut command: Command) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    let child = command.arg0(role).args(words).stdin(OwnedFd::from(theirs)).spawn()?;
    // `command` held the other end: it is closed here, so that the child's death closes the socket.
    drop(command);
    Ok((child, ours))
}

/// In the process that was started: the socket that came as its standard input. Tasks find nothing
/// there, because the stream isn't theirs. The process gets a name that `ps` and `pgrep` know; without
/// it, it would be called "exe".
pub(crate) fn take_stream(name: &str) -> io::Result<File> {
    let stream = io::stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(File::open("/dev/null")?)?;
    // Nothing depends on the name.
    let _ = std::fs::write("/proc/self/comm", name);
    Ok(File::from(stream))
}
