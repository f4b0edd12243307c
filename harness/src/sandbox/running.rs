//! A program that runs in its sandbox, as `lab` holds it.

use std::fs::File;
use std::io::{BufRead, BufReader, IoSliceMut, IsTerminal, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use labkit::sys;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg};
use nix::sys::stat::fstat;

use super::cgroup::Group;
use super::namespace::Namespaces;
use super::orders::{Orders, SUPERVISOR, command};
use super::processes::{children, kill_children};
use super::report::{Answer, Report};
use super::shared::Shared;
use super::signals::Signal;
use super::spec::{Mode, SELF, Spec, Streams};
use super::sweep::sweep;

/// A program that runs in its sandbox.
#[derive(Debug)]
pub(crate) struct Running {
    /// `None` if the program was running before, and nothing was made for it.
    supervisor: Option<Child>,
    /// Dropping it makes the supervisor take everything down.
    control: Option<UnixStream>,
    /// What init reports. Numbers of signals go the other way.
    pub(crate) reports: BufReader<UnixStream>,
    /// Whether the end of the program was reported.
    has_ended: bool,
    /// Which namespaces the sandbox is made of.
    pub(crate) namespaces: Namespaces,
    /// What the program prints, on both streams. Reading it doesn't block.
    pub(crate) output: File,
    /// The channel of marks and facts.
    pub(crate) channel: UnixStream,
    /// The private tmpfs, from outside of its namespace.
    pub(crate) tmpfs: Option<File>,
    /// The table of System V segments in its namespace.
    pub(crate) sysv: Option<File>,
    /// The folder of shared memory, as the program sees it; `None` if it has none.
    pub(crate) shm: Option<PathBuf>,
    /// The run's folder on the disk.
    pub(crate) disk: Option<PathBuf>,
    /// The control group of the run.
    pub(crate) cgroup: Option<Group>,
    /// The folder of the control group that bounds its processes, which may be the same.
    pub(crate) pids: Option<PathBuf>,
    /// Whether the program is confined, or only watched.
    pub(crate) mode: Mode,
    /// The contents of the machine's shared memory before, if the run has no namespace.
    shared: Option<Shared>,
    /// The far ends of what a program that was running before says nothing on.
    silent: Vec<OwnedFd>,
}

impl Running {
    /// Makes the sandbox and starts the program in it.
    ///
    /// # Errors
    ///
    /// Says which part of the sandbox couldn't be made.
    pub(crate) fn start(spec: &Spec) -> Result<Self> {
        let mut running = Running::attached()?;
        (running.namespaces, running.mode) = (spec.namespaces, spec.mode);
        if spec.mode == Mode::Confined {
            // What a killed supervisor and a killed init leave is handed up to this process.
            prctl::set_child_subreaper(true).context("prctl(PR_SET_CHILD_SUBREAPER)")?;
            running.shared = (spec.namespaces == Namespaces::None).then(Shared::now);
        }
        let [channel, reports, output] =
            std::mem::take(&mut running.silent).try_into().expect("these are the three far ends");
        let streams = match spec.streams {
            Streams::Kept => None,
            Streams::Passed => Some(standard_streams(|_| true)?),
            Streams::PassedAround => Some(standard_streams(|stream| !is_where_lab_draws(stream))?),
        };
        let mut orders = Orders::new(spec.clone());
        orders.streams = streams
            .as_ref()
            .map(|streams| streams.each_ref().map(|stream| Some(stream.as_ref()?.as_raw_fd())));
        let mut command = command(SUPERVISOR);
        for stream in streams.into_iter().flatten().flatten() {
            sys::pass_fd(&mut command, stream);
        }
        let number = sys::pass_fd(&mut command, channel);
        command.env(labkit::channel::VARIABLE, number.to_string());
        let (control, theirs) = UnixStream::pair().context("a socket to the supervisor")?;
        command
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::from(reports))
            .stderr(Stdio::from(output));
        running.supervisor = Some(
            command
                .spawn()
                .with_context(|| format!("{SELF} couldn't be started as the supervisor of the run"))?,
        );
        // The command holds the far ends of all sockets.
        drop(command);
        // If it has ended already, there will be no answer.
        let _ = orders.send(&control);
        let answer = answer(&control);
        running.control = Some(control);
        match answer? {
            (Some(Answer::Ready { shm, disk, cgroup, pids }), files) => {
                (running.shm, running.disk, running.cgroup, running.pids) = (shm, disk, cgroup, pids);
                let mut files = files.into_iter();
                (running.tmpfs, running.sysv) = (files.next(), files.next());
                Ok(running)
            }
            (Some(Answer::Refused(why)), _) => bail!("{why}"),
            (None, _) => {
                running.take_down();
                let mut said = String::new();
                let _ = running.output.read_to_string(&mut said);
                bail!("the supervisor ended before the sandbox was made: {}", said.trim())
            }
        }
    }

    /// A program that is running already. Nothing is made for it, and it says nothing.
    ///
    /// # Errors
    ///
    /// When no descriptor is left.
    pub(crate) fn attached() -> Result<Self> {
        let (channel, theirs) = UnixStream::pair().context("a channel to the program")?;
        let (reports, no_reports) = UnixStream::pair().context("a socket for reports")?;
        let (output, no_output) = std::io::pipe().context("a pipe for the program's output")?;
        // The supervisor holds the other end for as long as lab lives, so a reader must not wait for it.
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).context("the pipe for the program's output")?;
        Ok(Running {
            supervisor: None,
            control: None,
            reports: BufReader::new(reports),
            has_ended: false,
            namespaces: Namespaces::None,
            output: File::from(OwnedFd::from(output)),
            channel,
            tmpfs: None,
            sysv: None,
            shm: None,
            disk: None,
            cgroup: None,
            pids: None,
            mode: Mode::Watched,
            shared: None,
            silent: vec![theirs.into(), no_reports.into(), no_output.into()],
        })
    }

    /// Whether there are reports that nobody has taken, or will be none any more.
    pub(crate) fn has_reports(&self) -> bool {
        let mut fds = [PollFd::new(self.reports.get_ref().as_fd(), PollFlags::POLLIN)];
        !self.reports.buffer().is_empty() || poll(&mut fds, PollTimeout::ZERO).is_ok_and(|ready| ready > 0)
    }

    /// The next report; `None` when there will be no more.
    pub(crate) fn report(&mut self) -> Result<Option<Report>> {
        let mut line = String::new();
        self.reports.read_line(&mut line).context("a report of init")?;
        if line.is_empty() {
            return Ok(None);
        }
        let report = serde_json::from_str(&line).with_context(|| format!("a report of init: {line}"))?;
        self.has_ended |= matches!(report, Report::Exited(_) | Report::Killed(_));
        Ok(Some(report))
    }

    /// Has init send the program a signal, unless it has got it already, together with all of its group.
    pub(crate) fn pass_on(&mut self, signal: Signal) {
        // If init is gone, so is the program.
        let _ = self.reports.get_mut().write_all(&[u8::try_from(signal.number).unwrap_or(0)]);
    }

    /// The supervisor's process.
    pub(crate) fn supervisor(&self) -> Option<i32> {
        self.supervisor.as_ref().map(|supervisor| supervisor.id().cast_signed())
    }

    /// Takes the sandbox down, and waits until nothing is left of it. What still runs is killed; but if the
    /// program has ended by itself, its helpers may end so as well, if the spec gives them time.
    ///
    /// Returns the names of things made in the machine's shared memory meanwhile that stay.
    pub(crate) fn end(mut self) -> Vec<String> {
        if let Some(control) = self.control.as_mut().filter(|_| self.has_ended) {
            let _ = control.write_all(&[0]);
        }
        self.take_down();
        self.shared.as_ref().map(Shared::made_since).unwrap_or_default()
    }

    fn take_down(&mut self) {
        self.control = None;
        self.silent.clear();
        let Some(mut supervisor) = self.supervisor.take() else { return };
        let was_killed = supervisor.wait().is_ok_and(|status| status.signal().is_some());
        if was_killed && self.mode == Mode::Confined {
            // Init does it, unless it was killed as well; then the program is a child of this process.
            // Other children there are none while a command is recorded.
            let mut end = Vec::new();
            let _ = self.reports.read_to_end(&mut end);
            if !children(std::process::id().cast_signed()).is_empty() {
                kill_children();
            }
            sweep();
        }
    }
}

/// Copies of the standard streams, for the program; of those that it prints on, only the ones that it may have.
fn standard_streams(may_have: impl Fn(&OwnedFd) -> bool) -> Result<[Option<OwnedFd>; 3]> {
    let copy = |fd: BorrowedFd<'_>| fd.try_clone_to_owned().context("the standard streams");
    let [stdout, stderr] = [copy(std::io::stdout().as_fd())?, copy(std::io::stderr().as_fd())?];
    let printed = |stream| Some(stream).filter(&may_have);
    Ok([Some(copy(std::io::stdin().as_fd())?), printed(stdout), printed(stderr)])
}

/// Whether a stream is the terminal of the standard error.
fn is_where_lab_draws(stream: &OwnedFd) -> bool {
    let terminal = |fd: BorrowedFd<'_>| fd.is_terminal().then(|| fstat(fd).ok()).flatten();
    let screen = terminal(std::io::stderr().as_fd());
    screen.is_some_and(|screen| terminal(stream.as_fd()).is_some_and(|stat| stat.st_rdev == screen.st_rdev))
}

/// What the supervisor answers, with the descriptors that come with it; nothing if it has ended.
fn answer(control: &UnixStream) -> Result<(Option<Answer>, Vec<File>)> {
    let mut text = vec![0; 64 << 10];
    let mut rights = nix::cmsg_space!([i32; 2]);
    let (length, files) = loop {
        let mut parts = [IoSliceMut::new(&mut text)];
        match recvmsg::<()>(control.as_raw_fd(), &mut parts, Some(&mut rights), MsgFlags::MSG_CMSG_CLOEXEC) {
            Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::ECONNRESET) => return Ok((None, Vec::new())),
            Err(error) => return Err(error).context("the answer of the supervisor"),
            Ok(message) => {
                let numbers = message.cmsgs()?.find_map(|one| match one {
                    ControlMessageOwned::ScmRights(numbers) => Some(numbers),
                    _ => None,
                });
                let files = numbers.into_iter().flatten().filter_map(sys::take_fd).map(File::from);
                break (message.bytes, files.collect());
            }
        }
    };
    if length == 0 {
        return Ok((None, Vec::new()));
    }
    // A supervisor that can't go on after its first answer gives another, which may have come by now.
    let mut answers = serde_json::Deserializer::from_slice(&text[..length]).into_iter();
    Ok((answers.next().transpose().context("the answer of the supervisor")?, files))
}

impl Drop for Running {
    fn drop(&mut self) {
        self.take_down();
    }
}
