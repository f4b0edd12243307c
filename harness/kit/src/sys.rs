//! Every `unsafe` block of the workspace, each with the fact that makes it true here.
#![allow(unsafe_code, reason = "this module is the fence around what Rust can not check")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use memmap2::{Mmap, MmapOptions};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// Maps `len` bytes of a file from `offset` on, read-only and shared (mmap(2)).
///
/// # Errors
///
/// Those of mmap(2): no memory, too many maps, or a file that can not be mapped.
pub fn map(file: &File, offset: u64, len: usize) -> io::Result<Mmap> {
    // SAFETY: a map is only undefined behaviour when the file is cut or rewritten under it. The
    // files mapped here are private to one run or one pool, written once before they are handed
    // over, and only ever unlinked afterwards.
    unsafe { MmapOptions::new().offset(offset).len(len).map(file) }
}

/// Takes over an inherited descriptor by its number; `None` where it is not open.
///
/// It is closed on exec from now on, so that children do not hold the other side open.
pub fn take_fd(number: RawFd) -> Option<OwnedFd> {
    if number <= 2 {
        return None;
    }
    // SAFETY: the number came from the process's parent, which opened it for this purpose. It is
    // above the standard streams, is looked at through fcntl(2) before anything else, and each
    // caller takes it once, at the start of the program, before other descriptors are opened.
    let fd = unsafe { OwnedFd::from_raw_fd(number) };
    match fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)) {
        Ok(_) => Some(fd),
        Err(_) => {
            // Not open: dropping it would close a number that someone else may get.
            std::mem::forget(fd);
            None
        }
    }
}

/// Lets the child keep `fd`, under the same number, when `command` is spawned.
pub fn pass_fd(command: &mut Command, fd: OwnedFd) -> RawFd {
    let number = fd.as_raw_fd();
    // SAFETY: between fork and exec only fcntl(2) is called, which is async-signal-safe; the
    // closure owns the descriptor, so it is open for as long as the command can be spawned.
    unsafe {
        command.pre_exec(move || {
            fcntl(&fd, FcntlArg::F_SETFD(FdFlag::empty()))?;
            Ok(())
        });
    }
    number
}

/// Puts the child into the control group whose `cgroup.procs` is open as `procs`, before it execs.
///
/// Thus every page that the program touches is counted, and none of its parent's.
pub fn join_cgroup(command: &mut Command, procs: OwnedFd) {
    // SAFETY: between fork and exec only write(2) is called, which is async-signal-safe; "0" names
    // the writing process itself (cgroups(7)).
    unsafe {
        command.pre_exec(move || {
            nix::unistd::write(&procs, b"0")?;
            Ok(())
        });
    }
}

/// Has the allocator map every block of `from` bytes or more by itself, and unmap it when it is freed.
///
/// glibc does so by default, but each time such a block is freed it raises `from` to its size, up to
/// 32 MiB, and keeps smaller ones from then on (mallopt(3), M_MMAP_THRESHOLD). Then memory that was
/// freed still counts as resident, and a curve shows the allocator and not the program. Once set, the
/// bound stays. Call it before the first thread is started; other C libraries have no such bound.
pub fn map_large_blocks(from: usize) {
    #[cfg(target_env = "gnu")]
    {
        use nix::libc::{M_MMAP_THRESHOLD, c_int, mallopt};
        let from = c_int::try_from(from).unwrap_or(c_int::MAX);
        // SAFETY: it takes two numbers and no pointers, and glibc holds the lock of its main arena
        // while it stores one of them. Scenarios call it from `main`'s thread before any other runs.
        unsafe { mallopt(M_MMAP_THRESHOLD, from) };
    }
    #[cfg(not(target_env = "gnu"))]
    let _ = from;
}
