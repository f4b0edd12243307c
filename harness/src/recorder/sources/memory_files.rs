//! Memory that nobody maps: files that live in memory and that a process merely holds open.
//!
//! Data written to a tmpfs or a memfd takes memory like any other, but no process shows it in its resident or
//! proportional size before it maps it (proc_pid_statm(5), proc_pid_smaps(5)). A stat(2) of the open descriptor says
//! exactly how much there is and whose it is, within a microsecond.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Result;
use nix::sys::resource::Resource;

use super::shared_memory::Shm;
use crate::host::files::is_tmpfs;
use crate::model::metric::Metric;
use crate::model::outcome::Evidence;
use crate::model::record::OpenMemoryFile;
use crate::recorder::members::Members;
use crate::recorder::rlimits::Nearest;
use crate::recorder::source::{Budget, Column, Conclusion, Every, Row, Schedule, Source, Target, View};

pub(super) const METRICS: &[&Metric] = &[&OPEN_MEMORY_FILES, &ELSEWHERE, &DESCRIPTORS];

static OPEN_MEMORY_FILES: Metric = Metric::bytes(
    "open_memory_files",
    "files in memory that processes hold open, mapped or not, each counted once",
);
pub(in crate::recorder) static ELSEWHERE: Metric = Metric::bytes(
    "memory_files_elsewhere",
    "open memory files outside of the run's own shared memory: memfds, and those of other tmpfs",
);
static DESCRIPTORS: Metric =
    Metric::count("descriptors", "open descriptors of the process that has the most");

pub(super) const SCHEDULE: Schedule = Schedule { every: Every::Slow, budget: Budget::Moderate };

/// The source: it also remembers the moment when the open files took most.
pub(super) struct MemoryFiles {
    shm: Option<Shm>,
    /// The bytes, and by how many processes each was open: of one size, the files are named with all their holders.
    most: (u64, usize),
    largest: Vec<OpenMemoryFile>,
    /// The processes that haven't let themselves be looked at, so far.
    refused: BTreeSet<i32>,
    limit: Nearest,
}

/// So many of the largest files are named.
pub(super) const NAMED: usize = 10;

pub(super) fn open(target: &Target<'_>) -> Result<Option<MemoryFiles>> {
    let (shm, limit) = (Shm::of(target)?, Nearest::new(Resource::RLIMIT_NOFILE));
    Ok(Some(MemoryFiles { shm, most: (0, 0), largest: Vec::new(), refused: BTreeSet::new(), limit }))
}

impl Source for MemoryFiles {
    fn columns(&self) -> Vec<Column> {
        let from = "stat of every file in /proc/PID/fd that lives in memory";
        let descriptors = Column::new(&DESCRIPTORS, "the most entries in /proc/PID/fd");
        vec![Column::new(&OPEN_MEMORY_FILES, from), Column::new(&ELSEWHERE, from), descriptors]
    }

    fn sample(&mut self, view: &mut View<'_>, row: &mut Row) {
        let open = OpenMemoryFiles::by(view.members);
        // One that is about to run its program lets nobody look before, and is seen later.
        self.refused.extend(&open.refused);
        self.refused.retain(|pid| open.descriptors.iter().all(|(seen, _)| seen != pid));
        if open.saw_nothing() {
            return;
        }
        for &(pid, count) in &open.descriptors {
            // Those that it has inherited may be above.
            self.limit.look(pid, |limit| Some(count.min(limit)));
        }
        row.set(&DESCRIPTORS, open.descriptors.iter().map(|(_, count)| *count).max().unwrap_or(0));
        let bytes = open.bytes();
        let is_own = |file: &OpenMemoryFile| self.shm.as_ref().is_some_and(|shm| shm.holds(file));
        row.set(&OPEN_MEMORY_FILES, bytes);
        row.set(&ELSEWHERE, open.files.iter().filter(|file| !is_own(file)).map(|file| file.bytes).sum());
        let most = (bytes, open.files.iter().map(|file| file.holders.len()).sum());
        if most > self.most {
            self.most = most;
            self.largest = open.files.into_iter().take(NAMED).collect();
        }
    }

    fn conclude(&mut self, conclusion: &mut Conclusion) {
        conclusion.open_memory_files = std::mem::take(&mut self.largest);
        conclusion.rlimits.extend(self.limit.take());
        let refused = self.refused.len();
        if refused > 0 {
            let processes = if refused == 1 { "process" } else { "processes" };
            let source = format!("{refused} {processes} of other rights");
            let why =
                "permission denied: no open files, no split of the memory, and no bytes read and written";
            conclusion.evidence.push(Evidence::could_not_look(&source, why.to_owned()));
        }
    }
}

/// What some processes hold open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OpenMemoryFiles {
    /// Each file once, the largest first.
    pub(super) files: Vec<OpenMemoryFile>,
    /// How many descriptors each of the processes has open.
    pub(super) descriptors: Vec<(i32, u64)>,
    /// Those of the processes that didn't let themselves be looked at.
    refused: Vec<i32>,
}

impl OpenMemoryFiles {
    /// Looks at every descriptor of the processes of a run: about 10 µs for each process, and 2 µs for each of
    /// its descriptors.
    pub(super) fn by(members: &Members) -> Self {
        Self::of(members.each().map(|(pid, member)| (pid, member.via)))
    }

    /// Looks at every descriptor of these processes, each through one of its threads.
    fn of(processes: impl IntoIterator<Item = (i32, i32)>) -> Self {
        let mut found = BTreeMap::new();
        let mut in_memory = BTreeMap::new();
        let (mut all, mut refused) = (Vec::new(), Vec::new());
        for (pid, thread) in processes {
            match fs::read_dir(format!("/proc/{thread}/fd")) {
                Ok(descriptors) => {
                    let mut count = 0;
                    for descriptor in descriptors.flatten() {
                        count += 1;
                        look(&descriptor.path(), pid, &mut in_memory, &mut found);
                    }
                    all.push((pid, count));
                }
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => refused.push(pid),
                // It is gone, and so is what it held.
                Err(_) => {}
            }
        }
        let mut files: Vec<OpenMemoryFile> = found.into_values().collect();
        sort(&mut files);
        OpenMemoryFiles { files, descriptors: all, refused }
    }

    /// Whether no process let itself be looked at, which isn't the same as that nothing is open.
    pub(super) fn saw_nothing(&self) -> bool {
        self.descriptors.is_empty() && !self.refused.is_empty()
    }

    /// The memory that all these files take, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Puts the largest first.
pub(super) fn sort(files: &mut [OpenMemoryFile]) {
    files.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
}

/// Adds the file behind one descriptor, if it lives in memory.
fn look(
    descriptor: &Path,
    pid: i32,
    in_memory: &mut BTreeMap<u64, bool>,
    found: &mut BTreeMap<(u64, u64), OpenMemoryFile>,
) {
    // The link leads to the open file itself, so that it need not have a name.
    let Ok(file) = fs::metadata(descriptor) else { return };
    let device = file.dev();
    // Memfds are on a tmpfs too, one that the kernel has mounted for itself.
    if !file.is_file() || !*in_memory.entry(device).or_insert_with(|| is_tmpfs(descriptor)) {
        return;
    }
    let held = found.entry((device, file.ino())).or_insert_with(|| {
        let name = fs::read_link(descriptor).unwrap_or_default().to_string_lossy().into_owned();
        // stat(2) counts in units of 512 bytes.
        let (bytes, inode) = (file.blocks() * 512, file.ino());
        OpenMemoryFile { name, bytes, device, inode, ..OpenMemoryFile::default() }
    });
    if held.holders.last() != Some(&pid) {
        held.holders.push(pid);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::process::{Command, Stdio};

    use nix::sys::memfd::{MFdFlags, memfd_create};

    use super::*;

    const MIB: usize = 1 << 20;

    fn me() -> i32 {
        std::process::id().cast_signed()
    }

    /// What these processes hold of one file.
    fn of(file: &File, pids: &[i32]) -> Option<OpenMemoryFile> {
        let name = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file))).unwrap();
        OpenMemoryFiles::of(pids.iter().map(|pid| (*pid, *pid)))
            .files
            .into_iter()
            .find(|held| Path::new(&held.name) == name)
    }

    #[test]
    fn a_memfd_that_nobody_maps_is_seen_with_all_its_holders_and_counted_once() {
        let mut file = File::from(memfd_create(c"blob", MFdFlags::MFD_CLOEXEC).unwrap());
        file.write_all(&vec![1; 20 * MIB]).unwrap();
        let input = || Stdio::from(file.try_clone().unwrap());
        let mut child = Command::new("sleep").arg("60").stdin(input()).stderr(input()).spawn().unwrap();
        let pids = [child.id().cast_signed(), me()];
        let held = of(&file, &pids);
        child.kill().unwrap();
        child.wait().unwrap();
        let held = held.expect("the file");
        assert_eq!((held.name.as_str(), held.bytes), ("/memfd:blob (deleted)", 20 * MIB as u64));
        assert_eq!(held.holders, pids);
    }

    #[test]
    fn a_file_that_was_deleted_takes_memory_for_as_long_as_it_is_open() {
        // Without a tmpfs for everybody, there's none to look at.
        if !is_tmpfs(Path::new("/dev/shm")) {
            return;
        }
        let mut file = tempfile::tempfile_in("/dev/shm").unwrap();
        file.write_all(&vec![1; MIB]).unwrap();
        let held = of(&file, &[me()]).expect("the file");
        assert!(held.name.ends_with(" (deleted)") && held.bytes == MIB as u64, "{held:?}");
    }

    #[test]
    fn a_file_on_a_disk_and_a_process_that_is_gone_hold_nothing() {
        let program = std::env::current_exe().unwrap();
        // Some machines have all of their files in memory.
        if !is_tmpfs(&program) {
            assert_eq!(of(&File::open(program).unwrap(), &[me()]), None);
        }
        assert_eq!(OpenMemoryFiles::of([(i32::MAX, i32::MAX)]), OpenMemoryFiles::default());
    }

    #[test]
    fn a_process_of_another_user_is_counted_as_not_looked_at() {
        // Root may look at every one.
        if !nix::unistd::geteuid().is_root() {
            assert_eq!(OpenMemoryFiles::of([(1, 1)]).refused, [1]);
        }
    }
}
