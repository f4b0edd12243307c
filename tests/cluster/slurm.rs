//! A Slurm of two nodes on one machine, in a folder of its own.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use tempfile::TempDir;

use crate::common::{Said, leftovers, said};

/// A cluster that runs.
pub(crate) struct Slurm {
    folder: TempDir,
    nodes: [String; 2],
    daemons: Vec<Child>,
    limits_memory: bool,
}

/// What it is made of, and the Debian packages that have it.
const PACKAGES: &str = "slurmd slurmctld slurm-client slurm-wlm-basic-plugins munge";

/// Where control groups of version 1 that bound memory are.
const MEMORY: &str = "/sys/fs/cgroup/memory";

impl Slurm {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// What the machine lacks.
    pub(crate) fn start() -> Result<Self, String> {
        if !geteuid().is_root() {
            return Err("Slurm starts the tasks of its users, which only root may".into());
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        for name in ["bin", "state", "tmp", "home", "state-home"] {
            fs::create_dir(folder.path().join(name)).map_err(|error| format!("{name}: {error}"))?;
        }
        // Debian calls the programs by names that Slurm itself doesn't know for its own: it's under these that it
        // sets limits.
        for name in ["slurmctld", "slurmd", "slurmstepd"] {
            let program = found(name).or_else(|| found(&format!("{name}-wlm")));
            let program = program.ok_or_else(|| format!("there is no {name} (Debian: {PACKAGES})"))?;
            symlink(program, folder.path().join("bin").join(name))
                .map_err(|error| format!("{name}: {error}"))?;
        }
        for name in ["munged", "srun", "sbatch", "scancel", "sinfo", "squeue"] {
            found(name).ok_or_else(|| format!("there is no {name} (Debian: {PACKAGES})"))?;
        }
        let nodes = ["a", "b"].map(|letter| format!("{letter}{}", std::process::id()));
        let limits_memory = may_make_groups();
        let mut slurm = Slurm { folder, nodes, daemons: Vec::new(), limits_memory };
        match slurm.begin() {
            Ok(()) => Ok(slurm),
            Err(why) => {
                slurm.take_down();
                Err(why)
            }
        }
    }

    fn begin(&mut self) -> Result<(), String> {
        let at = |name: &str| self.folder.path().join(name).display().to_string();
        let key = self.folder.path().join("key");
        let mut random = [0; 1024];
        let read = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random));
        read.and_then(|()| fs::write(&key, random))
            .and_then(|()| fs::set_permissions(&key, fs::Permissions::from_mode(0o400)))
            .map_err(|error| format!("a key for munge: {error}"))?;
        fs::write(self.conf(), self.text()?).map_err(|error| error.to_string())?;
        let groups = format!(
            "CgroupMountpoint=/sys/fs/cgroup\nCgroupAutomount=no\nCgroupPlugin=cgroup/v1\nConstrainRAMSpace={}\n",
            if self.limits_memory { "yes" } else { "no" }
        );
        fs::write(self.folder.path().join("cgroup.conf"), groups).map_err(|error| error.to_string())?;
        let munge = ["key-file", "pid-file", "log-file", "seed-file", "socket"].map(|option| match option {
            "key-file" => format!("--key-file={}", at("key")),
            option => format!("--{option}={}", at(&format!("munge-{option}"))),
        });
        let munge: Vec<&str> = munge.iter().map(String::as_str).collect();
        let conf = self.conf().display().to_string();
        let (control, daemon, step) = (at("bin/slurmctld"), at("bin/slurmd"), at("bin/slurmstepd"));
        self.daemon(&[&["munged", "--foreground", "--force"][..], &munge].concat())?;
        self.daemon(&[&control, "-D", "-f", &conf])?;
        for node in self.nodes.clone() {
            self.daemon(&[&daemon, "-D", "-N", &node, "-f", &conf, "-d", &step])?;
        }
        for _ in 0..120 {
            let states = self.said(&["sinfo", "--noheader", "--Node", "--format=%T"]);
            if states.stdout.lines().filter(|state| *state == "idle").count() == self.nodes.len() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        let logs = ["slurmctld.log".to_owned(), format!("slurmd-{}.log", self.nodes[0])];
        let ends = logs.map(|log| {
            let text = fs::read_to_string(self.folder.path().join(&log)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            format!("{log}: {}", lines[lines.len().saturating_sub(3)..].join(" | "))
        });
        Err(format!("the nodes of Slurm don't come up: {}", ends.join("; ")))
    }

    /// Its settings.
    fn text(&self) -> Result<String, String> {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let (host, folder) = (host.trim(), self.folder.path().display());
        let ports = ports().map_err(|error| format!("a free port: {error}"))?;
        let plugins = plugins(&self.folder.path().join("bin/slurmd"));
        let plugins = plugins.map_or_else(String::new, |folder| format!("PluginDir={}\n", folder.display()));
        let (track, task) = match self.limits_memory {
            true => ("cgroup", "cgroup"),
            false => ("linuxproc", "none"),
        };
        let [first, second] = &self.nodes;
        let node = format!("NodeHostname={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=1000");
        Ok(format!(
            "\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge-socket
{plugins}StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/{track}
TaskPlugin=task/{task}
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
KillWait=10
NodeName={first} Port={} {node}
NodeName={second} Port={} {node}
PartitionName=all Nodes={first},{second} Default=YES MaxTime=INFINITE State=UP DefMemPerNode=400
",
            ports[0], ports[1], ports[2]
        ))
    }

    fn conf(&self) -> PathBuf {
        self.folder.path().join("slurm.conf")
    }

    fn daemon(&mut self, words: &[&str]) -> Result<(), String> {
        let output = |name| fs::File::create(self.folder.path().join(name));
        let mut command = Command::new(words[0]);
        self.surround(command.args(&words[1..]));
        let name = format!("daemon-{}.out", self.daemons.len());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(output(name).map_or_else(|_| Stdio::null(), Stdio::from));
        self.daemons.push(command.spawn().map_err(|error| format!("{}: {error}", words[0]))?);
        Ok(())
    }

    /// The environment of everything that belongs to it.
    fn surround<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .current_dir(self.folder())
            .env("SLURM_CONF", self.conf())
            .env(leftovers::TOKEN, self.folder())
            .env("HOME", self.folder().join("home"))
            .env("XDG_STATE_HOME", self.folder().join("state-home"))
            .env("TMPDIR", self.temporary())
            .env("LANG", "C.UTF-8")
            .env_remove("CARGO_TARGET_DIR")
    }

    /// One of its commands, under a time limit that only a hang can reach.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args(["--preserve-status", "--verbose", "--signal=ALRM", "--kill-after=10", "300"]);
        self.surround(command.args(words));
        command
    }

    /// What one of its commands says.
    pub(crate) fn said(&self, words: &[&str]) -> Said {
        said(self.command(words))
    }

    /// Its folder, in which its commands run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder for temporary files of its tasks.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder().join("tmp")
    }

    /// The names of its nodes.
    pub(crate) fn nodes(&self) -> &[String; 2] {
        &self.nodes
    }

    /// Whether a step may have no more memory than it asks for.
    pub(crate) fn limits_memory(&self) -> bool {
        self.limits_memory
    }

    /// Ends all that belongs to it, the daemons last, and removes its control groups.
    pub(crate) fn take_down(mut self) {
        if self.daemons.len() > 1 {
            let _ = self.command(&["scancel", "--full", "--signal=KILL", "--user=root"]).output();
            let _ = self.command(&["scancel", "--user=root"]).output();
        }
        for daemon in self.daemons.iter_mut().rev() {
            let pid = Pid::from_raw(daemon.id().cast_signed());
            // It may have ended by itself.
            let _ = kill(pid, Signal::SIGTERM);
            let ended = (0..100).any(|_| {
                std::thread::sleep(Duration::from_millis(50));
                daemon.try_wait().is_ok_and(|status| status.is_some())
            });
            if !ended {
                let _ = daemon.kill();
                let _ = daemon.wait();
            }
        }
        leftovers::end(self.folder());
        let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
        for hierarchy in hierarchies {
            for node in &self.nodes {
                remove_groups(&hierarchy.path().join(format!("slurm_{node}")));
            }
        }
        crate::nothing_runs(self.folder());
    }
}

/// Removes a control group and those below it.
fn remove_groups(group: &Path) {
    for below in fs::read_dir(group).into_iter().flatten().flatten() {
        if below.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&below.path());
        }
    }
    let _ = fs::remove_dir(group);
}

/// Whether control groups can be made where Slurm makes its own.
fn may_make_groups() -> bool {
    let group = Path::new(MEMORY).join(format!("lab-test-{}", std::process::id()));
    // Its limit is what's needed: where the controller is of version 2, no such file is there.
    let can = fs::create_dir(&group).is_ok() && group.join("memory.limit_in_bytes").exists();
    let _ = fs::remove_dir(&group);
    can && Path::new("/sys/fs/cgroup/freezer/cgroup.procs").exists()
}

/// A program by its name; those of administrators are not in every path.
fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The plugins of a Slurm, next to its programs, where Debian puts them.
fn plugins(slurmd: &Path) -> Option<PathBuf> {
    let program = fs::canonicalize(slurmd).ok()?;
    let prefix = program.parent()?.parent()?;
    let libraries = fs::read_dir(prefix.join("lib")).ok()?.flatten();
    let mut folders = libraries.map(|library| library.path().join("slurm-wlm"));
    folders.find(|folder| folder.is_dir())
}

/// Three ports that nobody listens at.
fn ports() -> std::io::Result<[u16; 3]> {
    let listeners = [
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
        TcpListener::bind("127.0.0.1:0")?,
    ];
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(&listeners) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}
