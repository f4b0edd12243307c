//! Runs a program so that it can hurt nothing and leaves nothing behind.
//!
//! Three processes stand between `lab` and the program, and each has one task:
//!
//! ```text
//! lab ── supervisor ── init ── program ── its children
//! ```
//!
//! - The [`supervisor`] makes the program's sandbox (control group, namespaces, tmpfs) and takes it down
//!   again. It waits for one thing: that the pipe from `lab` is closed. Whether `lab` closes it,
//!   crashes or is killed makes no difference, so there is only one way to clean up.
//! - The [`init`] is the first process of the pid namespace: when it dies, the kernel kills all
//!   that is left in there. It adopts orphans, and tells how the program ended.
//! - The program is in the control group from its first page on, and neither of the others is.

pub mod cgroup;
pub mod init;
mod namespace;
pub mod pids;
pub mod supervisor;
pub mod watchdog;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use serde::{Deserialize, Serialize};

pub use namespace::Namespaces;

/// This program (proc_pid_exe(5)), also when a newer one has taken its place on the disk.
pub(crate) const SELF: &str = "/proc/self/exe";

/// The hidden first argument of `lab` in the role of the supervisor; a [`Spec`] as JSON follows.
pub const SUPERVISOR: &str = "__supervisor";

/// The hidden first argument of `lab` in the role of init; a [`Spec`] as JSON follows.
pub const INIT: &str = "__init";

/// The sandbox of one run, and the program that runs in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Spec {
    /// Which namespaces the sandbox is made of.
    pub namespaces: Namespaces,
    /// The size of the shared memory of the run's own, in bytes: a private tmpfs, or, without namespaces,
    /// a folder. `None` where it uses the machine's.
    pub tmpfs: Option<u64>,
    /// The control group that the run gets a fresh child of, and the bounds of that child.
    pub cgroup: Option<(cgroup::CgroupParent, cgroup::Bounds)>,
    /// A folder on a disk, in which the run gets a folder of its own for as long as it lasts.
    pub disk: Option<PathBuf>,
    /// The program.
    pub program: PathBuf,
    /// Its arguments. The words [`SHM`] and [`DISK`] in them stand for the run's folders.
    pub args: Vec<String>,
    /// What is added to its environment; the same words stand for the same folders.
    pub env: BTreeMap<String, String>,
    /// How many processes and threads it may have, and what bounds them; `None` for any number, and for
    /// a run that is only watched.
    pub processes: Option<(pids::PidLimit, u64)>,
    /// What becomes of it at the end.
    pub mode: Mode,
    /// Where it reads and prints.
    pub streams: Streams,
}

impl Spec {
    /// The sandbox of a program that does nothing, to find out what the machine allows.
    pub fn of_nothing(namespaces: Namespaces) -> Self {
        Spec {
            namespaces,
            tmpfs: Some(1 << 20),
            cgroup: None,
            disk: Some(std::env::temp_dir()),
            program: SELF.into(),
            args: vec!["--version".to_owned()],
            env: BTreeMap::new(),
            processes: None,
            mode: Mode::Confined,
            streams: Streams::Kept,
        }
    }
}

/// Whether a run is confined to its sandbox, or only watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It has a session of its own, and what still runs at the end is killed.
    Confined,
    /// It belongs to the user's terminal as if it had been started there, and what still runs at the end
    /// goes on.
    Watched,
}

/// Where a program reads and prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Streams {
    /// It reads nothing, and what it prints goes to `lab`.
    Kept,
    /// It has the standard streams of `lab`.
    Passed,
    /// The same, as the numbers under which they are handed down to init.
    Handed([i32; 3]),
}

/// Stands for the folder of shared memory in the arguments and the environment of a program.
pub const SHM: &str = "{shm}";

/// Stands for the folder on the disk in the arguments and the environment of a program.
pub const DISK: &str = "{disk}";

/// Removes what runs have left whose supervisors were killed: control groups, and folders in /dev/shm
/// and in `disk`; control groups are looked for in `place`. Returns what it removed.
pub fn sweep(place: Option<&cgroup::CgroupParent>, disk: &Path) -> Vec<PathBuf> {
    let mut swept = place.map(cgroup::sweep).unwrap_or_default();
    swept.extend(pids::sweep());
    for parent in [Path::new(namespace::SHM), disk] {
        let orphans = supervisor::orphans(parent);
        swept.extend(orphans.into_iter().filter(|folder| fs::remove_dir_all(folder).is_ok()));
    }
    swept
}

/// How the names of a run's control group and folders begin; the number of its supervisor follows.
const PREFIX: &str = "lab-";

/// What the supervisor and init tell `lab`, a JSON line each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The sandbox stands.
    Ready {
        /// Its folder of shared memory, as the program sees it; `None` where it has none of its own.
        shm: Option<PathBuf>,
        /// Its folder on the disk.
        disk: Option<PathBuf>,
        /// Its control group.
        cgroup: Option<cgroup::Group>,
        /// The folder of the group that bounds its processes, which may be the same.
        pids: Option<PathBuf>,
    },
    /// The sandbox could not be made, or the program not started, and why.
    CouldNotStart(String),
    /// The program runs.
    Started,
    /// The highest resident memory of any one of its processes that was waited for, in bytes.
    Largest(u64),
    /// The program exited with this code.
    Exited(i32),
    /// This signal killed the program.
    Killed(i32),
}

/// A program that runs in its sandbox.
#[derive(Debug)]
pub struct Running {
    /// `None` where the program was running before, and nothing was made for it.
    supervisor: Option<Child>,
    /// Dropping it makes the supervisor take everything down.
    control: Option<ChildStdin>,
    /// What the supervisor and init tell.
    pub reports: BufReader<ChildStdout>,
    /// Which namespaces the sandbox is made of.
    pub namespaces: Namespaces,
    /// What the program prints, on both streams. Reading it does not block.
    pub output: File,
    /// The channel of marks and facts.
    pub channel: UnixStream,
    /// The folder of shared memory, as the program sees it; `None` where it has none of its own.
    pub shm: Option<PathBuf>,
    /// The run's folder on the disk.
    pub disk: Option<PathBuf>,
    /// The control group of the run.
    pub cgroup: Option<cgroup::Group>,
    /// The folder of the control group that bounds its processes, which may be the same.
    pub pids: Option<PathBuf>,
    /// Whether the program is confined, or only watched.
    pub mode: Mode,
    /// The far ends of what a program that was running before says nothing on.
    silent: Vec<OwnedFd>,
}

impl Running {
    /// Makes the sandbox and starts the program in it.
    ///
    /// # Errors
    ///
    /// Says which part of the sandbox could not be made.
    pub fn start(spec: &Spec) -> Result<Self> {
        let (channel, theirs) = UnixStream::pair().context("a channel to the program")?;
        let (output, their_output) = std::io::pipe().context("a pipe for the program's output")?;
        let mut command = Command::new(SELF);
        let mut spec = spec.clone();
        if spec.streams == Streams::Passed {
            spec.streams = Streams::Handed(hand_down(&mut command)?);
        }
        command
            .arg0("lab")
            .arg(SUPERVISOR)
            .arg(serde_json::to_string(&spec).expect("a sandbox is plain data"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(their_output));
        let number = labkit::sys::pass_fd(&mut command, OwnedFd::from(theirs));
        command.env(labkit::channel::VARIABLE, number.to_string());
        let mut supervisor = command.spawn().context("the supervisor of the run could not be started")?;
        // The command holds the far ends of the channel and of the output.
        drop(command);
        let control = supervisor.stdin.take();
        let reports = BufReader::new(supervisor.stdout.take().expect("stdout is piped"));
        // The supervisor holds the other end for as long as lab lives, so a reader must not wait for it.
        fcntl(&output, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).context("the pipe for the program's output")?;
        let output = File::from(OwnedFd::from(output));
        let mut running = Running {
            supervisor: Some(supervisor),
            control,
            reports,
            namespaces: spec.namespaces,
            output,
            channel,
            shm: None,
            disk: None,
            cgroup: None,
            pids: None,
            mode: spec.mode,
            silent: Vec::new(),
        };
        match running.report()? {
            Some(Report::Ready { shm, disk, cgroup, pids }) => {
                running.shm = shm;
                running.disk = disk;
                running.cgroup = cgroup;
                running.pids = pids;
                Ok(running)
            }
            Some(Report::CouldNotStart(why)) => bail!("{why}"),
            other => {
                running.take_down();
                let mut said = String::new();
                let _ = running.output.read_to_string(&mut said);
                bail!("the supervisor ended before the sandbox was made ({other:?}): {}", said.trim())
            }
        }
    }

    /// A program that is running already. Nothing is made for it, and it says nothing.
    ///
    /// # Errors
    ///
    /// When there are no more descriptors.
    pub fn attached() -> Result<Self> {
        let (channel, theirs) = UnixStream::pair().context("a channel")?;
        let (reports, no_reports) = std::io::pipe().context("a pipe")?;
        let (output, no_output) = std::io::pipe().context("a pipe")?;
        Ok(Running {
            supervisor: None,
            control: None,
            reports: BufReader::new(ChildStdout::from(OwnedFd::from(reports))),
            namespaces: Namespaces::None,
            output: File::from(OwnedFd::from(output)),
            channel,
            shm: None,
            disk: None,
            cgroup: None,
            pids: None,
            mode: Mode::Watched,
            silent: vec![theirs.into(), no_reports.into(), no_output.into()],
        })
    }

    /// The next report; `None` when there will be no more.
    pub fn report(&mut self) -> Result<Option<Report>> {
        let mut line = String::new();
        self.reports.read_line(&mut line).context("a report of the supervisor")?;
        if line.is_empty() {
            return Ok(None);
        }
        serde_json::from_str(&line).map(Some).with_context(|| format!("a report of the supervisor: {line}"))
    }

    /// The supervisor's process, whose `/proc` folder shows the run's sandbox from outside.
    pub fn supervisor(&self) -> Option<i32> {
        self.supervisor.as_ref().map(|supervisor| supervisor.id().cast_signed())
    }

    /// Kills what still runs, takes the sandbox down, and waits until nothing is left of it.
    pub fn end(mut self) {
        self.take_down();
    }

    fn take_down(&mut self) {
        self.control = None;
        self.silent.clear();
        if let Some(supervisor) = &mut self.supervisor {
            let _ = supervisor.wait();
        }
    }
}

/// Lets the supervisor have copies of the standard streams, for init to give to the program.
fn hand_down(command: &mut Command) -> Result<[i32; 3]> {
    let (stdin, stdout, stderr) = (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut numbers = [0; 3];
    for (number, stream) in numbers.iter_mut().zip([stdin.as_fd(), stdout.as_fd(), stderr.as_fd()]) {
        let copy = stream.try_clone_to_owned().context("the standard streams")?;
        *number = labkit::sys::pass_fd(command, copy);
    }
    Ok(numbers)
}

impl Drop for Running {
    fn drop(&mut self) {
        self.take_down();
    }
}
