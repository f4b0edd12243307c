//! Any command instead of a scenario's program: its sandbox, the header of its record, and a second run with one
//! change.

pub(crate) mod again;
mod watched;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::statvfs::statvfs;
use procfs::process::Process;

use crate::host::Machine;
use crate::model::record::{self, Header, Limits, Place, SCHEMA};
use crate::recorder::Rates;
use crate::sandbox::cgroup::Bounds;
use crate::sandbox::pids::PidLimit;
use crate::sandbox::{Mode, Namespaces, Spec, Streams, Word};
use crate::store;

pub(crate) use watched::watched;

/// What the user asks for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The words of the command, the program first; none if a process is attached to.
    pub(crate) words: Vec<OsString>,
    /// A process that runs already, by its number.
    pub(crate) attach: Option<i32>,
    /// The time from one sample to the next, if it is fixed.
    pub(crate) interval: Option<Duration>,
    /// The most memory, in bytes.
    pub(crate) memory: Option<u64>,
    /// The size of /dev/shm, in bytes.
    pub(crate) shm: Option<u64>,
    /// The most processes and threads.
    pub(crate) processes: Option<u64>,
    /// The deadline.
    pub(crate) timeout: Option<Duration>,
    /// After how long without progress it is ended.
    pub(crate) no_progress: Option<Duration>,
    /// How long a confined one may put things away after it was asked to end.
    pub(crate) grace: Duration,
    /// What the user has to say about it.
    pub(crate) message: Option<String>,
    /// Where it reads and prints.
    pub(crate) streams: Streams,
}

/// How long a confined command may put things away, unless the user says otherwise.
const GRACE: Duration = Duration::from_secs(10);

/// The sampling interval if it isn't fixed, while anything moves.
const INTERVAL: Duration = Duration::from_millis(10);

/// The least time between two samples of the expensive sources.
const SLOW: Duration = Duration::from_millis(100);

/// So many processes at most, or fewer if there isn't this much memory for each of them, in bytes. Even one
/// that does nothing takes nearly a MiB of the kernel's.
const PROCESSES: u64 = 4096;
const PROCESS: u64 = 4 << 20;

impl Request {
    /// A command that nothing bounds, on the terminal of its user.
    pub(crate) fn watching(words: Vec<OsString>) -> Self {
        Request {
            words,
            attach: None,
            interval: None,
            memory: None,
            shm: None,
            processes: None,
            timeout: None,
            no_progress: None,
            grace: GRACE,
            message: None,
            streams: Streams::Passed,
        }
    }

    /// How often it is sampled.
    pub(crate) fn rates(&self) -> Rates {
        let interval = self.interval.unwrap_or(INTERVAL);
        Rates { interval, slow: interval.max(SLOW), adapts: self.interval.is_none() }
    }

    /// What the machine can do, as far as this has to know it.
    pub(crate) fn machine(&self) -> Machine {
        match self.mode() {
            Mode::Confined => Machine::probe(),
            Mode::Watched => Machine::probe_without_namespaces(),
        }
    }

    /// Whether anything bounds it. Without a bound, it is watched and not confined.
    fn mode(&self) -> Mode {
        let times = [self.timeout, self.no_progress].map(|time| time.is_some());
        let bounds = [self.memory, self.shm, self.processes].map(|bound| bound.is_some());
        if times.contains(&true) || bounds.contains(&true) { Mode::Confined } else { Mode::Watched }
    }

    /// The bounds of its sandbox.
    ///
    /// # Errors
    ///
    /// When the machine can't give one that was asked for.
    fn limits(&self, machine: &Machine) -> Result<Limits> {
        let private = self.mode() == Mode::Confined && machine.namespaces != Namespaces::None;
        if let (Some(_), Some(why)) = (self.shm, &machine.no_namespaces) {
            bail!("--shm needs a private /dev/shm, and this machine allows no namespaces ({why})");
        }
        Ok(Limits {
            // Without a size it has room for as much as the machine's own.
            tmpfs: private.then(|| self.shm.or_else(shm_total)).flatten(),
            tmpfs_inodes: None,
            memory: self.memory,
            processes: self.processes.or_else(|| self.last_wall(machine)),
            deadline_ms: self.timeout.map(milliseconds),
            no_progress_ms: self.no_progress.map(milliseconds),
            silent_ms: None,
        })
    }

    /// The most processes that it may have though nobody has asked for a limit. Where the kernel counts them for
    /// a control group, it also counts their memory, and that is limit enough. Elsewhere a command that forks
    /// without end could take the machine down before the watchdog sees it.
    fn last_wall(&self, machine: &Machine) -> Option<u64> {
        let is_bare = matches!(machine.pids, PidLimit::Rlimit | PidLimit::Watchdog);
        (self.mode() == Mode::Confined && is_bare).then(|| (machine.available / PROCESS).min(PROCESSES))
    }

    /// The sandbox that it runs in.
    ///
    /// # Errors
    ///
    /// When the machine can't give a bound that was asked for.
    pub(crate) fn spec(&self, machine: &Machine) -> Result<Spec> {
        let (program, args) = self.words.split_first().context("there is no command")?;
        let (mode, limits) = (self.mode(), self.limits(machine)?);
        let bounds = Bounds { memory: limits.memory, kills_all: false };
        Ok(Spec {
            namespaces: match mode {
                Mode::Confined => machine.namespaces,
                Mode::Watched => Namespaces::None,
            },
            tmpfs: limits.tmpfs,
            tmpfs_inodes: None,
            cgroup: machine.cgroup.as_ref().ok().map(|place| (place.clone(), bounds)),
            disk: None,
            program: program.clone(),
            args: args.iter().cloned().map(Word::from).collect(),
            env: BTreeMap::new(),
            processes: limits.processes.map(|most| (machine.pids.clone(), most)),
            mode,
            sealed: false,
            streams: self.streams,
            grace: self.grace,
        })
    }

    /// What its record begins with.
    ///
    /// # Errors
    ///
    /// If the machine can't give a requested bound, or there's no such process.
    pub(crate) fn header(&self, machine: &Machine, place: Place) -> Result<Header> {
        let limits = match self.attach {
            Some(_) => Limits::default(),
            None => self.limits(machine)?,
        };
        let (words, folder) = match self.attach {
            Some(pid) => attached(pid)?,
            None => (
                self.words.iter().map(|word| word.to_string_lossy().into_owned()).collect(),
                working_directory(),
            ),
        };
        let name = words.first().map(|program| Path::new(program).file_name().unwrap_or_default());
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        Ok(Header {
            schema: SCHEMA,
            lab: env!("CARGO_PKG_VERSION").to_owned(),
            started: humantime::format_rfc3339_millis(store::now()).to_string(),
            scenario: String::new(),
            variant: name,
            title: words.join(" "),
            command: Some(record::Command {
                words,
                folder: folder.display().to_string(),
                message: self.message.clone(),
                attached: self.attach,
            }),
            size: String::new(),
            sizes: BTreeMap::new(),
            confinement: self.confinement(machine, &limits),
            limits,
            seed: 0,
            interval: 0,
            machine: machine.stamp.clone(),
            metrics: BTreeMap::new(),
            peaks: BTreeMap::new(),
            enclosing: None,
            peer: None,
            place: Some(place),
            stands_in: false,
        })
    }

    fn confinement(&self, machine: &Machine, limits: &Limits) -> Vec<String> {
        let group = match &machine.cgroup {
            _ if self.attach.is_some() => "only watched, and without its own control group".to_owned(),
            Ok(place) => format!("in its own control group ({place})"),
            Err(_) => "without a control group".to_owned(),
        };
        let mut lines = vec![match (self.attach, self.mode()) {
            (None, Mode::Watched) => format!("not confined, {group}"),
            _ => group,
        }];
        lines.extend(machine.confinement(limits));
        lines
    }
}

/// The words of a process that runs, and its folder.
fn attached(pid: i32) -> Result<(Vec<String>, PathBuf)> {
    let process = Process::new(pid).with_context(|| format!("there is no process {pid}"))?;
    let words = process.cmdline().with_context(|| format!("process {pid}"))?;
    if words.is_empty() {
        bail!("process {pid} is one of the kernel's own, or has ended: it has no memory to watch");
    }
    Ok((words, process.cwd().unwrap_or_default()))
}

/// Up to whole milliseconds, of which a bound has at least one.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// The folder that this process is in. One that was deleted says so itself (proc_pid_cwd(5)).
fn working_directory() -> PathBuf {
    std::fs::read_link("/proc/self/cwd").unwrap_or_default()
}

/// The size of the machine's shared memory, in bytes.
fn shm_total() -> Option<u64> {
    statvfs("/dev/shm").ok().map(|shm| shm.blocks() * shm.fragment_size())
}
