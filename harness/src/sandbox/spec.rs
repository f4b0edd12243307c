//! The parts of a run's sandbox, and the program that runs in it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cgroup::{Bounds, CgroupParent};
use super::namespace::Namespaces;
use super::pids::PidLimit;

/// This program (proc_pid_exe(5)), also when a newer one has taken its place on the disk.
pub(crate) const SELF: &str = "/proc/self/exe";

/// The sandbox of one run, and the program that runs in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Spec {
    /// Which namespaces the sandbox is made of.
    pub(crate) namespaces: Namespaces,
    /// The size of the run's own shared memory, in bytes: a private tmpfs, or, without namespaces,
    /// a folder. `None` if it uses the machine's.
    pub(crate) tmpfs: Option<u64>,
    /// How many inodes a private tmpfs has, that of its own folder among them; `None` for the kernel's number.
    pub(crate) tmpfs_inodes: Option<u64>,
    /// The control group that the run gets a fresh child of, and the bounds of that child.
    pub(crate) cgroup: Option<(CgroupParent, Bounds)>,
    /// A folder on a disk, in which the run gets a folder for as long as it lasts.
    #[serde(with = "raw")]
    pub(crate) disk: Option<PathBuf>,
    /// The program.
    pub(crate) program: OsString,
    /// Its arguments.
    pub(crate) args: Vec<Word>,
    /// Variables added to its environment.
    pub(crate) env: BTreeMap<String, Word>,
    /// How many processes and threads it may have, and what bounds them; `None` for any number, and for
    /// a run that is only watched.
    pub(crate) processes: Option<(PidLimit, u64)>,
    /// What becomes of it at the end.
    pub(crate) mode: Mode,
    /// Whether it may write nowhere but in its own folders, as far as the kernel can keep it from that.
    pub(crate) sealed: bool,
    /// Where it reads and prints.
    pub(crate) streams: Streams,
    /// How long a confined run has to put things away after it was asked to end.
    pub(crate) grace: Duration,
}

impl Spec {
    /// The sandbox of a program that does nothing, to find out what the machine allows.
    pub(crate) fn of_nothing(namespaces: Namespaces) -> Self {
        Spec {
            namespaces,
            tmpfs: Some(1 << 20),
            tmpfs_inodes: None,
            cgroup: None,
            disk: Some(std::env::temp_dir()),
            program: SELF.into(),
            args: vec!["--version".into()],
            env: BTreeMap::new(),
            processes: None,
            mode: Mode::Confined,
            sealed: false,
            streams: Streams::Kept,
            grace: Duration::ZERO,
        }
    }

    /// Puts the run's folders in the places that stand for them.
    pub(super) fn put_folders(&mut self, shm: Option<&Path>, disk: Option<&Path>) {
        for word in self.args.iter_mut().chain(self.env.values_mut()) {
            let folder = match word {
                Word::Shm => shm,
                Word::Disk => disk,
                Word::Text(_) => continue,
            };
            // Without such a folder the program finds an empty word, and says so itself.
            *word = Word::Text(folder.map(OsString::from).unwrap_or_default());
        }
    }
}

/// A word that a program is given. What a user has typed is always text, whatever it looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Word {
    /// These bytes.
    Text(OsString),
    /// The path of the run's folder of shared memory.
    Shm,
    /// The path of the run's folder on the disk.
    Disk,
}

impl Word {
    /// The bytes, once the folders are in their places.
    pub(super) fn text(&self) -> &OsStr {
        match self {
            Word::Text(text) => text,
            Word::Shm | Word::Disk => OsStr::new(""),
        }
    }
}

impl<T: Into<OsString>> From<T> for Word {
    fn from(text: T) -> Self {
        Word::Text(text.into())
    }
}

/// Whether a run is confined to its sandbox, or only watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// What still runs at the end is killed.
    Confined,
    /// What still runs at the end goes on.
    Watched,
}

/// Where a program reads and prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Streams {
    /// It reads nothing, and what it prints goes to `lab`. It has its own session.
    Kept,
    /// It has the standard streams of `lab`, and belongs to its terminal.
    Passed,
    /// Likewise, but what it would print on the terminal that `lab` draws on goes to `lab`.
    PassedAround,
}

/// Paths as bytes: serde takes only those that are UTF-8.
pub(super) mod raw {
    use std::ffi::{OsStr, OsString};
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_ref().map(AsRef::<OsStr>::as_ref).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<OsString>::deserialize(from)?.map(PathBuf::from))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    #[test]
    fn any_bytes_survive_being_handed_over() {
        let odd = OsString::from_vec(b"caf\xe9 {shm} \"\n".to_vec());
        let mut spec = Spec::of_nothing(Namespaces::None);
        spec.args = vec![odd.clone().into(), Word::Shm];
        spec.disk = Some(odd.clone().into());
        let text = serde_json::to_vec(&spec).unwrap();
        let mut back: Spec = serde_json::from_slice(&text).unwrap();
        back.put_folders(Some(Path::new("/dev/shm")), None);
        assert_eq!(back.args, [Word::Text(odd.clone()), Word::Text("/dev/shm".into())]);
        assert_eq!(back.disk, Some(odd.into()));
    }
}
