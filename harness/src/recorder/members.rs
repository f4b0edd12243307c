//! The processes of a run: those in its control group, or else all descendants of its init, which adopts every
//! orphan.

use std::collections::BTreeMap;
use std::fs;
use std::time::Instant;

use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use procfs::process::Process;

use super::headroom::{Headroom, Moment};
use super::member::{HighMarks, Member};
use super::outside::Outside;
use super::procfile::{self, Stat, Statm};
use crate::model::outcome::Evidence;
use crate::model::record::Wait;
use crate::sandbox::cgroup::Group;
use crate::sandbox::processes::{children, descendants, has_ended};

/// The program and its descendants, with a kept descriptor of each one's statm.
pub(super) struct Members {
    membership: Membership,
    root: Option<i32>,
    members: BTreeMap<i32, Member>,
    /// The highest marks of processes that are gone, for whoever learns of their end.
    gone: BTreeMap<i32, u64>,
    marks: HighMarks,
    headroom: Headroom,
    /// Where those are that the run's control group doesn't list.
    outside: Option<Outside>,
    /// A high-water mark that no process is left to show; see [`Members::note_mark`].
    unseen: u64,
    details: Option<Details>,
    pages: Option<Pages>,
    page: u64,
}

/// What the kernel says about one process apart from its memory.
#[derive(Debug, Clone)]
pub(super) struct Detail {
    /// The name of its program, as the kernel cuts it.
    pub(super) name: String,
    pub(super) stat: Stat,
    /// The numbers of /proc/PID/io (proc_pid_io(5)), if they may be read: rchar, wchar, read_bytes, write_bytes.
    pub(super) io: Option<[u64; 4]>,
}

/// The readings of each process at one moment.
pub(super) type Details = BTreeMap<i32, Detail>;

/// What a walk over page tables has found of each process: proportional and private memory, in bytes; and when.
type Pages = (Instant, Vec<(i32, [u64; 2])>);

/// One process as it was last read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    /// Resident memory, in bytes.
    pub(super) rss: u64,
    /// The anonymous part of that.
    pub(super) anon: u64,
    /// The most that was ever seen to be resident.
    pub(super) highest: u64,
    /// A thread of it that lives.
    pub(super) via: i32,
    /// Whether its memory is another process's.
    pub(super) shares: bool,
}

/// How it is known who belongs to the run.
pub(super) enum Membership {
    /// The control group of the run says so, and so do those that descend from the program: they may be in groups
    /// below, or have moved to others.
    Group {
        /// The group.
        group: Group,
        /// The supervisor, from which the program descends.
        supervisor: i32,
    },
    /// All that descend from the program of this supervisor.
    Below(i32),
    /// This process, and all that descend from it.
    Attached(i32),
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
    /// The anonymous part of the resident memory.
    pub(crate) anon: u64,
    /// Anonymous memory of the program's first process.
    pub(crate) root_anon: u64,
    /// How many processes.
    pub(crate) processes: u64,
}

impl Members {
    pub(super) fn new(membership: Membership, marks: HighMarks, headroom: Headroom) -> Self {
        let root = match membership {
            Membership::Attached(pid) => Some(pid),
            Membership::Group { .. } | Membership::Below(_) => None,
        };
        let outside = match &membership {
            Membership::Group { group, .. } => Some(Outside::of(group)),
            Membership::Attached(_) | Membership::Below(_) => None,
        };
        Members {
            membership,
            root,
            members: BTreeMap::new(),
            gone: BTreeMap::new(),
            marks,
            headroom,
            outside,
            unseen: 0,
            details: None,
            pages: None,
            page: procfs::page_size(),
        }
    }

    /// Where the sums of processes come from, for the header of the record.
    pub(super) fn describe(&self) -> &'static str {
        match self.membership {
            Membership::Group { .. } => {
                "the processes of the control group and all that descend from the program"
            }
            Membership::Below(_) => "the program and all that descend from it",
            Membership::Attached(_) => "the process and all that descend from it",
        }
    }

    /// Whether high-water marks are reset.
    pub(super) fn marks(&self) -> HighMarks {
        self.marks
    }

    /// The program's first process, once it is known.
    pub(super) fn root(&self) -> Option<i32> {
        self.root
    }

    /// The numbers of all processes that are known.
    pub(super) fn pids(&self) -> impl Iterator<Item = i32> {
        self.members.keys().copied()
    }

    /// Every process as it was last read. One that shares another's memory has none.
    pub(super) fn each_now(&self) -> impl Iterator<Item = (i32, Now)> {
        self.members.iter().map(|(&pid, &Member { last: [rss, anon], highest, via, shares, .. })| {
            (pid, Now { rss, anon, highest, via, shares })
        })
    }

    /// Whether a process is known and was there when all were last read.
    pub(super) fn has(&self, pid: i32) -> bool {
        self.members.contains_key(&pid)
    }

    /// Keeps the latest readings of the processes, until somebody takes them.
    pub(super) fn note_details(&mut self, details: Details) {
        self.details = Some(details);
    }

    /// The latest readings of the processes, if nobody has taken them yet.
    pub(super) fn take_details(&mut self) -> Option<Details> {
        self.details.take()
    }

    /// Keeps what a walk over page tables has just found of each process, until somebody takes it.
    pub(super) fn note_pages(&mut self, pages: Vec<(i32, [u64; 2])>) {
        self.pages = Some((Instant::now(), pages));
    }

    /// What the last walk has found, if that isn't taken yet.
    pub(super) fn take_pages(&mut self) -> Option<Pages> {
        self.pages.take()
    }

    /// The most of a process's memory that was seen to be resident, in bytes. Those that are gone are
    /// remembered until the next call of [`forget_gone`](Members::forget_gone).
    pub(super) fn highest(&self, pid: i32) -> Option<u64> {
        self.members.get(&pid).map(|member| member.highest).or_else(|| self.gone.get(&pid).copied())
    }

    pub(super) fn forget_gone(&mut self) {
        self.gone.clear();
    }

    /// Looks for processes that came since the last time.
    pub(super) fn refresh(&mut self) {
        let found = match &self.membership {
            Membership::Group { group, supervisor } => {
                self.root = self.root.or_else(|| program(*supervisor));
                let mut listed = listed(group);
                listed.sort_unstable();
                let mut not_listed = below(*supervisor);
                not_listed.retain(|pid| listed.binary_search(pid).is_err());
                not_listed.sort_unstable();
                if let Some(outside) = &mut self.outside {
                    outside.look(&not_listed);
                }
                [listed, not_listed].concat()
            }
            Membership::Below(supervisor) => {
                self.root = self.root.or_else(|| program(*supervisor));
                below(*supervisor)
            }
            Membership::Attached(pid) => descendants(vec![*pid]),
        };
        self.take_in(found);
    }

    /// Looks only for those that are new in the run's control group.
    pub(super) fn refresh_group(&mut self) {
        if let Membership::Group { group, .. } = &self.membership {
            self.take_in(listed(group));
        }
    }

    fn take_in(&mut self, found: Vec<i32>) {
        for pid in found {
            if !self.members.contains_key(&pid) {
                let is_kept = self.members.len() < KEPT;
                self.members.insert(pid, Member::open(pid, is_kept, self.marks));
            }
        }
    }

    /// Notes the high-water mark of a process that has ended since the last sample, in bytes: it belongs to
    /// the next one, which no longer finds the process.
    pub(super) fn note_mark(&mut self, bytes: u64) {
        self.unseen = self.unseen.max(bytes);
    }

    /// Sums of the processes' statm, each address space once. Processes that are gone are forgotten.
    pub(super) fn resident(&mut self) -> Resident {
        let mut sum = Resident::default();
        let (page, root, gone) = (self.page, self.root, &mut self.gone);
        let mut seen: BTreeMap<Statm, i32> = BTreeMap::new();
        self.members.retain(|&pid, member| {
            let Some(mut statm) = member.statm() else {
                gone.insert(pid, member.highest);
                return false;
            };
            sum.processes += 1;
            let may_share = member.may_share();
            if may_share && member.shares_with(seen.get(&statm).copied()) {
                member.last = [0; 2];
                return true;
            }
            if may_share {
                // The readings may be another's, from before an exec(2) or an end a moment ago.
                let Some(own) = member.statm() else { return true };
                statm = own;
            }
            seen.insert(statm, pid);
            let (rss, anon) = (statm.resident * page, statm.resident.saturating_sub(statm.shared) * page);
            let peak = member.peak().max(rss);
            member.highest = member.highest.max(peak);
            member.last = [rss, anon];
            sum.rss += rss;
            sum.rss_peak += peak;
            sum.anon += anon;
            if Some(pid) == root {
                sum.root_anon = anon;
            }
            true
        });
        sum.rss_peak = sum.rss_peak.max(std::mem::take(&mut self.unseen));
        sum
    }

    /// The sum of the processes' processor time in microseconds.
    pub(super) fn cpu(&self) -> u64 {
        let clock = |pid: &i32| clock_getcpuclockid(Pid::from_raw(*pid)).ok();
        let times = self.members.keys().filter_map(clock).filter_map(|clock| clock_gettime(clock).ok());
        let sum: i64 = times.map(|time| time.tv_sec() * 1_000_000 + time.tv_nsec() / 1000).sum();
        u64::try_from(sum).unwrap_or(0)
    }

    /// Whether every thread of every process sleeps until something happens, was stopped by a signal, or has ended
    /// before the others (states S, T and Z of proc_pid_stat(5)). A thread that couldn't be looked at may be awake.
    pub(super) fn sleeps(&self) -> bool {
        let sleeps = |process: Process| {
            let mut threads = process.tasks().ok()?;
            threads
                .all(|thread| {
                    thread.is_ok_and(|thread| {
                        thread.stat().is_ok_and(|stat| matches!(stat.state, 'S' | 'T' | 'Z'))
                    })
                })
                .then_some(())
        };
        !self.members.is_empty() && self.processes().all(|process| sleeps(process).is_some())
    }

    /// What each thread of each process waits in: a thread that runs waits in nothing.
    pub(super) fn waits(&self) -> Vec<Wait> {
        let threads = self.processes().filter_map(|process| process.tasks().ok()).flatten().flatten();
        threads
            .take(WAITS)
            .map(|thread| {
                let read = |file: &str| {
                    fs::read_to_string(format!("/proc/{}/task/{}/{file}", thread.pid, thread.tid)).ok()
                };
                let channel = read("wchan").filter(|channel| !channel.is_empty());
                let call =
                    read("syscall").and_then(|call| call.split_ascii_whitespace().next()?.parse().ok());
                Wait { pid: thread.pid, thread: thread.tid, channel, call }
            })
            .collect()
    }

    /// What the sums of the processes are without.
    pub(super) fn evidence(&self) -> impl Iterator<Item = Evidence> {
        self.outside.iter().filter_map(Outside::evidence).chain(self.headroom.evidence())
    }

    /// Whether the first process is still there. One that has given its memory back, but hasn't ended yet, is:
    /// how it ends the kernel tells only then.
    pub(super) fn lives(&self) -> bool {
        self.root.is_none_or(|root| self.members.contains_key(&root) || !has_ended(root))
    }

    /// Every process that is known, with its number.
    pub(super) fn each(&self) -> impl Iterator<Item = (i32, &Member)> {
        self.members.iter().map(|(pid, member)| (*pid, member))
    }

    /// Walks over each address space, through a thread that lives. `None` if memory was so near a limit that a part
    /// was left out.
    pub(super) fn walk(&mut self, moment: Moment, mut take: impl FnMut(i32, &Process)) -> Option<()> {
        for (&pid, member) in self.members.iter().filter(|(_, member)| !member.shares) {
            // Each time again: reading page tables takes as long as the program may need to fill the rest.
            if !self.headroom.allows_walk(moment) {
                self.headroom.leave_out();
                return None;
            }
            if let Ok(process) = Process::new(member.via) {
                take(pid, &process);
            }
        }
        Some(())
    }

    /// All processes that are still there.
    fn processes(&self) -> impl Iterator<Item = Process> {
        self.members.keys().filter_map(|pid| Process::new(*pid).ok())
    }
}

/// So many threads are described when a run stands still.
const WAITS: usize = 64;

/// The processes of a group.
fn listed(group: &Group) -> Vec<i32> {
    // Opened again each time: version 1 remembers what it once gave through a descriptor, for a second.
    procfile::pids(&fs::read_to_string(group.procs_file()).unwrap_or_default())
}

/// The program that the init of this supervisor has started, and all that descend from it or were handed up to init.
fn below(supervisor: i32) -> Vec<i32> {
    children(supervisor).first().map(|&init| descendants(children(init))).unwrap_or_default()
}

/// The program that the init of this supervisor has started.
fn program(supervisor: i32) -> Option<i32> {
    children(*children(supervisor).first()?).first().copied()
}
