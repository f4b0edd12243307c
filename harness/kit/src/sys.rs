//! Every `unsafe` block of the workspace, each with the fact that makes it true here.
#![allow(unsafe_code, reason = "this module is the fence around what Rust can not check")]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use memmap2::{Mmap, MmapMut, MmapOptions};
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

/// The same, with all pages read and mapped before it returns (MAP_POPULATE of mmap(2)).
///
/// # Errors
///
/// As for [`map`]. That a page could not be read is no error: it is read when it is touched.
pub fn map_populated(file: &File, offset: u64, len: usize) -> io::Result<Mmap> {
    // SAFETY: as in `map`: nobody cuts or rewrites the file while it is mapped.
    unsafe { MmapOptions::new().offset(offset).len(len).populate().map(file) }
}

/// Maps the first `len` bytes of a file, shared, to be written (mmap(2)).
///
/// What a page of a file needs is asked for when the page is first touched. Where the file system is
/// full by then there is nobody to give an error to, and the kernel ends the process with SIGBUS.
///
/// # Errors
///
/// Those of mmap(2): no memory, too many maps, or a file that can not be mapped.
pub fn map_mut(file: &File, len: usize) -> io::Result<MmapMut> {
    // SAFETY: a map is only undefined behaviour when someone else changes the file under it. The
    // files mapped here were made by this process for itself, and nobody is told of them before the
    // map is gone. SIGBUS is the end of the process, and no behaviour of it.
    unsafe { MmapOptions::new().len(len).map_mut(file) }
}

/// How many bytes of a file are in the page cache (cachestat(2), Linux 6.5; before that mincore(2)).
///
/// # Errors
///
/// Those of the calls. Since Linux 5.2 mincore(2) says of a file that the caller neither owns nor may
/// write that all of it is there; ask about files of your own.
pub fn cached_bytes(file: &File) -> io::Result<u64> {
    let page = page_size();
    let range = [0_u64; 2];
    let mut stat = [0_u64; 5];
    // SAFETY: the kernel reads a `struct cachestat_range` of two u64 (length 0 is the whole file) and
    // writes a `struct cachestat` of five u64 (include/uapi/linux/mman.h); both arrays live on.
    let done =
        unsafe { nix::libc::syscall(CACHESTAT, file.as_raw_fd(), range.as_ptr(), stat.as_mut_ptr(), 0) };
    if done == 0 {
        return Ok(stat[0] * page);
    }
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    if length == 0 {
        return Ok(0);
    }
    let map = map(file, 0, length)?;
    let mut pages = vec![0_u8; (length as u64).div_ceil(page) as usize];
    // SAFETY: the map is as long as said, and the vector has a byte for each of its pages.
    let done = unsafe { nix::libc::mincore(map.as_ptr().cast_mut().cast(), length, pages.as_mut_ptr()) };
    nix::errno::Errno::result(done)?;
    Ok(pages.iter().filter(|state| **state & 1 == 1).count() as u64 * page)
}

/// The number of cachestat(2), the same on every architecture; glibc has no wrapper yet.
const CACHESTAT: nix::libc::c_long = 451;

/// The size of a page of memory, in bytes.
fn page_size() -> u64 {
    let size = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE);
    size.ok().flatten().and_then(|size| u64::try_from(size).ok()).unwrap_or(4096)
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
