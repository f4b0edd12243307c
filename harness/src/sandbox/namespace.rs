//! The namespaces of a run: its own mounts, processes and IPC objects.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use labkit::sys;
use landlock::{
    ABI, AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    path_beneath_rules,
};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::unistd::{Gid, Uid};
use serde::{Deserialize, Serialize};

/// Which namespaces the machine allows, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Namespaces {
    /// None: the run shares /dev/shm with the machine and has a separate folder in it.
    None,
    /// Mount, pid and IPC namespaces inside a user namespace, as an ordinary user may make them.
    User,
    /// Mount, pid and IPC namespaces, made by root.
    Root,
}

/// Where programs expect shared memory.
pub(super) const SHM: &str = "/dev/shm";

/// The segments of System V shared memory of the namespace in which it is opened (proc_sysvipc(5)).
pub(super) const SYSV_SHM: &str = "/proc/sysvipc/shm";

/// Moves the calling process into separate namespaces and mounts a private tmpfs of `size` bytes and of `inodes`
/// inodes. Without a number the kernel chooses one, by the memory of the machine.
///
/// The pid namespace begins with the caller's next child. Returns the folder of shared memory.
pub(super) fn enter(namespaces: Namespaces, size: u64, inodes: Option<u64>) -> Result<PathBuf> {
    let mut flags = CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC;
    if namespaces == Namespaces::User {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    let (uid, gid) = (Uid::effective(), Gid::effective());
    unshare(flags).context("unshare(2) of namespaces")?;
    if namespaces == Namespaces::User {
        // With new credentials a process may not look into itself, nor write its own maps.
        prctl::set_dumpable(true).context("prctl(PR_SET_DUMPABLE)")?;
        map_to_root(uid, gid).context("the user namespace's maps of users and groups")?;
    }
    // Without this, mounts made here could show up outside (mount_namespaces(7)).
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(None::<&str>, "/", None::<&str>, private, None::<&str>).context("private mounts")?;
    let folder = Path::new(SHM);
    let inodes = inodes.map_or_else(String::new, |inodes| format!(",nr_inodes={inodes}"));
    let options = format!("size={size},mode=1777{inodes}");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("lab"), folder, Some("tmpfs"), flags, Some(options.as_str()))
        .with_context(|| format!("a private tmpfs on {SHM}"))?;
    Ok(folder.to_owned())
}

/// Gives the caller, first process of a new pid namespace, a /proc that shows this namespace.
///
/// Many containers hide parts of /proc and may therefore not mount a new one; the old one then
/// stays, and shows the processes under their outer numbers. Programs run with either.
///
/// Returns whether the caller has its own mounts from here on.
pub(super) fn mount_proc() -> bool {
    let has_own_mounts = unshare(CloneFlags::CLONE_NEWNS).is_ok();
    if has_own_mounts {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        let _ = mount(Some("proc"), "/proc", Some("proc"), flags, None::<&str>);
    }
    has_own_mounts
}

/// Leaves these folders as the only writable ones of the caller's own mounts, apart from what a process may set of
/// itself in /proc. Kernels before Linux 5.12 can't; there everything stays as it was.
pub(super) fn seal(folders: &[PathBuf]) {
    for folder in folders {
        let _ = mount(Some(folder), folder, None::<&str>, MsFlags::MS_BIND, None::<&str>);
    }
    let sealed = sys::mount_read_only();
    if sealed.is_ok() {
        for folder in folders.iter().map(PathBuf::as_path).chain([Path::new("/proc")]) {
            let _ = sys::mount_writable(folder);
        }
    }
}

/// Leaves these folders as the only ones that the caller and its children can write to: for a process without its own
/// mounts (landlock(7)). It may still set its own values in /proc, and write to /dev/null. Kernels without Landlock
/// can't; there everything stays as it was.
///
/// # Errors
///
/// The kernel has Landlock, and refuses the rules.
pub(super) fn seal_without_mounts(folders: &[PathBuf]) -> Result<(), RulesetError> {
    let writes = AccessFs::from_write(ABI::V3);
    let folders = folders.iter().map(PathBuf::as_path).chain([Path::new("/proc")]);
    let mut rules = Ruleset::default().handle_access(writes)?.create()?;
    rules = rules.add_rules(path_beneath_rules(folders, writes))?;
    if let Ok(null) = PathFd::new("/dev/null") {
        rules = rules.add_rule(PathBeneath::new(null, AccessFs::WriteFile))?;
    }
    rules.restrict_self()?;
    Ok(())
}

/// Maps the user to root inside the namespace (user_namespaces(7)): needed to mount there.
fn map_to_root(uid: Uid, gid: Gid) -> Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))?;
    Ok(())
}
