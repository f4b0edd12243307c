//! The things that a run has made, and their owner. A registry is a file in a separate folder that lists folders
//! and control groups, each with its device and inode. The supervisor holds a lock on it (flock(2)) for as long as it
//! lives, and the kernel frees that lock however it ends. So whoever gets the lock knows that the owner is dead, and
//! that exactly the listed things may go. A name proves nothing, and neither does a process number: both have other
//! meanings in other namespaces.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::{Flock, FlockArg};
use nix::libc::O_NOFOLLOW;
use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

/// What becomes of a thing when its owner is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A folder, which goes with all that is in it.
    Folder,
    /// A control group, which goes with all that runs in it.
    Group,
    /// A control group whose processes go on in this other one.
    Lent(OsString),
    /// The group into which `lab` and its kin moved, to make room. They go on in the group above.
    Leaf,
}

/// Something that was made for a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Made {
    path: OsString,
    pub(super) kind: Kind,
    /// Its device and inode; none before it is made.
    identity: Option<(u64, u64)>,
}

impl Made {
    pub(super) fn path(&self) -> &Path {
        Path::new(&self.path)
    }

    /// Whether its owner died before it could say what it had made; then it is empty.
    pub(super) fn is_begun(&self) -> bool {
        self.identity.is_none()
    }

    /// Whether this path still leads to the thing that was made.
    pub(super) fn is_there(&self) -> bool {
        self.identity.is_some() && self.identity == identity(self.path())
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::symlink_metadata(path).ok().map(|data| (data.dev(), data.ino()))
}

/// What one run has made. If no file can list it, the run goes on without.
#[derive(Default)]
pub(super) struct Registry {
    file: Option<(Flock<File>, PathBuf)>,
    made: Vec<Made>,
}

impl Registry {
    /// Begins one in the first folder that takes it.
    pub(super) fn open() -> Self {
        Registry { file: folders().iter().find_map(|folder| begin(folder)), made: Vec::new() }
    }

    /// Makes a folder or a group in `parent`, which must be there: a machine without /dev/shm must not
    /// have one afterwards.
    pub(super) fn make(&mut self, parent: &Path, kind: Kind) -> Result<PathBuf> {
        let path = parent.join(format!("lab-{:016x}", random()));
        self.list(Made { path: path.clone().into(), kind: kind.clone(), identity: None });
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("a folder in {}", parent.display()))?;
        let made = Made { path: path.clone().into(), kind, identity: identity(&path) };
        self.list(made.clone());
        self.made.push(made);
        Ok(path)
    }

    /// An unreadable registry doesn't stop the run.
    fn list(&mut self, made: Made) {
        if let Some((file, _)) = &mut self.file {
            let line = serde_json::to_string(&made).expect("it is plain data");
            let _ = writeln!(file, "{line}");
        }
    }

    /// The things that were made, the latest first.
    pub(super) fn made(&self) -> impl Iterator<Item = &Made> {
        self.made.iter().rev()
    }

    /// Forgets all, once it is gone.
    pub(super) fn close(self) {
        if let Some((_, path)) = &self.file {
            let _ = fs::remove_file(path);
        }
    }
}

/// A number that nobody else guesses: the standard library has it from the kernel.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn begin(folder: &Path) -> Option<(Flock<File>, PathBuf)> {
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    if !is_ours(folder) {
        return None;
    }
    loop {
        let path = folder.join(format!("{:016x}", random()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).custom_flags(O_NOFOLLOW);
        let file = Flock::lock(options.open(&path).ok()?, FlockArg::LockExclusive).ok()?;
        // One that swept came between, and has removed it.
        if file.metadata().is_ok_and(|data| data.nlink() > 0) {
            return Some((file, path));
        }
    }
}

/// The registry of a run whose supervisor is dead.
pub(super) struct Orphan {
    _lock: Flock<File>,
    path: PathBuf,
    pub(super) made: Vec<Made>,
}

impl Orphan {
    pub(super) fn forget(self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// The registries of this user's runs whose supervisors are dead.
pub(super) fn orphans() -> Vec<Orphan> {
    let ours = folders().into_iter().filter(|folder| is_ours(folder));
    let files = ours.flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    files.filter_map(|entry| orphan(&entry.path()).ok().flatten()).collect()
}

/// `None` if its owner lives.
fn orphan(path: &Path) -> io::Result<Option<Orphan>> {
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(O_NOFOLLOW | nix::libc::O_NONBLOCK).open(path)?;
    let data = file.metadata()?;
    if !data.is_file() || data.uid() != geteuid().as_raw() {
        return Ok(None);
    }
    let Ok(lock) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else { return Ok(None) };
    let text = io::read_to_string(&*lock)?;
    let made = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Some(Orphan { _lock: lock, path: path.to_owned(), made }))
}

/// The folders in which registries may be, the best first. Only those that are ours are believed.
fn folders() -> Vec<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = variable("XDG_STATE_HOME").or_else(|| Some(variable("HOME")?.join(".local/state")));
    let candidates = [
        // This one is for the system to make.
        variable("XDG_RUNTIME_DIR").filter(|folder| is_ours(folder)).map(|folder| folder.join("lab")),
        state.map(|folder| folder.join("lab/sandboxes")),
        Some(std::env::temp_dir().join(format!("lab-sandboxes-{}", geteuid()))),
    ];
    candidates.into_iter().flatten().collect()
}

/// Whether a folder is of this user, and nobody else may write to it. A link isn't believed either.
fn is_ours(folder: &Path) -> bool {
    let ours =
        |data: fs::Metadata| data.is_dir() && data.uid() == geteuid().as_raw() && data.mode() & 0o022 == 0;
    fs::symlink_metadata(folder).is_ok_and(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A registry in a folder of the test's own.
    fn registry(folder: &Path) -> Registry {
        Registry { file: begin(folder), made: Vec::new() }
    }

    fn only_file(folder: &Path) -> PathBuf {
        fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
    }

    #[test]
    fn what_a_living_owner_has_made_is_nobody_elses() {
        let (list, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut registry = registry(list.path());
        let made = registry.make(work.path(), Kind::Folder).unwrap();
        assert!(orphan(&only_file(list.path())).unwrap().is_none());
        drop(registry);
        let orphan = orphan(&only_file(list.path())).unwrap().expect("its owner is gone");
        let there: Vec<&Path> = orphan.made.iter().filter(|made| made.is_there()).map(Made::path).collect();
        assert_eq!(there, [made.as_path()]);
    }

    #[test]
    fn another_folder_under_the_same_name_is_left_alone() {
        let (list, work) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut registry = registry(list.path());
        let made = registry.make(work.path(), Kind::Folder).unwrap();
        // The new one is made first, so that it can't have the inode of the old one.
        fs::create_dir(work.path().join("new")).unwrap();
        fs::remove_dir(&made).unwrap();
        fs::rename(work.path().join("new"), &made).unwrap();
        assert!(registry.made().all(|made| !made.is_there()));
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        assert!(is_ours(folder.path()));
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!is_ours(folder.path()));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(!is_ours(&link));
    }
}
