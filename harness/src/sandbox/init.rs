//! The first process of a run's pid namespace: starts the program, adopts orphans, passes signals on, and reports how
//! the program ended. When it dies, the kernel kills the rest of the namespace.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use labkit::sys::{self, Change};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::Signal;
use nix::sys::wait::WaitPidFlag;

use super::badness::Badness;
use super::namespace::{Namespaces, mount_proc, seal, seal_without_mounts};
use super::orders::{Orders, let_go_of_output};
use super::processes::kill_children;
use super::report::{FAILED, Report};
use super::signals::Signals;
use super::spec::{Mode, Word};

/// The whole life of an init.
///
/// Its standard input is a socket whose other end the supervisor holds for as long as it lives. Its
/// standard output is the socket to `lab`: it sends reports there, and gets the numbers of signals to pass on.
///
/// # Errors
///
/// When it can't even report.
pub(crate) fn run() -> Result<()> {
    sys::block_signals(sys::ALL_SIGNALS);
    sys::keep_children();
    let mut lab = Lab(UnixStream::from(std::io::stdout().as_fd().try_clone_to_owned()?));
    let supervisor = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let orders = Orders::receive(&supervisor)?;
    let program = orders.spec.program.display().to_string();
    match begin(orders) {
        Ok(begun) => follow(begun, &program, &mut lab),
        Err(error) => lab.report(&Report::CouldNotStart { why: format!("{error:#}"), code: FAILED }),
    }
}

/// All that is prepared for the program.
struct Begun {
    program: Command,
    mode: Mode,
    signals: Signals,
    badness: Option<Badness>,
}

/// Prepares everything for the program.
fn begin(orders: Orders) -> Result<Begun> {
    prctl::set_child_subreaper(true).context("prctl(PR_SET_CHILD_SUBREAPER)")?;
    let spec = &orders.spec;
    let mut has_own_mounts = false;
    if spec.namespaces != Namespaces::None {
        // If the supervisor is killed, the namespace goes too.
        prctl::set_pdeathsig(Signal::SIGKILL).context("prctl(PR_SET_PDEATHSIG)")?;
        has_own_mounts = mount_proc();
    }
    match (spec.sealed, has_own_mounts) {
        (true, true) => seal(&orders.folders),
        (true, false) => seal_without_mounts(&orders.folders).context("landlock(7)")?,
        (false, _) => {}
    }
    let mut program = Command::new(&spec.program);
    program.args(spec.args.iter().map(Word::text));
    program.envs(spec.env.iter().map(|(name, word)| (name, word.text())));
    let [stdin, stdout, stderr] = orders.streams.unwrap_or_default();
    let passed = |number| sys::take_fd(number).map_or_else(Stdio::null, Stdio::from);
    // What init itself would print goes to lab.
    let printed = |number: Option<_>| number.map_or_else(|| Stdio::from(std::io::stderr()), passed);
    program.stdin(stdin.map_or_else(Stdio::null, passed)).stdout(printed(stdout)).stderr(printed(stderr));
    for number in &orders.groups {
        let procs = sys::take_fd(*number).context("a control group of the run")?;
        sys::join_cgroup(&mut program, procs);
    }
    if let Some((limit, most)) = &spec.processes {
        limit.bound_self(*most);
    }
    let badness = (spec.mode == Mode::Confined).then(Badness::raise).flatten();
    // The program must not look into its first process, nor open what that holds.
    prctl::set_dumpable(false).context("prctl(PR_SET_DUMPABLE)")?;
    if let Some((uid, gid)) = orders.user {
        sys::map_to_user(&mut program, uid, gid);
    }
    sys::give_limits(&mut program, orders.callers_limits());
    if spec.mode == Mode::Confined && spec.namespaces == Namespaces::None {
        // Should lab, supervisor and this process be killed at the same time, nobody else would end it.
        sys::die_with_parent(&mut program);
    }
    sys::give_signals(&mut program, orders.signals());
    let signals = Signals::all().context("signalfd(2)")?;
    Ok(Begun { program, mode: spec.mode, signals, badness })
}

/// Starts the program, and stays for as long as it runs.
fn follow(begun: Begun, name: &str, lab: &mut Lab) -> Result<()> {
    let Begun { mut program, mode, signals, badness } = begun;
    // These came too early for the program; lab has them too.
    while signals.next()?.is_some() {}
    let child = match program.spawn() {
        Ok(child) => child.id().cast_signed(),
        Err(error) => return lab.report(&Report::not_started(name, &error)),
    };
    // It holds the program's streams.
    drop(program);
    if let Some(badness) = badness {
        badness.restore();
    }
    lab.report(&Report::Started)?;
    let mut witness = 0;
    let supervisor = std::io::stdin();
    loop {
        let mut fds = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(lab.0.as_fd(), PollFlags::POLLIN),
            PollFd::new(supervisor.as_fd(), PollFlags::POLLIN),
        ];
        let flags = if mode == Mode::Watched { 2 } else { 3 };
        match poll(&mut fds[..flags], PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("poll(2)"),
        }
        let ready = fds.map(|fd| fd.any().unwrap_or(false));
        // A signal to the whole group of processes came to this one, and to the program itself.
        while let Some(signal) = signals.next()? {
            witness |= sys::bit(signal.number);
        }
        if ready[1] {
            lab.pass_on(child, &mut witness)?;
        }
        if let Some(end) = reap(child, lab)? {
            // In KiB (getrusage(2)). A process that forks hands its own on to the child, so of one that
            // forks small ones this is still true of somebody.
            let largest = getrusage(UsageWho::RUSAGE_CHILDREN).context("getrusage(2)")?.max_rss();
            lab.report(&Report::Largest(u64::try_from(largest).unwrap_or(0) * 1024))?;
            lab.report(&end)?;
            if mode == Mode::Confined {
                // Helpers that end by themselves may. The supervisor says for how long.
                while sys::wait_any(WaitPidFlag::WEXITED) != Err(Errno::ECHILD) {}
            }
            return Ok(());
        }
        if mode == Mode::Confined && ready[2] {
            // Nobody else is left who would end the program.
            kill_children();
            return lab.report(&Report::Killed(Signal::SIGKILL as i32));
        }
    }
}

/// Reaps every process that has ended; returns the end of the program, if it is among them.
fn reap(program: i32, lab: &mut Lab) -> Result<Option<Report>> {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WSTOPPED | WaitPidFlag::WCONTINUED | WaitPidFlag::WNOHANG;
    loop {
        match sys::wait_any(flags) {
            Ok(Some((pid, change))) if pid == program => match change {
                Change::Exited(code) => return Ok(Some(Report::Exited(code))),
                Change::Killed(signal) => return Ok(Some(Report::Killed(signal))),
                Change::Stopped(_) => lab.report(&Report::Stopped)?,
                Change::Continued => lab.report(&Report::Continued)?,
            },
            Ok(Some(_)) | Err(Errno::EINTR) => {}
            Ok(None) | Err(Errno::ECHILD) => return Ok(None),
            Err(error) => return Err(error).context("waiting for the program"),
        }
    }
}

/// The socket to `lab`.
struct Lab(UnixStream);

impl Lab {
    /// A `lab` that is gone misses nothing: the program goes on as long as it may.
    fn report(&mut self, report: &Report) -> Result<()> {
        let mut line = serde_json::to_string(report).context("a report")?;
        line.push('\n');
        let _ = self.0.write_all(line.as_bytes());
        Ok(())
    }

    /// Sends the program the signals that `lab` has got, but not those that it has already.
    fn pass_on(&mut self, program: i32, witness: &mut u64) -> Result<()> {
        let mut numbers = [0; 64];
        let count = self.0.read(&mut numbers).unwrap_or(0);
        if count == 0 {
            // The end of lab is for the supervisor to see. Until then it would be read again and again.
            self.0 = let_go_of_output()?;
        }
        for signal in numbers[..count].iter().map(|&number| i32::from(number)) {
            if *witness & sys::bit(signal) == 0 {
                let _ = sys::send_signal(program, signal);
            }
            *witness &= !sys::bit(signal);
        }
        Ok(())
    }
}
