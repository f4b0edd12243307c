//! The processes of a run: all that descend from its init, which adopts every orphan.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;

use super::samples::Metric;
use crate::outcome::Evidence;
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

    /// Sums over the processes of what a walk over their page tables tells.
    ///
    /// It looks at every entry, and the processes can not map memory meanwhile.
    pub(super) fn walk(&self) -> Walked {
        let mut walked = Walked::default();
        for process in self.processes() {
            let Ok(rollup) = process.smaps_rollup() else { continue };
            for map in rollup.memory_map_rollup.0.iter().map(|map| &map.extension.map) {
                let field = |name: &str| map.get(name).copied().unwrap_or(0);
                let one = Mapped {
                    rss: field("Rss"),
                    pss: field("Pss"),
                    pss_anon: field("Pss_Anon"),
                    uss: field("Private_Clean") + field("Private_Dirty"),
                    private_dirty: field("Private_Dirty"),
                };
                walked.all.add(one);
                if Some(process.pid) != self.root {
                    walked.children.add(one);
                }
            }
        }
        walked
    }

    /// Sums of page faults, those of dead and reaped children included: all minor ones, all major
    /// ones, and the minor ones of all processes but the first (proc_pid_stat(5)).
    pub(super) fn faults(&self) -> [u64; 3] {
        let mut sum = [0; 3];
        for stat in self.processes().filter_map(|process| process.stat().ok()) {
            sum[0] += stat.minflt + stat.cminflt;
            sum[1] += stat.majflt + stat.cmajflt;
            sum[2] += if Some(stat.pid) == self.root { stat.cminflt } else { stat.minflt + stat.cminflt };
        }
        sum
    }

    /// The sum of the processes' processor time in microseconds, all their threads included
    /// (clock_getcpuclockid(3)).
    pub(super) fn cpu(&self) -> u64 {
        let clock = |member: &Member| clock_getcpuclockid(Pid::from_raw(member.pid)).ok();
        let times = self.members.iter().filter_map(clock).filter_map(|clock| clock_gettime(clock).ok());
        let sum: i64 = times.map(|time| time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000).sum();
        u64::try_from(sum).unwrap_or(0)
    }

    /// Whether every thread of every process sleeps until something happens (state S of
    /// proc_pid_stat(5)). A thread that could not be looked at may be awake.
    pub(super) fn sleeps(&self) -> bool {
        let sleeps = |process: Process| {
            let mut threads = process.tasks().ok()?;
            threads
                .all(|thread| thread.is_ok_and(|thread| thread.stat().is_ok_and(|stat| stat.state == 'S')))
                .then_some(())
        };
        !self.members.is_empty() && self.processes().all(|process| sleeps(process).is_some())
    }

    /// What each thread of each process waits in: a thread that runs waits in nothing.
    pub(super) fn waits(&self) -> Vec<Evidence> {
        let threads = self.processes().filter_map(|process| process.tasks().ok()).flatten().flatten();
        threads
            .map(|thread| {
                let read = |file: &str| {
                    fs::read_to_string(format!("/proc/{}/task/{}/{file}", thread.pid, thread.tid))
                };
                let source = format!("thread {} of process {}", thread.tid, thread.pid);
                match (read("wchan"), read("syscall")) {
                    (Ok(channel), call) if channel != "0" => {
                        let call = call.unwrap_or_default();
                        let number = call.split(' ').next().unwrap_or_default().trim();
                        Evidence::fired(&source, format!("it waits in {channel}, system call {number}"))
                    }
                    (Ok(_), _) => Evidence::did_not_fire(&source),
                    (Err(error), _) => Evidence::could_not_look(&source, error.to_string()),
                }
            })
            .collect()
    }

    fn processes(&self) -> impl Iterator<Item = Process> {
        self.members.iter().filter_map(|member| Process::new(member.pid).ok())
    }
}

/// What walks over the page tables told, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Walked {
    /// Sums over all processes.
    pub(crate) all: Mapped,
    /// Sums over all but the first.
    pub(crate) children: Mapped,
}

/// Fields of /proc/PID/smaps_rollup (proc_pid_smaps(5)), in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mapped {
    pub(crate) rss: u64,
    pub(crate) pss: u64,
    pub(crate) pss_anon: u64,
    pub(crate) uss: u64,
    pub(crate) private_dirty: u64,
}

impl Mapped {
    fn add(&mut self, other: Mapped) {
        self.rss += other.rss;
        self.pss += other.pss;
        self.pss_anon += other.pss_anon;
        self.uss += other.uss;
        self.private_dirty += other.private_dirty;
    }
}

impl Walked {
    /// The metrics of the track of walks.
    pub(super) fn metrics() -> Vec<Metric> {
        let sum = |field: &str| format!("sum of {field} in /proc/PID/smaps_rollup");
        let children = |field: &str| format!("{}, but for the first process", sum(field));
        vec![
            ("pss", sum("Pss")),
            ("uss", sum("Private_Clean and Private_Dirty")),
            ("private_dirty", sum("Private_Dirty")),
            ("children_rss", children("Rss")),
            ("children_pss", children("Pss")),
            ("children_uss", children("Private_Clean and Private_Dirty")),
            ("children_private_dirty", children("Private_Dirty")),
        ]
    }

    /// The values in the order of the metrics.
    pub(super) fn row(&self) -> Vec<u64> {
        let Walked { all, children } = self;
        let of_children = [children.rss, children.pss, children.uss, children.private_dirty];
        [all.pss, all.uss, all.private_dirty].into_iter().chain(of_children).collect()
    }
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
