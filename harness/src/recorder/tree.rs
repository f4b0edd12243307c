//! The processes of a run: all that descend from its init, which adopts every orphan.

use std::fs::File;
use std::os::unix::fs::FileExt;

use procfs::process::Process;

use super::samples::Samples;
use crate::sandbox::keeper::children;

/// The program and its descendants, with a kept descriptor of each one's statm.
pub(super) struct Tree {
    keeper: i32,
    root: Option<i32>,
    members: Vec<Member>,
    page: u64,
}

struct Member {
    pid: i32,
    statm: File,
}

/// Sums of /proc/PID/statm (proc_pid_statm(5)), in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Resident {
    /// Resident memory, shared pages counted once for each process.
    pub(crate) rss: u64,
    /// Of that, anonymous memory.
    pub(crate) anon: u64,
    /// Anonymous memory of the program's first process.
    pub(crate) root_anon: u64,
    /// How many processes.
    pub(crate) processes: u64,
}

impl Tree {
    pub(super) fn new(keeper: i32) -> Self {
        Tree { keeper, root: None, members: Vec::new(), page: procfs::page_size() }
    }

    /// Looks for processes that came since the last time.
    pub(super) fn refresh(&mut self) {
        let Some(&init) = children(self.keeper).first() else { return };
        let mut found = children(init);
        self.root = self.root.or(found.first().copied());
        let mut next = 0;
        while next < found.len() {
            found.extend(children(found[next]));
            next += 1;
        }
        for pid in found {
            if self.members.iter().all(|member| member.pid != pid)
                && let Ok(statm) = File::open(format!("/proc/{pid}/statm"))
            {
                self.members.push(Member { pid, statm });
            }
        }
    }

    /// Sums of the processes' statm. Processes that are gone are forgotten.
    pub(super) fn resident(&mut self) -> Resident {
        let mut sum = Resident::default();
        let (page, root) = (self.page, self.root);
        self.members.retain(|member| {
            let Some([rss, shared]) = statm(&member.statm) else { return false };
            sum.rss += rss * page;
            sum.anon += rss.saturating_sub(shared) * page;
            sum.processes += 1;
            if Some(member.pid) == root {
                sum.root_anon = rss.saturating_sub(shared) * page;
            }
            true
        });
        sum
    }

    /// Sums of resident file and shared memory over the processes (RssFile and RssShmem of
    /// proc_pid_status(5)), in bytes.
    pub(super) fn mapped(&self) -> [u64; 2] {
        let mut sum = [0; 2];
        for status in self.processes().filter_map(|process| process.status().ok()) {
            sum[0] += status.rssfile.unwrap_or(0) * 1024;
            sum[1] += status.rssshmem.unwrap_or(0) * 1024;
        }
        sum
    }

    /// Sums of PSS, anonymous PSS, USS and private dirty memory over the processes, in bytes.
    ///
    /// This walks every page table entry, and the processes can not map memory meanwhile.
    pub(super) fn walk(&self) -> [u64; 4] {
        let mut sum = [0; 4];
        for rollup in self.processes().filter_map(|process| process.smaps_rollup().ok()) {
            for map in rollup.memory_map_rollup.0.iter().map(|map| &map.extension.map) {
                let field = |name: &str| map.get(name).copied().unwrap_or(0);
                sum[0] += field("Pss");
                sum[1] += field("Pss_Anon");
                sum[2] += field("Private_Clean") + field("Private_Dirty");
                sum[3] += field("Private_Dirty");
            }
        }
        sum
    }

    fn processes(&self) -> impl Iterator<Item = Process> {
        self.members.iter().filter_map(|member| Process::new(member.pid).ok())
    }
}

/// The track of walks.
pub(super) fn walk_track() -> Samples {
    let source = |field: &str| format!("sum of {field} in /proc/PID/smaps_rollup");
    Samples::new(
        "walk",
        vec![
            ("pss", source("Pss")),
            ("pss_anon", source("Pss_Anon")),
            ("uss", source("Private_Clean and Private_Dirty")),
            ("private_dirty", source("Private_Dirty")),
        ],
    )
}

/// Resident and shared pages, the second and third number of statm; `None` when the process is gone.
fn statm(file: &File) -> Option<[u64; 2]> {
    let mut text = [0; 128];
    let length = file.read_at(&mut text, 0).ok()?;
    let mut numbers = std::str::from_utf8(&text[..length]).ok()?.split(' ').skip(1);
    let pages = [numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?];
    // A zombie has no memory left, and says so with zeros.
    (pages[0] > 0).then_some(pages)
}
