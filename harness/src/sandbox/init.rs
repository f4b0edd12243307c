//! The first process of a run's pid namespace: starts the program, adopts orphans, and tells how the
//! program ended. When it dies, the kernel kills whatever is left in the namespace.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::{WaitStatus, wait};

use super::{INIT, Mode, Namespaces, Report, SELF, Spec, Streams};

/// How a supervisor starts its init.
pub(super) fn command(spec: &Spec) -> Command {
    let mut command = Command::new(SELF);
    command
        .arg0("lab")
        .arg(INIT)
        .arg(serde_json::to_string(spec).expect("a sandbox is plain data"))
        // Only the supervisor may hold the end of lab's pipe.
        .stdin(Stdio::null());
    command
}

/// The whole life of an init.
///
/// `group` is the `cgroup.procs` file of the run's control group, opened by the supervisor.
///
/// # Errors
///
/// When it can not even report.
pub fn run(spec: &Spec) -> Result<()> {
    // If the supervisor is killed, its init goes too, and with it the namespace.
    prctl::set_pdeathsig(Signal::SIGKILL).context("prctl(PR_SET_PDEATHSIG)")?;
    prctl::set_child_subreaper(true).context("prctl(PR_SET_CHILD_SUBREAPER)")?;
    if spec.namespaces != Namespaces::None {
        super::namespace::mount_proc();
    }
    match spec.mode {
        Mode::Confined => {
            // Should the machine run out of memory in spite of all, the kernel takes the program first.
            let _ = fs::write("/proc/self/oom_score_adj", "500");
        }
        Mode::Watched => {
            // What the terminal sends to all of its group is for the program alone.
            SigSet::all().thread_block().context("blocking signals")?;
        }
    }

    let mut program = Command::new(&spec.program);
    program.args(&spec.args);
    match spec.streams {
        Streams::Handed(numbers) => {
            let [stdin, stdout, stderr] =
                numbers.map(|number| labkit::sys::take_fd(number).map_or_else(Stdio::null, Stdio::from));
            program.stdin(stdin).stdout(stdout).stderr(stderr);
        }
        Streams::Kept | Streams::Passed => {
            program.stdin(Stdio::null()).stdout(Stdio::from(std::io::stderr()));
        }
    }
    for variable in [GROUP, PIDS] {
        if let Some(procs) = std::env::var_os(variable) {
            let procs: File = OpenOptions::new().write(true).open(procs)?;
            labkit::sys::join_cgroup(&mut program, OwnedFd::from(procs));
        }
        program.env_remove(variable);
    }
    if let Some((means, most)) = &spec.processes {
        means.bound_self(*most);
    }
    program.envs(&spec.env);
    // The supervisor has blocked them all.
    labkit::sys::unblock_signals(&mut program);
    let report = match program.spawn() {
        Err(error) => Report::CouldNotStart(format!("{}: {error}", spec.program.display())),
        Ok(child) => {
            tell(&Report::Started)?;
            let end = end_of(child.id().cast_signed())?;
            // In KiB (getrusage(2)). A process that forks hands its own on to the child, so of one that
            // forks small ones this is still true of somebody.
            let largest = getrusage(UsageWho::RUSAGE_CHILDREN).context("getrusage(2)")?.max_rss();
            tell(&Report::Largest(u64::try_from(largest).unwrap_or(0) * 1024))?;
            end
        }
    };
    tell(&report)
}

/// The environment variable in which the supervisor names the group's `cgroup.procs` to its init.
pub(super) const GROUP: &str = "LAB_CGROUP_PROCS";

/// The same for the group that bounds the number of processes, where it is another one.
pub(super) const PIDS: &str = "LAB_PIDS_PROCS";

/// Reaps every process that ends until the program does.
fn end_of(program: i32) -> Result<Report> {
    loop {
        match wait() {
            Ok(WaitStatus::Exited(pid, code)) if pid.as_raw() == program => return Ok(Report::Exited(code)),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid.as_raw() == program => {
                return Ok(Report::Killed(signal as i32));
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("waiting for the program"),
        }
    }
}

/// Sends one report to `lab`, on the standard output that init has from the supervisor.
pub(super) fn tell(report: &Report) -> Result<()> {
    let mut line = serde_json::to_string(report).expect("a report is plain data");
    line.push('\n');
    std::io::stdout().write_all(line.as_bytes()).context("the pipe to lab")?;
    std::io::stdout().flush().context("the pipe to lab")
}
