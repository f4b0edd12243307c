//! Leftovers of a run without namespaces: files in /dev/shm, and IPC objects. Nobody can tell for sure which process
//! made them, so the report names them, but nothing removes them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::geteuid;

use super::namespace::SHM;

/// What this user has in the machine's shared memory and among its IPC objects: names, each with what
/// distinguishes it from another of the same name.
#[derive(Debug)]
pub(super) struct Shared(BTreeSet<(String, u64)>);

/// The folders of shared memory, and of POSIX message queues if they are to be seen (mq_overview(7)).
const FOLDERS: [&str; 2] = [SHM, "/dev/mqueue"];

/// The objects of System V (sysvipc(7)), and the tables of them (proc_sysvipc(5)).
const TABLES: [(&str, &str); 3] = [
    ("shared memory segment", "/proc/sysvipc/shm"),
    ("semaphore set", "/proc/sysvipc/sem"),
    ("message queue", "/proc/sysvipc/msg"),
];

/// So many are named.
const NAMED: usize = 10;

impl Shared {
    pub(super) fn now() -> Self {
        let user = geteuid().as_raw();
        let mut all = BTreeSet::new();
        for folder in FOLDERS {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(data) = fs::symlink_metadata(entry.path()) else { continue };
                let name = entry.path().display().to_string();
                // Folders of other runs go by themselves.
                if data.uid() == user && !(data.is_dir() && name.starts_with(&format!("{SHM}/lab-"))) {
                    all.insert((name, data.ino()));
                }
            }
        }
        for (kind, table) in TABLES {
            let text = fs::read_to_string(Path::new(table)).unwrap_or_default();
            all.extend(made_by(user, &text).map(|number| (format!("{kind} {number}"), number)));
        }
        Shared(all)
    }

    /// The names of those that are there now and weren't before. If they are very many, the last says how many
    /// more there are.
    pub(super) fn made_since(&self) -> Vec<String> {
        let mut new: Vec<String> = Self::now().0.difference(&self.0).map(|(name, _)| name.clone()).collect();
        if let Some(more) = new.len().checked_sub(NAMED).filter(|more| *more > 0) {
            new.truncate(NAMED);
            new.push(format!("{more} more"));
        }
        new
    }
}

/// The numbers of the objects in a table that this user has made.
fn made_by(user: u32, table: &str) -> impl Iterator<Item = u64> {
    let mut lines = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let creator = lines.next().and_then(|heads| heads.iter().position(|head| *head == "cuid"));
    let is_his = move |line: &Vec<&str>| line.get(creator?)?.parse::<u32>().ok().filter(|uid| *uid == user);
    // The first column is the key, which may be the same for all.
    lines.filter(move |line| is_his(line).is_some()).filter_map(|line| line.get(1)?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_table_only_what_the_user_has_made_counts() {
        let table = "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime
         0          3   644          1     0     0     7     0          0 1700000000
         0          4   644          1     7     0     0     0          0 1700000000\n";
        assert_eq!(made_by(7, table).collect::<Vec<_>>(), [3]);
        assert_eq!((made_by(7, "").count(), made_by(7, "key semid\n0 3\n").count()), (0, 0));
    }

    #[test]
    fn what_is_made_is_named_and_what_was_there_is_not() {
        let (before, name) = (Shared::now(), format!("{SHM}/lab-test-of-shared-{}", std::process::id()));
        if fs::write(&name, "").is_err() {
            // This machine has no /dev/shm.
            return;
        }
        let (new, after) = (before.made_since(), Shared::now());
        fs::remove_file(&name).unwrap();
        assert!(new.contains(&name), "{new:?}");
        assert!(!after.made_since().contains(&name));
    }
}
