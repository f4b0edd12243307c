//! The orders of a role of `lab`, sent through a socket that it has as its standard input. They may be too large for
//! arguments, and aren't for others to read.

use std::io::{Read, Write};
use std::os::fd::RawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use labkit::sys::{self, Dispositions};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::dup2_stdout;
use serde::{Deserialize, Serialize};

use super::spec::{SELF, Spec};
use crate::name::program;

/// The hidden first argument of `lab` in the role of the supervisor.
pub(crate) const SUPERVISOR: &str = "__supervisor";

/// The hidden first argument of `lab` in the role of init.
pub(crate) const INIT: &str = "__init";

/// What supervisor and init are ordered to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    pub(super) spec: Spec,
    /// The program's standard streams, as numbers of descriptors; `None` if `lab` keeps them all, and for
    /// one whose text it keeps.
    pub(super) streams: Option<[Option<RawFd>; 3]>,
    /// The signals that the caller of `lab` ignored and blocked.
    pub(super) ignored: u64,
    pub(super) blocked: u64,
    /// The limits that the caller of `lab` has set, soft and hard, of what `lab` itself needs more of.
    pub(super) limits: [(u64, u64); NEEDED.len()],
    /// The run's own folders.
    pub(super) folders: Vec<PathBuf>,
    /// The files `cgroup.procs` of the groups that the program joins, as numbers of descriptors.
    pub(super) groups: Vec<RawFd>,
    /// User and group of root in the run's user namespace.
    pub(super) user: Option<(u32, u32)>,
}

impl Orders {
    /// The orders of a supervisor.
    pub(super) fn new(spec: Spec) -> Self {
        let Dispositions { ignored, blocked } = sys::inherited_signals();
        let (folders, groups) = (Vec::new(), Vec::new());
        Orders { spec, streams: None, ignored, blocked, limits: *LIMITS, folders, groups, user: None }
    }

    /// How the caller of `lab` treated signals.
    pub(super) fn signals(&self) -> Dispositions {
        Dispositions { ignored: self.ignored, blocked: self.blocked }
    }

    /// The limits of the caller of `lab`.
    pub(super) fn callers_limits(&self) -> [(Resource, u64, u64); NEEDED.len()] {
        std::array::from_fn(|at| (NEEDED[at], self.limits[at].0, self.limits[at].1))
    }

    pub(super) fn send(&self, mut socket: &UnixStream) -> Result<()> {
        let text = serde_json::to_vec(self).context("the orders of a role")?;
        let sent = socket.write_all(&text.len().to_ne_bytes()).and_then(|()| socket.write_all(&text));
        sent.context("sending the orders of a role")
    }

    pub(super) fn receive(mut socket: &UnixStream) -> Result<Self> {
        let mut length = [0; size_of::<usize>()];
        socket.read_exact(&mut length).context("a role without orders")?;
        let mut text = vec![0; usize::from_ne_bytes(length)];
        socket.read_exact(&mut text).context("the orders of a role")?;
        serde_json::from_slice(&text).context("the orders of a role")
    }
}

/// Of these `lab` may need more than a shell leaves to a command (`ulimit -n`, `ulimit -f`).
pub(super) const NEEDED: [Resource; 2] = [Resource::RLIMIT_NOFILE, Resource::RLIMIT_FSIZE];

/// The caller's limits of these. The first look loosens them for this process, as far as the kernel allows: for
/// most users up to the hard limit.
static LIMITS: LazyLock<[(u64, u64); NEEDED.len()]> = LazyLock::new(|| {
    NEEDED.map(|resource| {
        let (soft, hard) = getrlimit(resource).unwrap_or((u64::MAX, u64::MAX));
        let most = if resource == Resource::RLIMIT_NOFILE { hard.max(DESCRIPTORS) } else { u64::MAX };
        let _ = setrlimit(resource, most, most).or_else(|_| setrlimit(resource, hard, hard));
        (soft, hard)
    })
});

/// So many descriptors are enough for hundreds of processes.
const DESCRIPTORS: u64 = 1024;

/// How `lab` is started in a role.
pub(super) fn command(role: &str) -> Command {
    let mut command = Command::new(SELF);
    command.arg0(program()).arg(role);
    command
}

/// Puts one end of a new socket in the place of the standard output, which was the socket to `lab`, and returns the other
/// end. It isn't /dev/null that takes its place: a bare root file system may have none.
pub(super) fn let_go_of_output() -> Result<UnixStream> {
    let (output, other) = UnixStream::pair().context("a socket")?;
    dup2_stdout(&output).context("letting go of the socket to lab")?;
    Ok(other)
}
