//! Makes the sandbox of a run, and takes it down when `lab` lets go of it, however that comes about.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::wait;
use nix::unistd::{Pid, dup2_stdout, setsid};
use procfs::process::Process;

use super::init::{self, tell};
use super::namespace::{self, Namespaces};
use super::pids::PidLimit;
use super::{Mode, Report, Spec};

/// The whole life of a supervisor.
///
/// # Errors
///
/// When it can not even report that the sandbox could not be made.
pub fn run(spec: &Spec) -> Result<()> {
    if spec.mode == Mode::Confined {
        // A session of its own, so that Ctrl-C at the terminal reaches lab, which ends the run in order.
        setsid().context("setsid(2)")?;
    }
    // Neither does a stray signal keep it from cleaning up.
    SigSet::all().thread_block().context("blocking signals")?;
    let mut made = Made::default();
    match made.make(spec) {
        Ok(mut init) => {
            wait_until_lab_lets_go()?;
            made.take_down(&mut init, spec);
        }
        Err(error) => {
            made.clean_up();
            tell(&Report::CouldNotStart(format!("{error:#}")))?;
        }
    }
    Ok(())
}

/// What was made for the run and must go with it.
#[derive(Default)]
struct Made {
    group: Option<super::cgroup::Group>,
    /// What bounds the number of processes, and the folder of its control group.
    pids: Option<(PidLimit, PathBuf)>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn make(&mut self, spec: &Spec) -> Result<Child> {
        if let Some((place, bounds)) = &spec.cgroup {
            self.group = Some(place.make(*bounds)?);
        }
        if let Some((means, most)) = &spec.processes
            && let Some(folder) = means.make(*most, self.group.as_ref())?
        {
            self.pids = Some((means.clone(), folder));
        }
        prctl::set_child_subreaper(true).context("prctl(PR_SET_CHILD_SUBREAPER)")?;
        let disk = match &spec.disk {
            None => None,
            Some(disk) => {
                fs::create_dir_all(disk).with_context(|| disk.display().to_string())?;
                Some(self.folder(disk)?)
            }
        };
        let shm = match (spec.namespaces, spec.tmpfs) {
            (_, None) => None,
            (Namespaces::None, Some(_)) => Some(self.folder(Path::new(namespace::SHM))?),
            (some, Some(size)) => Some(namespace::enter(some, size)?),
        };
        // A user namespace makes its process unreadable; lab looks at the tmpfs through /proc.
        prctl::set_dumpable(true).context("prctl(PR_SET_DUMPABLE)")?;
        let mut spec = spec.clone();
        for (word, folder) in [(super::SHM, &shm), (super::DISK, &disk)] {
            let Some(folder) = folder else { continue };
            for arg in spec.args.iter_mut().chain(spec.env.values_mut()) {
                *arg = arg.replace(word, &folder.display().to_string());
            }
        }
        let mut command = init::command(&spec);
        if let Some(group) = &self.group {
            command.env(init::GROUP, group.procs_file());
        }
        if let Some(procs) = self.pids.as_ref().and_then(|(means, folder)| means.procs_file(folder)) {
            command.env(init::PIDS, procs);
        }
        let pids = self.pids.as_ref().map(|(_, folder)| folder.clone());
        tell(&Report::Ready { shm, disk, cgroup: self.group.clone(), pids })?;
        let init = command.spawn().context("the run's first process could not be started")?;
        // From here on only init reports: if it dies, lab reads the end of the pipe.
        dup2_stdout(File::open("/dev/null")?).context("letting go of the pipe to lab")?;
        Ok(init)
    }

    /// Makes a folder of the run's own in `parent`, which must be there: a machine without /dev/shm
    /// must not have one afterwards.
    fn folder(&mut self, parent: &Path) -> Result<PathBuf> {
        let folder = parent.join(format!("{}{}", super::PREFIX, std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("a folder in {}", parent.display()))?;
        self.folders.push(folder.clone());
        Ok(folder)
    }

    fn take_down(&self, init: &mut Child, spec: &Spec) {
        if let (Mode::Watched, Some((place, _)), Some(group)) = (spec.mode, &spec.cgroup, &self.group) {
            group.release(&place.home);
        }
        // In a pid namespace this kills everything; without one, its children become the supervisor's.
        let _ = init.kill();
        let _ = init.wait();
        if spec.mode == Mode::Confined {
            kill_children();
        }
        self.clean_up();
    }

    fn clean_up(&self) {
        if let Some(group) = &self.group {
            group.remove();
        }
        if let Some((means, folder)) = &self.pids {
            means.remove(folder);
        }
        for folder in &self.folders {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Waits until the other end of the standard input is closed: `lab` is done, or dead.
fn wait_until_lab_lets_go() -> Result<()> {
    let stdin = std::io::stdin();
    loop {
        // Nothing is ever written to this pipe, so only its end wakes the supervisor.
        let mut fds = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) => return Ok(()),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error).context("waiting for lab"),
        }
    }
}

/// Kills the supervisor's children, and theirs as they are handed up to it, until there are none.
fn kill_children() {
    loop {
        for pid in children(std::process::id().cast_signed()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        if wait() == Err(Errno::ECHILD) {
            return;
        }
    }
}

/// The children of a process, of all its threads; none when it is gone.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let Ok(tasks) = Process::new(pid).and_then(|process| process.tasks()) else { return Vec::new() };
    let lists: Result<Vec<Vec<u32>>, _> = tasks.flatten().map(|task| task.children()).collect();
    match lists {
        Ok(lists) => lists.into_iter().flatten().map(u32::cast_signed).collect(),
        // A thread that just ended, or a kernel without CONFIG_PROC_CHILDREN: ask every process.
        Err(_) => children_by_parent(pid),
    }
}

fn children_by_parent(pid: i32) -> Vec<i32> {
    let Ok(all) = procfs::process::all_processes() else { return Vec::new() };
    let stats = all.flatten().filter_map(|process| process.stat().ok());
    stats.filter(|stat| stat.ppid == pid).map(|stat| stat.pid).collect()
}

/// Folders in `parent` that are named by a supervisor that no longer lives.
pub(super) fn orphans(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let supervisor = name.to_str().and_then(|name| name.strip_prefix(super::PREFIX)?.parse().ok());
            supervisor.is_some_and(|pid| !lives(pid))
        })
        .map(|entry| entry.path())
        .collect()
}

/// Whether a supervisor can still clean up. One that is dead stays in the table of processes until somebody
/// waits for it, and in some containers nobody does.
fn lives(supervisor: i32) -> bool {
    let is_dead = |process: Process| process.stat().is_ok_and(|stat| matches!(stat.state, 'Z' | 'X'));
    kill(Pid::from_raw(supervisor), None) != Err(Errno::ESRCH) && !Process::new(supervisor).is_ok_and(is_dead)
}
