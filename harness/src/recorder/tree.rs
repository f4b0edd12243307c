//! The processes of a run: those in its control group, or else all that descend from its init, which
//! adopts every orphan.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;

use super::samples::Metric;
use super::text::{self, Kept};
use crate::model::outcome::Evidence;
use crate::sandbox::processes::children;

/// The program and its descendants, with a kept descriptor of each one's statm.
pub(super) struct Tree {
    membership: Membership,
    root: Option<i32>,
    members: BTreeMap<i32, Member>,
    /// The highest marks of processes that are gone, for whoever is told of their end.
    gone: BTreeMap<i32, u64>,
    marks: HighMarks,
    page: u64,
}

/// How it is known who belongs to the run.
pub(super) enum Membership {
    /// The control group of the run says so, exactly. The program descends from this supervisor.
    Group {
        /// The file `cgroup.procs`. It is opened anew each time: version 1 remembers what it once told
        /// through a descriptor, for a second.
        procs: PathBuf,
        /// The supervisor.
        supervisor: i32,
    },
    /// All that descend from the program of this supervisor.
    Below(i32),
    /// This process, and all that descend from it.
    Attached(i32),
}

/// Whether the high-water marks of the processes are read and set back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HighMarks {
    /// At each sample. This destroys what getrusage(2) tells the program of its own peak.
    SetBack,
    /// They are left alone.
    Left,
}

struct Member {
    /// The descriptor is kept for the first [`KEPT`] processes, and no longer than the limit of open files allows.
    statm: Option<Kept>,
    marks: Option<Marks>,
    /// The highest of its marks so far, in bytes: what sets them back must remember it.
    highest: u64,
}

/// VmHWM of /proc/PID/status, and the file that sets it back.
struct Marks {
    status: Kept,
    clear: File,
}

/// So many processes are watched through kept descriptors, two or three for each.
const KEPT: usize = 200;

/// Sums of /proc/PID/statm (proc_pid_statm(5)), in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Resident {
    /// Resident memory, shared pages counted once for each process.
    pub(crate) rss: u64,
    /// The sum of what each process had at its highest since the last sample. The processes need not
    /// have been there at the same time, so it is an upper bound; of one process it is exact.
    pub(crate) rss_peak: u64,
    /// Of the resident memory, what is anonymous.
    pub(crate) anon: u64,
    /// Anonymous memory of the program's first process.
    pub(crate) root_anon: u64,
    /// How many processes.
    pub(crate) processes: u64,
}

/// Sums over the processes of what the kernel counts for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// Resident pages of files, in bytes (RssFile of proc_pid_status(5)).
    pub(crate) file: u64,
    /// Resident pages of shared memory, in bytes (RssShmem).
    pub(crate) shmem: u64,
    /// Page faults without a disk, those of dead and reaped children included (proc_pid_stat(5)).
    pub(crate) minor_faults: u64,
    /// Page faults that waited for a disk, likewise.
    pub(crate) major_faults: u64,
    /// Page faults without a disk of all processes but the first.
    pub(crate) children_minor_faults: u64,
    /// Processor time in microseconds, all threads included (clock_getcpuclockid(3)).
    pub(crate) cpu: u64,
    /// Bytes read from and written to disks (proc_pid_io(5)).
    pub(crate) disk: [u64; 2],
}

impl Tree {
    pub(super) fn new(membership: Membership, marks: HighMarks) -> Self {
        let root = match membership {
            Membership::Attached(pid) => Some(pid),
            Membership::Group { .. } | Membership::Below(_) => None,
        };
        Tree {
            membership,
            root,
            members: BTreeMap::new(),
            gone: BTreeMap::new(),
            marks,
            page: procfs::page_size(),
        }
    }

    /// Where the sums of processes come from, for the header of the record.
    pub(super) fn told(&self) -> &'static str {
        match self.membership {
            Membership::Group { .. } => "the processes of the control group",
            Membership::Below(_) => "the program and all that descend from it",
            Membership::Attached(_) => "the process and all that descend from it",
        }
    }

    /// Whether high-water marks are set back.
    pub(super) fn marks(&self) -> HighMarks {
        self.marks
    }

    /// The numbers of all processes that are known.
    pub(super) fn pids(&self) -> impl Iterator<Item = i32> {
        self.members.keys().copied()
    }

    /// The most of a process's memory that was seen to be resident, in bytes. Those that are gone are
    /// remembered until the next call of [`forget_gone`](Tree::forget_gone).
    pub(super) fn highest(&self, pid: i32) -> Option<u64> {
        self.members.get(&pid).map(|member| member.highest).or_else(|| self.gone.get(&pid).copied())
    }

    pub(super) fn forget_gone(&mut self) {
        self.gone.clear();
    }

    /// Looks for processes that came since the last time.
    pub(super) fn refresh(&mut self) {
        let found = match &self.membership {
            Membership::Group { procs, supervisor } => {
                if self.root.is_none() {
                    self.root = program(*supervisor);
                }
                text::pids(&fs::read_to_string(procs).unwrap_or_default())
            }
            Membership::Below(supervisor) => {
                self.root = self.root.or_else(|| program(*supervisor));
                let Some(&init) = children(*supervisor).first() else { return };
                descendants(children(init))
            }
            Membership::Attached(pid) => descendants(vec![*pid]),
        };
        for pid in found {
            if !self.members.contains_key(&pid) {
                let kept = self.members.len() < KEPT;
                let marks = (self.marks == HighMarks::SetBack && kept).then(|| Marks::open(pid)).flatten();
                let statm = kept.then(|| Kept::open(format!("/proc/{pid}/statm"))).flatten();
                self.members.insert(pid, Member { statm, marks, highest: 0 });
            }
        }
    }

    /// Sums of the processes' statm. Processes that are gone are forgotten.
    pub(super) fn resident(&mut self) -> Resident {
        let mut sum = Resident::default();
        let (page, root, gone) = (self.page, self.root, &mut self.gone);
        self.members.retain(|&pid, member| {
            let pages = match &member.statm {
                Some(statm) => statm.line(text::statm),
                None => Kept::open(format!("/proc/{pid}/statm")).and_then(|file| file.line(text::statm)),
            };
            let Some([rss, shared]) = pages else {
                gone.insert(pid, member.highest);
                return false;
            };
            let peak = member.marks.as_ref().map_or(0, Marks::take).max(rss * page);
            member.highest = member.highest.max(peak);
            sum.rss += rss * page;
            sum.rss_peak += peak;
            sum.anon += rss.saturating_sub(shared) * page;
            sum.processes += 1;
            if Some(pid) == root {
                sum.root_anon = rss.saturating_sub(shared) * page;
            }
            true
        });
        sum
    }

    /// Sums over the processes of what the kernel counts for each.
    pub(super) fn counted(&self) -> Counted {
        let mut sum = Counted::default();
        for &pid in self.members.keys() {
            let read = |file: &str| Kept::open(format!("/proc/{pid}/{file}"));
            let mapped = |text: &str| Some(text::lines(text, ["RssFile:", "RssShmem:"]));
            if let Some([file, shmem]) = read("status").and_then(|status| status.read(mapped)) {
                sum.file += file * 1024;
                sum.shmem += shmem * 1024;
            }
            if let Some([minor, of_dead, major, major_of_dead]) =
                read("stat").and_then(|stat| stat.read(text::faults))
            {
                sum.minor_faults += minor + of_dead;
                sum.major_faults += major + major_of_dead;
                sum.children_minor_faults += of_dead + if Some(pid) == self.root { 0 } else { minor };
            }
            let bytes = |text: &str| Some(text::lines(text, ["read_bytes:", "write_bytes:"]));
            if let Some([read, written]) = read("io").and_then(|io| io.read(bytes)) {
                sum.disk[0] += read;
                sum.disk[1] += written;
            }
        }
        sum.cpu = self.cpu();
        sum
    }

    /// The sum of the processes' processor time in microseconds.
    pub(super) fn cpu(&self) -> u64 {
        let clock = |pid: &i32| clock_getcpuclockid(Pid::from_raw(*pid)).ok();
        let times = self.members.keys().filter_map(clock).filter_map(|clock| clock_gettime(clock).ok());
        let sum: i64 = times.map(|time| time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000).sum();
        u64::try_from(sum).unwrap_or(0)
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

    /// Whether every thread of every process sleeps until something happens, or was stopped by a signal
    /// (states S and T of proc_pid_stat(5)). A thread that could not be looked at may be awake.
    pub(super) fn sleeps(&self) -> bool {
        let sleeps = |process: Process| {
            let mut threads = process.tasks().ok()?;
            threads
                .all(|thread| {
                    thread.is_ok_and(|thread| thread.stat().is_ok_and(|stat| matches!(stat.state, 'S' | 'T')))
                })
                .then_some(())
        };
        !self.members.is_empty() && self.processes().all(|process| sleeps(process).is_some())
    }

    /// What each thread of each process waits in: a thread that runs waits in nothing.
    pub(super) fn waits(&self) -> Vec<Evidence> {
        let threads = self.processes().filter_map(|process| process.tasks().ok()).flatten().flatten();
        threads
            .take(WAITS)
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

    /// Whether the first process is still there.
    pub(super) fn lives(&self) -> bool {
        self.root.is_none_or(|root| self.members.contains_key(&root))
    }

    fn processes(&self) -> impl Iterator<Item = Process> {
        self.members.keys().filter_map(|pid| Process::new(*pid).ok())
    }
}

/// So many threads are told of when a run hangs.
const WAITS: usize = 64;

impl Marks {
    fn open(pid: i32) -> Option<Self> {
        let clear = OpenOptions::new().write(true).open(format!("/proc/{pid}/clear_refs")).ok()?;
        Some(Marks { status: Kept::open(format!("/proc/{pid}/status"))?, clear })
    }

    /// The highest resident memory since the last time, in bytes; from now on it is counted anew.
    fn take(&self) -> u64 {
        let highest = self.status.read(|text| Some(text::lines(text, ["VmHWM:"])[0])).unwrap_or(0);
        // 5 sets the high-water mark to what is resident now (proc_pid_clear_refs(5)).
        let _ = self.clear.write_at(b"5", 0);
        highest * 1024
    }
}

/// The program that the init of this supervisor has started.
fn program(supervisor: i32) -> Option<i32> {
    children(*children(supervisor).first()?).first().copied()
}

/// These processes and all that descend from them.
fn descendants(mut found: Vec<i32>) -> Vec<i32> {
    let mut next = 0;
    while next < found.len() {
        found.extend(children(found[next]));
        next += 1;
    }
    found
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
