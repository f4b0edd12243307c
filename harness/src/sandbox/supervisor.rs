//! Makes the sandbox of a run, and takes it down when `lab` lets go of it, for whatever reason.

use std::fs::{self, File};
use std::io::{IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use labkit::sys;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use nix::unistd::{Pid, getegid, geteuid, setpgid, setsid};

use super::namespace::{self, Namespaces};
use super::orders::{INIT, Orders, command, let_go_of_output};
use super::ownership::{Kind, Registry};
use super::processes::kill_children;
use super::report::{Answer, FAILED, Report};
use super::spec::{Mode, Spec};
use super::sweep::clean_up;

/// The whole life of a supervisor.
///
/// Its standard input is the socket from `lab`, its standard output the one of init's reports.
///
/// # Errors
///
/// When it can't even report that the sandbox couldn't be made.
pub(crate) fn run() -> Result<()> {
    // A stray signal doesn't keep it from cleaning up.
    sys::block_signals(sys::ALL_SIGNALS);
    sys::keep_children();
    let mut registry = Registry::open();
    let lab = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    match Orders::receive(&lab).and_then(|orders| Sandbox::make(orders, &mut registry)) {
        Ok(mut sandbox) => {
            sandbox.wait_until_lab_lets_go();
            sandbox.take_down();
            clean_up(registry);
        }
        Err(error) => {
            clean_up(registry);
            // If the sandbox was announced before, nobody waits for this any more.
            let _ = answer(&Answer::Refused(format!("{error:#}")), &[]);
        }
    }
    Ok(())
}

/// A sandbox that stands, with its first process.
struct Sandbox {
    init: Child,
    mode: Mode,
    grace: Duration,
    /// Init holds the other end, and sees by its end that the supervisor is gone; and the other way round.
    lifeline: UnixStream,
}

/// After the program's end its helpers have so long to end by themselves, if they may at all.
const MOMENT: Duration = Duration::from_secs(2);

impl Sandbox {
    fn make(orders: Orders, registry: &mut Registry) -> Result<Self> {
        let Orders { streams, mut spec, .. } = orders;
        if streams.is_none() {
            // A separate session, so Ctrl-C at the terminal reaches only lab.
            setsid().context("setsid(2)")?;
        }
        prctl::set_child_subreaper(true).context("prctl(PR_SET_CHILD_SUBREAPER)")?;
        let group = match &spec.cgroup {
            Some((parent, bounds)) => Some(parent.make(*bounds, spec.mode, registry)?),
            None => None,
        };
        let pids = match &spec.processes {
            Some((limit, most)) => limit.make(*most, group.as_ref(), registry)?,
            None => None,
        };
        let mut joins = Vec::new();
        joins.extend(group.as_ref().map(|group| group.procs_file()));
        if let (Some((limit, _)), Some(folder)) = (&spec.processes, &pids) {
            joins.extend(limit.procs_file(folder));
        }
        let joins = joins
            .iter()
            .map(|file| File::options().write(true).open(file).with_context(|| file.display().to_string()));
        // Before the namespaces: a group may be out of their sight.
        let joins = joins.collect::<Result<Vec<File>>>()?;
        let user = (spec.namespaces == Namespaces::User).then(|| (geteuid().as_raw(), getegid().as_raw()));
        let Folders { shm, disk } = Folders::make(&spec, registry)?;
        let mut seen_from_within = Vec::new();
        if let (Namespaces::User | Namespaces::Root, Some(shm)) = (spec.namespaces, &shm) {
            seen_from_within.push(File::open(shm).context("the tmpfs")?);
            // A kernel without System V IPC has no such file.
            seen_from_within.extend(File::open(namespace::SYSV_SHM));
        }
        // From here on the program, which may be of the same user, can't look into it, nor open what it holds.
        prctl::set_dumpable(false).context("prctl(PR_SET_DUMPABLE)")?;
        spec.put_folders(shm.as_deref(), disk.as_deref());
        let folders = shm.iter().chain(&disk).cloned().collect();
        answer(&Answer::Ready { shm, disk, cgroup: group, pids }, &seen_from_within)?;
        let (mode, grace) = (spec.mode, spec.grace);
        let (lifeline, theirs) = UnixStream::pair().context("a socket to init")?;
        let mut orders = Orders { spec, streams, user, folders, ..orders };
        orders.groups = joins.iter().map(AsRawFd::as_raw_fd).collect();
        let mut command = command(INIT);
        for group in joins {
            sys::pass_fd(&mut command, OwnedFd::from(group));
        }
        let init = command.stdin(Stdio::from(OwnedFd::from(theirs))).spawn();
        drop(command);
        let init = match init {
            Ok(init) => init,
            Err(error) => {
                let why = format!("the run's first process couldn't be started: {error}");
                let report = serde_json::to_string(&Report::CouldNotStart { why, code: FAILED })?;
                let _ = writeln!(std::io::stdout(), "{report}");
                return Err(error.into());
            }
        };
        orders.send(&lifeline)?;
        if streams.is_some() {
            // A kill of the whole group of processes must not kill the one that cleans up.
            setpgid(Pid::from_raw(0), Pid::from_raw(0)).context("setpgid(2)")?;
        }
        // Only init reports from here on: if it dies, lab reads the end of the socket.
        drop(let_go_of_output()?);
        Ok(Sandbox { init, mode, grace, lifeline })
    }

    /// Waits until the other end of the standard input is closed: `lab` is done, or dead. If it has said
    /// before that the program has ended, what that has left gets a moment to end as well.
    fn wait_until_lab_lets_go(&self) {
        let stdin = std::io::stdin();
        wait_for(stdin.as_fd(), None);
        if nix::unistd::read(stdin.as_fd(), &mut [0]) == Ok(1) {
            wait_for(self.lifeline.as_fd(), Some(self.grace.min(MOMENT)));
        }
    }

    fn take_down(&mut self) {
        // In a pid namespace this kills everything; without one, its children become the supervisor's.
        let _ = self.init.kill();
        let _ = self.init.wait();
        if self.mode == Mode::Confined {
            kill_children();
        }
    }
}

/// Waits until a descriptor can be read, or its other end is closed.
fn wait_for(fd: BorrowedFd<'_>, at_most: Option<Duration>) {
    let begin = Instant::now();
    loop {
        let timeout = match at_most {
            None => PollTimeout::NONE,
            Some(time) => {
                PollTimeout::try_from(time.saturating_sub(begin.elapsed())).unwrap_or(PollTimeout::ZERO)
            }
        };
        // An error is the end of waiting as well, and then of the run: it must not go on unwatched.
        if poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], timeout) != Err(nix::errno::Errno::EINTR) {
            return;
        }
    }
}

/// The folders of a run, as the program sees them.
struct Folders {
    shm: Option<PathBuf>,
    disk: Option<PathBuf>,
}

impl Folders {
    fn make(spec: &Spec, registry: &mut Registry) -> Result<Self> {
        let disk = match &spec.disk {
            None => None,
            Some(disk) => {
                fs::create_dir_all(disk).with_context(|| disk.display().to_string())?;
                Some(registry.make(disk, Kind::Folder)?)
            }
        };
        let shm = match (spec.namespaces, spec.tmpfs) {
            (_, None) => None,
            (Namespaces::None, Some(_)) => Some(registry.make(Path::new(namespace::SHM), Kind::Folder)?),
            (some, Some(size)) => Some(namespace::enter(some, size, spec.tmpfs_inodes)?),
        };
        Ok(Folders { shm, disk })
    }
}

/// Answers `lab`, with descriptors if there are any. This socket ends with the supervisor.
fn answer(answer: &Answer, files: &[File]) -> Result<()> {
    let text = serde_json::to_vec(answer).context("the answer to lab")?;
    let numbers: Vec<i32> = files.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = ControlMessage::ScmRights(&numbers);
    let rights = if numbers.is_empty() { &[][..] } else { std::slice::from_ref(&rights) };
    let stdin = std::io::stdin();
    sendmsg::<()>(stdin.as_raw_fd(), &[IoSlice::new(&text)], rights, MsgFlags::empty(), None)
        .context("the socket to lab")?;
    Ok(())
}
