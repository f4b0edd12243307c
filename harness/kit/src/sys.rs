//! Every `unsafe` block of the workspace, each with the fact that makes it true here.
#![allow(unsafe_code, reason = "this module is the fence around what Rust can't check")]

use std::cell::Cell;
use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use memmap2::{Mmap, MmapMut, MmapOptions, UncheckedAdvice};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::Signal;
use nix::sys::wait::WaitPidFlag;
use nix::unistd::{ForkResult, Pid, getpid, getppid};

use crate::child::{Child, GAVE_UP};

/// Maps `len` bytes of a file from `offset` on, read-only and shared (mmap(2)).
///
/// # Errors
///
/// Those of mmap(2): no memory, too many maps, or a file that can't be mapped.
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
/// As for [`map`]. A page that couldn't be read isn't an error: it's read when it's touched.
pub fn map_populated(file: &File, offset: u64, len: usize) -> io::Result<Mmap> {
    // SAFETY: as in `map`: nobody cuts or rewrites the file while it is mapped.
    unsafe { MmapOptions::new().offset(offset).len(len).populate().map(file) }
}

/// Maps the first `len` bytes of a file, shared, to be written (mmap(2)).
///
/// The memory for a page of a file is taken when the page is first touched. If the file system is full
/// by then, nobody can be given an error, and the kernel ends the process with SIGBUS.
///
/// # Errors
///
/// Those of mmap(2): no memory, too many maps, or a file that can't be mapped.
pub fn map_mut(file: &File, len: usize) -> io::Result<MmapMut> {
    // SAFETY: a map is only undefined behaviour when someone else changes the file under it. The
    // files mapped here were made by this process for itself, and nobody is told of them before the
    // map is gone. SIGBUS is the end of the process, and no behaviour of it.
    unsafe { MmapOptions::new().len(len).map_mut(file) }
}

/// Gives whole pages of a map back to the kernel (MADV_DONTNEED of madvise(2)). From then on those of an anonymous map
/// read as zeros, and those of a file as the file.
///
/// # Errors
///
/// Those of madvise(2), and EINVAL for a part that isn't whole pages of the map.
pub fn release(map: &mut MmapMut, part: Range<usize>) -> io::Result<()> {
    let page = usize::try_from(page_size()).map_err(io::Error::other)?;
    let is_whole = part.start.is_multiple_of(page) && part.end.is_multiple_of(page);
    if !is_whole || map.get(part.clone()).is_none() {
        return Err(Errno::EINVAL.into());
    }
    // SAFETY: the part is within the map, which begins at a page. The map is borrowed as mutable, so nobody else has a
    // reference into it, and bytes have any value, zero as well.
    unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, part.start, part.len()) }
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

/// Takes over an inherited descriptor by its number; `None` if it isn't open.
///
/// It is closed on exec from now on, so that children don't hold the other side open.
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

/// Whether two processes have one address space, as after vfork(2) (kcmp(2)). `false` also where the
/// kernel doesn't answer: it was built without kcmp, or a filter of system calls forbids it.
pub fn shares_memory(one: i32, other: i32) -> bool {
    const KCMP_VM: libc::c_int = 1;
    // SAFETY: kcmp(2) takes numbers alone, and touches no memory of this process.
    unsafe { libc::syscall(libc::SYS_kcmp, one, other, KCMP_VM, 0, 0) == 0 }
}

/// Asks the scheduler for short turns of this thread, so that it's let in sooner when it wakes. Since Linux 6.12
/// a thread that needs less at a time comes first, and gets no more in all (sched_setattr(2);
/// kernel/sched/fair.c). What it forks from then on inherits that.
///
/// # Errors
///
/// Those of sched_setattr(2); a thread that isn't scheduled as usual is left as it is. Older kernels do nothing.
pub fn take_short_turns(turn: Duration) -> io::Result<()> {
    // SAFETY: it's numbers alone, for which zeros are values.
    let mut how: libc::sched_attr = unsafe { std::mem::zeroed() };
    let (this, flags) = (0, 0);
    // SAFETY: the kernel writes a struct of this size, which lives on.
    let had = unsafe { libc::syscall(libc::SYS_sched_getattr, this, &raw mut how, size_of_val(&how), flags) };
    Errno::result(had)?;
    if how.sched_policy != libc::SCHED_OTHER.cast_unsigned() {
        return Ok(());
    }
    how.sched_runtime = u64::try_from(turn.as_nanos()).unwrap_or(u64::MAX);
    // SAFETY: the kernel reads the same struct, whose size is in it.
    let set = unsafe { libc::syscall(libc::SYS_sched_setattr, this, &raw const how, flags) };
    Errno::result(set).map(drop).map_err(io::Error::from)
}

/// Makes all mounts of this process read-only, whose mounts must be its own (mount_setattr(2), Linux 5.12).
///
/// # Errors
///
/// Those of mount_setattr(2); no mount is changed then.
pub fn mount_read_only() -> io::Result<()> {
    set_mount(Path::new("/"), libc::AT_RECURSIVE, libc::MOUNT_ATTR_RDONLY, 0)
}

/// Makes one mount writable again that [`mount_read_only`] has changed.
///
/// # Errors
///
/// Those of mount_setattr(2).
pub fn mount_writable(folder: &Path) -> io::Result<()> {
    set_mount(folder, 0, 0, libc::MOUNT_ATTR_RDONLY)
}

fn set_mount(path: &Path, flags: libc::c_int, set: u64, clear: u64) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // struct mount_attr: what is set and cleared, and neither propagation nor a user namespace.
    let attributes: [u64; 4] = [set, clear, 0, 0];
    let size = size_of_val(&attributes);
    // SAFETY: the kernel reads a string that ends with 0 and a struct of this size, and both live on.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            attributes.as_ptr(),
            size,
        )
    };
    Errno::result(done).map(drop).map_err(io::Error::from)
}

/// A netlink socket of a protocol (netlink(7)) that doesn't block.
///
/// # Errors
///
/// Those of socket(2), among them that the kernel has no such protocol.
pub fn netlink(protocol: i32) -> io::Result<OwnedFd> {
    let kind = libc::SOCK_DGRAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: it takes three numbers and no pointers. nix has a safe socket(2), but for a list of
    // protocols in which the connector isn't.
    let number = unsafe { libc::socket(libc::AF_NETLINK, kind, protocol) };
    // SAFETY: where the call hasn't failed, the descriptor is open, new, and nobody else's.
    Errno::result(number).map(|number| unsafe { OwnedFd::from_raw_fd(number) }).map_err(io::Error::from)
}

/// How a process treats the signals that it may be sent: a set is one bit a signal, the lowest for number 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dispositions {
    /// Those that it ignores.
    pub ignored: u64,
    /// Those that wait until it asks for them.
    pub blocked: u64,
}

/// The largest number of a signal (signal(7)).
pub const LAST_SIGNAL: i32 = 64;

static IGNORED: AtomicU64 = AtomicU64::new(0);
static BLOCKED: AtomicU64 = AtomicU64::new(0);

/// How the caller of this program treated signals. Rust's runtime changes that before `main` begins.
pub fn inherited_signals() -> Dispositions {
    Dispositions { ignored: IGNORED.load(Ordering::Relaxed), blocked: BLOCKED.load(Ordering::Relaxed) }
}

// SAFETY: the dynamic linker calls each function of this section once, before `main`, and this one has
// the C calling convention. It needs nothing of Rust's runtime, which isn't there yet.
#[unsafe(link_section = ".init_array")]
#[used]
static LOOK_AT_SIGNALS: extern "C" fn() = look_at_signals;

extern "C" fn look_at_signals() {
    let is_ignored = |signal: &i32| change_action(*signal, None) == libc::SIG_IGN;
    let ignored = (1..=LAST_SIGNAL).filter(is_ignored).fold(0, |set, signal| set | bit(signal));
    IGNORED.store(ignored, Ordering::Relaxed);
    BLOCKED.store(change_mask(None), Ordering::Relaxed);
}

/// Sets what a signal does, or only reads it; returns what it did. For a number without a signal, that's
/// the default.
///
/// The C library keeps two signals to itself, and has what it starts ignore them, so this asks the kernel.
fn change_action(signal: i32, new: Option<libc::sighandler_t>) -> libc::sighandler_t {
    // The kernel's own structure: the handler, flags, what restores the stack, and a mask.
    let mut before = [0; 4];
    let new = new.map(|handler| [handler, 0, 0, 0]);
    let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the kernel reads and writes structures of four words, the last of them a set of eight bytes,
    // as is said in the last argument. No caller gives a function for a handler.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, new, &raw mut before, 8) };
    before[0]
}

/// The set with this signal alone.
pub fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// Sets the mask of this thread, all 64 signals of it, or only reads it; returns the one before.
fn change_mask(new: Option<u64>) -> u64 {
    let mut before = 0_u64;
    let new = new.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the kernel reads and writes sets of eight bytes, as is said in the last argument. The call
    // takes any set, and is made directly since the C library keeps two signals out of its own sets.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, new, &raw mut before, 8) };
    before
}

/// All signals.
pub const ALL_SIGNALS: u64 = u64::MAX;

/// Keeps a set of signals from this thread, and from those that it starts: they wait until somebody reads them.
pub fn block_signals(set: u64) {
    change_mask(Some(change_mask(None) | set));
}

/// A descriptor from which the blocked signals of a set are read (signalfd(2)). Reading doesn't block.
///
/// # Errors
///
/// Those of signalfd(2).
pub fn signal_fd(signals: u64) -> io::Result<OwnedFd> {
    let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
    // SAFETY: the kernel reads a set of eight bytes, as is said. Where the call hasn't failed, the
    // descriptor is open, new, and nobody else's.
    unsafe {
        let number = libc::syscall(libc::SYS_signalfd4, -1, &raw const signals, 8, flags);
        Errno::result(number)?;
        Ok(OwnedFd::from_raw_fd(RawFd::try_from(number).map_err(io::Error::other)?))
    }
}

/// Sends any of the 64 signals to a process (kill(2)).
///
/// # Errors
///
/// Those of kill(2).
pub fn send_signal(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: it takes two numbers and no pointers.
    Errno::result(unsafe { libc::kill(pid, signal) })?;
    Ok(())
}

/// A descriptor that becomes readable when a child of this process ends (pidfd_open(2)). Nobody has waited for it yet,
/// so its number is its own.
pub(crate) fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: it takes two numbers and no pointers. Where the call hasn't failed, the descriptor is open, new, closed
    // on exec, and nobody else's.
    unsafe {
        let number = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        Errno::result(number)?;
        Ok(OwnedFd::from_raw_fd(RawFd::try_from(number).map_err(io::Error::other)?))
    }
}

/// Ends this process by a signal, as one ended its child (signal(7)), and without a core dump. Returns if the kernel
/// doesn't allow it, as for the first process of a pid namespace.
pub fn end_by(signal: i32) {
    let _ = prctl::set_dumpable(false);
    change_action(signal, Some(libc::SIG_DFL));
    change_mask(Some(change_mask(None) & !bit(signal)));
    let _ = send_signal(getpid().as_raw(), signal);
}

/// The state of a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It exited with this code.
    Exited(i32),
    /// This signal ended it.
    Killed(i32),
    /// This signal stopped it.
    Stopped(i32),
    /// It goes on after a stop.
    Continued,
}

/// A child of which there is something new, by its number; `None` when there is nothing, and `flags` say not to wait.
///
/// nix has the same, but for signals with a name.
///
/// # Errors
///
/// Those of waitid(2); ECHILD when there are no children.
pub fn wait_any(flags: WaitPidFlag) -> nix::Result<Option<(i32, Change)>> {
    // SAFETY: all zeros is a valid siginfo_t, and waitid(2) writes no more than one. Of what it writes the
    // fields of SIGCHLD are read, which it always sets; without news they stay 0.
    unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        Errno::result(libc::waitid(libc::P_ALL, 0, &raw mut info, flags.bits()))?;
        let (pid, status) = (info.si_pid(), info.si_status());
        Ok((pid != 0).then(|| {
            let change = match info.si_code {
                libc::CLD_EXITED => Change::Exited(status),
                libc::CLD_STOPPED | libc::CLD_TRAPPED => Change::Stopped(status),
                libc::CLD_CONTINUED => Change::Continued,
                _ => Change::Killed(status),
            };
            (pid, change)
        }))
    }
}

/// Has the children of this process be waited for again, if its caller had them reaped unseen.
pub fn keep_children() {
    // SAFETY: the default action needs no handler, and takes nothing from anybody: no part of this
    // workspace handles SIGCHLD.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Lets the child treat signals like this from its first instruction on.
pub fn give_signals(command: &mut Command, signals: Dispositions) {
    // SAFETY: between fork and exec only two system calls are made, by sigaction(2) and sigprocmask(2), and
    // neither action is a function.
    unsafe {
        command.pre_exec(move || {
            for signal in 1..=LAST_SIGNAL {
                let action = if signals.ignored & bit(signal) == 0 { libc::SIG_DFL } else { libc::SIG_IGN };
                // Those that can't be changed, such as SIGKILL, are as everybody has them.
                change_action(signal, Some(action));
            }
            change_mask(Some(signals.blocked));
            Ok(())
        });
    }
}

/// Gives the child these limits, soft and hard (setrlimit(2)).
pub fn give_limits<const N: usize>(command: &mut Command, limits: [(Resource, u64, u64); N]) {
    // SAFETY: between fork and exec only prlimit(2) is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            limits.iter().try_for_each(|&(resource, soft, hard)| setrlimit(resource, soft, hard))?;
            Ok(())
        });
    }
}

/// The soft limit of another process (prlimit(2)), in the unit of setrlimit(2); `None` if it has none.
///
/// # Errors
///
/// Those of prlimit(2): it is gone, or another user's.
pub fn limit_of(pid: i32, resource: Resource) -> io::Result<Option<u64>> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: with no new limit the kernel only writes the old one, to a struct that lives on.
    let done = unsafe { libc::prlimit(pid, resource as _, std::ptr::null(), &raw mut limit) };
    Errno::result(done)?;
    Ok((limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur))
}

/// Has the kernel kill the child when this thread ends (PR_SET_PDEATHSIG of prctl(2)). What the child starts
/// isn't killed with it.
pub fn die_with_parent(command: &mut Command) {
    let parent = getpid();
    // SAFETY: between fork and exec only prctl(2) and getppid(2) are called, no more than system calls.
    unsafe {
        command.pre_exec(move || {
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            // A parent that ended before that call sends no signal any more.
            if getppid() == parent { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) }
        });
    }
}

/// Starts the child in a user namespace below this one, in which root is the ordinary user `uid` and `gid`.
///
/// From its first instruction on it has no capability over what this namespace owns.
pub fn map_to_user(command: &mut Command, uid: u32, gid: u32) {
    let maps = [(c"/proc/self/uid_map", format!("{uid} 0 1")), (c"/proc/self/gid_map", format!("{gid} 0 1"))];
    // SAFETY: between fork and exec only prctl(2), unshare(2), open(2), write(2) and close(2) are called,
    // which are async-signal-safe. The texts were made before.
    unsafe {
        command.pre_exec(move || {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?;
            // Its parent can't be looked into, and neither could it look into itself.
            prctl::set_dumpable(true)?;
            for (file, map) in &maps {
                let file = nix::fcntl::open(*file, OFlag::O_WRONLY, nix::sys::stat::Mode::empty())?;
                nix::unistd::write(&file, map.as_bytes())?;
            }
            Ok(())
        });
    }
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
/// glibc does so by default. But each time such a block is freed, it raises `from` to its size, up to
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

/// What the allocator says of the heaps that it has, in bytes (mallinfo(3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heap {
    /// The memory that the program has in use, and the overhead of each of these blocks.
    pub in_use: u64,
    /// The free memory between them and above them. Some of its pages may be gone already.
    pub free: u64,
}

/// Asks the allocator what its heaps are made of; `None` if the C library isn't glibc, which alone tells.
///
/// Blocks with a separate map are in neither number, and a freed block that a thread has cached counts as one in
/// use. Above 4 GiB the numbers begin again at 0: mallinfo2(3) doesn't, but it needs glibc 2.33.
pub fn heap() -> Option<Heap> {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: it takes nothing, and returns numbers. glibc takes the lock of each heap that it looks at.
        let info = unsafe { libc::mallinfo() };
        let bytes = |number: libc::c_int| u64::from(number.cast_unsigned());
        Some(Heap { in_use: bytes(info.uordblks), free: bytes(info.fordblks) })
    }
    #[cfg(not(target_env = "gnu"))]
    None
}

/// Gives all pages of the allocator's heaps back on which nothing is left (malloc_trim(3)). glibc alone does so.
pub fn trim_heap() {
    // SAFETY: it takes a number, and takes pages from free blocks alone. glibc holds the lock of each heap meanwhile.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0)
    };
}

/// Has all threads share so many heaps of the allocator (mallopt(3), M_ARENA_MAX). Call it before the first thread is
/// started; C libraries other than glibc have no such bound.
pub fn limit_arenas(count: usize) {
    #[cfg(target_env = "gnu")]
    {
        let count = libc::c_int::try_from(count).unwrap_or(libc::c_int::MAX);
        // SAFETY: as in `map_large_blocks`: it takes two numbers, and glibc stores one of them.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, count) };
    }
    #[cfg(not(target_env = "gnu"))]
    let _ = count;
}

/// Forks this process (fork(2)): the child does `work` and ends, the parent goes on immediately.
///
/// The child shares every page of the parent until one of them writes to it. It is killed when its
/// parent ends. It must not talk to the harness: marks and facts are for the parent.
///
/// # Errors
///
/// Those of fork(2). A process with more than one thread is refused: its child could do next to nothing.
pub fn fork(work: impl FnOnce() -> io::Result<()>) -> io::Result<Child> {
    if fs::read_dir("/proc/self/task")?.count() != 1 {
        return Err(io::Error::other("a process with threads can't be forked to do any work"));
    }
    let parent = getpid();
    // SAFETY: what makes a forked child dangerous is what other threads were in the middle of. The
    // kernel has just said that this thread is the only one (proc_pid_task(5)), and nobody but this
    // thread could have started another since. So the child is a whole and consistent process.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Child::forked(child)),
        ForkResult::Child => {
            // The caller's frames belong to the parent, so a panic must not unwind into them.
            let done = catch_unwind(AssertUnwindSafe(|| {
                prctl::set_pdeathsig(Signal::SIGKILL)?;
                // A parent that ended before that call sends no signal any more.
                if getppid() == parent { work() } else { Err(io::ErrorKind::NotConnected.into()) }
            }));
            let code = match done {
                Ok(Ok(())) => 0,
                Ok(Err(error)) => {
                    eprintln!("a forked child: {error}");
                    1
                }
                Err(_) => 1,
            };
            exit_now(code)
        }
    }
}

/// Ends a forked child (_exit(2)), and leaves its parent's things for the parent to clear.
fn exit_now(code: i32) -> ! {
    // SAFETY: _exit(2) takes any number, is async-signal-safe, and runs no code of this process.
    unsafe { libc::_exit(code) }
}

/// What the child of [`fork_to_log`] does if it finds the lock held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// It waits until the lock is free.
    Endless,
    /// It writes nothing, and says so to the one who waits for it.
    None,
}

/// Forks a process that may have threads (fork(2)): the child writes an entry to a log, and ends.
///
/// The child waits for a byte from `gate`, locks `log`, writes the eight bytes of `entry` to the file,
/// and exits. It can do no more: see the comment inside. It is killed when the thread that forked it ends.
///
/// # Errors
///
/// Those of fork(2).
pub fn fork_to_log(
    gate: BorrowedFd<'_>,
    log: &Mutex<File>,
    entry: u64,
    patience: Patience,
) -> io::Result<Child> {
    let parent = getpid();
    // SAFETY: the child has one thread, and any lock may be held by one that it doesn't have. So it
    // may only call what takes no lock and allocates nothing (fork(2), signal-safety(7)): it calls
    // prctl(2), getppid(2), read(2), write(2) and _exit(2), each no more than a system call. Beside
    // those it locks one mutex of std. On Linux that is an atomic number and futex(2); it takes no
    // other lock. Where it is held by a thread that isn't there, the child waits forever. That is
    // what the lesson shows, and it is a hang and nothing undefined. Nothing here can panic.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Child::forked(child)),
        ForkResult::Child => {
            exit_now(match log_in_child(parent, gate, log, &entry.to_le_bytes(), patience) {
                Ok(()) => 0,
                Err(Errno::EWOULDBLOCK) => GAVE_UP,
                Err(_) => 1,
            })
        }
    }
}

fn log_in_child(
    parent: Pid,
    gate: BorrowedFd<'_>,
    log: &Mutex<File>,
    entry: &[u8],
    patience: Patience,
) -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // A parent that ended before that call sends no signal any more.
    if getppid() != parent || nix::unistd::read(gate, &mut [0])? == 0 {
        return Err(Errno::EPIPE);
    }
    let file = match patience {
        Patience::Endless => log.lock().unwrap_or_else(PoisonError::into_inner),
        Patience::None => log.try_lock().map_err(|_| Errno::EWOULDBLOCK)?,
    };
    nix::unistd::write(&*file, entry).map(|_| ())
}

/// The lock that is taken around forks.
static AROUND_FORKS: OnceLock<&Mutex<File>> = OnceLock::new();

/// Whether [`lock_around_forks`] was called in this process.
pub fn locks_around_forks() -> bool {
    AROUND_FORKS.get().is_some()
}

/// Takes `log` around every fork of this process from now on (pthread_atfork(3)).
///
/// A fork then waits until nobody holds the lock, and both parent and child find it free.
///
/// # Errors
///
/// Those of pthread_atfork(3). There is room for one lock: a second one is refused.
pub fn lock_around_forks(log: &'static Mutex<File>) -> io::Result<()> {
    thread_local! {
        static HELD: Cell<Option<MutexGuard<'static, File>>> = const { Cell::new(None) };
    }
    extern "C" fn lock() {
        HELD.set(AROUND_FORKS.get().map(|lock| lock.lock().unwrap_or_else(PoisonError::into_inner)));
    }
    extern "C" fn unlock() {
        HELD.set(None);
    }
    AROUND_FORKS.set(log).map_err(|_| io::Error::other("another lock is taken around forks already"))?;
    // SAFETY: the handlers are functions of this program and live as long as it does. The lock lives
    // as long. All three run in the thread that forks, which is the child's only one, so that the one
    // who unlocks is the one who has locked; in the child that is a store and at most a futex(2).
    match unsafe { libc::pthread_atfork(Some(lock), Some(unlock), Some(unlock)) } {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, Write};
    use std::os::fd::AsFd;
    use std::sync::mpsc;
    use std::thread;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    use super::*;

    #[test]
    fn a_thread_that_asks_for_short_turns_stays_as_nice_as_it_was() {
        let nice =
            || fs::read_to_string("/proc/thread-self/stat").unwrap().split(' ').nth(18).map(str::to_owned);
        let before = nice();
        take_short_turns(Duration::from_micros(100)).unwrap();
        assert_eq!(nice(), before);
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        let mut version = release.split('.').map_while(|number| number.parse::<u32>().ok());
        if (version.next(), version.next()) >= (Some(6), Some(12)) {
            let shown = fs::read_to_string("/proc/thread-self/sched").unwrap_or_default();
            let turn = shown.lines().find(|line| line.starts_with("se.slice"));
            assert!(turn.is_none_or(|turn| turn.ends_with(" 100000")), "{turn:?}");
        }
    }

    #[test]
    fn a_process_with_threads_is_not_forked_to_do_work() {
        let (end, ended) = mpsc::channel::<()>();
        let thread = thread::spawn(move || ended.recv());
        assert!(fork(|| Ok(())).is_err());
        drop(end);
        assert!(thread.join().unwrap().is_err());
    }

    #[test]
    fn a_forked_child_writes_its_entry_when_it_is_called() {
        let log = Mutex::new(memory_file());
        let (waiting, mut gate) = io::pipe().unwrap();
        let child = fork_to_log(waiting.as_fd(), &log, 7, Patience::Endless).unwrap();
        gate.write_all(&[0]).unwrap();
        child.wait().unwrap();
        let (mut file, mut entry) = (log.lock().unwrap(), [0; 8]);
        file.rewind().unwrap();
        file.read_exact(&mut entry).unwrap();
        assert_eq!(u64::from_le_bytes(entry), 7);
    }

    #[test]
    fn a_forked_child_that_is_never_called_says_that_it_failed() {
        let log = Mutex::new(memory_file());
        let child =
            fork_to_log(File::open("/dev/null").unwrap().as_fd(), &log, 7, Patience::Endless).unwrap();
        assert!(child.wait().is_err());
    }

    #[test]
    fn the_pidfd_of_a_child_is_readable_when_the_child_has_ended() {
        let (waiting, gate) = io::pipe().unwrap();
        let log = Mutex::new(memory_file());
        let child = fork_to_log(waiting.as_fd(), &log, 7, Patience::Endless).unwrap();
        let pidfd = child.pidfd().unwrap();
        let has_ended = |timeout: PollTimeout| {
            poll(&mut [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)], timeout).unwrap() == 1
        };
        assert!(!has_ended(PollTimeout::ZERO));
        send_signal(child.pid(), Signal::SIGKILL as i32).unwrap();
        assert!(has_ended(PollTimeout::NONE));
        drop(gate);
        assert!(child.wait().is_err());
    }

    #[test]
    fn a_forked_child_without_patience_says_that_it_gave_up() {
        let log = Mutex::new(memory_file());
        let (waiting, mut gate) = io::pipe().unwrap();
        let held = log.lock().unwrap();
        let child = fork_to_log(waiting.as_fd(), &log, 7, Patience::None).unwrap();
        drop(held);
        gate.write_all(&[0]).unwrap();
        assert_eq!(child.wait().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(log.lock().unwrap().metadata().unwrap().len(), 0);
    }

    #[test]
    fn what_was_released_reads_as_zeros_and_the_rest_is_as_it_was() {
        let page = page_size() as usize;
        let mut map = MmapMut::map_anon(2 * page).unwrap();
        map.fill(7);
        release(&mut map, page..2 * page).unwrap();
        assert!(map[..page].iter().all(|&byte| byte == 7) && map[page..].iter().all(|&byte| byte == 0));
        for wrong in [2 * page..3 * page, 1..page, 0..page + 1, page..0] {
            assert!(release(&mut map, wrong).is_err());
        }
    }

    fn memory_file() -> File {
        let name = c"log";
        File::from(nix::sys::memfd::memfd_create(name, nix::sys::memfd::MFdFlags::empty()).unwrap())
    }
}
