//! Counts the processes of a run exactly, however shortly they live, and finds the peak of each.
//!
//! A sampler sees a child only if it lives at the moment of a sample. The kernel reports every one: the proc
//! `connector` of each fork and exit, and `taskstats` of the highest resident memory of each thread's process. Both
//! report the whole machine, so what happens in the run is picked out here.
//!
//! Obstacles are always stated: [`Exits::open`] says why nothing can be counted, [`Exits::no_peaks`] why there are
//! counts but no peaks, and [`Totals`] how much was lost.

mod connector;
mod netlink;
mod taskstats;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use procfs::process::Process;

use self::connector::{Connector, Event, Reported};
use self::taskstats::{Stats, Taskstats};
use crate::model::record::{Status, Totals, What};
use crate::sandbox::processes::children;

/// Counts the processes of one run.
pub struct Exits {
    connector: Connector,
    taskstats: Result<Taskstats, String>,
    clock: Clock,
    root: Option<Root>,
    /// The process that started the first one, and isn't one of the run's.
    above: Option<i32>,
    /// Whether the first process of the run has ended.
    is_over: bool,
    living: BTreeMap<i32, Living>,
    /// The process of each of their threads.
    threads: BTreeMap<i32, i32>,
    /// Statistics of threads whose beginning wasn't yet reported when they were read.
    early: Vec<Stats>,
    begun: Vec<Begun>,
    totals: Totals,
}

/// Where the processes of a run begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// This process is the first.
    At(i32),
    /// The child of this process is the first. The process itself isn't counted.
    Below(i32),
}

/// A process of the run has begun something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// When.
    pub at: Instant,
    /// Its number in the machine's first pid namespace.
    pub pid: i32,
    /// What.
    pub what: What,
}

/// A process of the run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Its number in the machine's first pid namespace.
    pub pid: i32,
    /// The process that started it; `None` for one that was there when counting began.
    pub parent: Option<i32>,
    /// The name of its program; empty if no statistics of it came.
    pub name: String,
    /// How it ended; `None` if that was lost.
    pub status: Option<Status>,
    /// The peak of its resident memory since its last exec(2), in bytes (hiwater_rss of taskstats); `None` if no
    /// statistics of it came.
    ///
    /// Writing 5 to its clear_refs resets this (proc(5)), and the writer has to keep the peak itself.
    pub peak_rss: Option<u64>,
    /// When it was forked; `None` for one that was there when counting began.
    pub started: Option<Instant>,
    /// When its last thread ended.
    pub ended: Instant,
}

/// A process of the run that lives, as far as it is known.
#[derive(Default)]
struct Living {
    parent: Option<i32>,
    started: Option<Instant>,
    threads: usize,
    name: String,
    peak_rss: Option<u64>,
}

impl Exits {
    /// Begins to listen. What happens from here on is counted, once [`begin`](Exits::begin) has said whose.
    ///
    /// # Errors
    ///
    /// Says why this machine doesn't report them: it needs Linux 6.6 or CAP_NET_ADMIN, and in both cases the
    /// machine's own namespaces.
    pub fn open() -> Result<Self, String> {
        if !is_first("pid", PID) || !is_first("user", USER) {
            return Err("inside a container, the kernel reports no processes".into());
        }
        Ok(Exits {
            connector: Connector::open()?,
            taskstats: Taskstats::open(),
            clock: Clock::now()?,
            root: None,
            above: None,
            is_over: false,
            living: BTreeMap::new(),
            threads: BTreeMap::new(),
            early: Vec::new(),
            begun: Vec::new(),
            totals: Totals::default(),
        })
    }

    /// Why no process has a peak; `None` if they have.
    pub fn no_peaks(&self) -> Option<&str> {
        self.taskstats.as_ref().err().map(String::as_str)
    }

    /// Counts the first process of a run and all that descend from it, until the first one ends. What they
    /// have done since listening began is counted too.
    pub fn begin(&mut self, root: Root) {
        self.root = Some(root);
        if let Root::Below(above) = root {
            self.above = Some(above);
        }
        let (Root::At(pid) | Root::Below(pid)) = root;
        self.add_tree(pid);
        self.totals.at_once = self.alive();
    }

    /// The processes that have ended since the last time, in that order. It doesn't wait.
    pub fn take(&mut self) -> Vec<Exit> {
        if self.root.is_none() {
            return Vec::new();
        }
        let lost = self.lost();
        // The kernel sends the statistics of a thread before its end (do_exit in kernel/exit.c). So
        // when these events are read, the statistics of all that have ended are there to be read.
        let events = self.connector.events();
        if events.is_empty() && self.lost() == lost {
            return Vec::new();
        }
        let stats = self.taskstats.as_mut().map(Taskstats::stats).unwrap_or_default();
        let mut gone = Gone::default();
        for event in events {
            self.follow(event, &mut gone);
        }
        for stats in std::mem::take(&mut self.early) {
            // An unknown one belongs to no process of the run.
            self.take_in(stats, &mut gone);
        }
        for stats in stats {
            // The beginning of this thread may be among the next events.
            let unknown = self.take_in(stats, &mut gone);
            self.early.extend(unknown);
        }
        if self.lost() != lost {
            self.look_again(&mut gone);
        }
        self.totals.exits += gone.exits.len() as u64;
        // A process that was gone before its name could be read is named by its statistics.
        for begun in &mut self.begun {
            if let What::Executed(name) = &mut begun.what
                && name.is_empty()
                && let Some(&place) = gone.places.get(&begun.pid)
            {
                name.clone_from(&gone.exits[place].name);
            }
        }
        gone.exits
    }

    /// Which processes have started and executed a program, in that order, as was seen by the last
    /// [`take`](Exits::take).
    pub fn begun(&mut self) -> Vec<Begun> {
        std::mem::take(&mut self.begun)
    }

    /// The counts so far.
    pub fn totals(&self) -> Totals {
        let unread = self.taskstats.as_ref().map_or(0, |taskstats| taskstats.unread);
        Totals { overruns: self.lost(), unread, ..self.totals }
    }

    fn lost(&self) -> u64 {
        let stats = self.taskstats.as_ref().map_or(0, |taskstats| taskstats.socket.overruns);
        self.connector.0.overruns + stats
    }

    fn follow(&mut self, event: Event, gone: &mut Gone) {
        // What ends later is ended by whoever takes down the sandbox of the run.
        if self.is_over {
            return;
        }
        let at = self.clock.at(event.at);
        match event.what {
            Reported::Answer(_) => {}
            Reported::Fork { parent, child } => self.fork(parent, child, at, gone),
            Reported::Thread { process, thread } => self.add_thread(process, thread),
            Reported::Exec { process } => {
                if let Some(living) = self.living.get_mut(&process) {
                    // All its other threads are gone, and this one has taken the number of the process.
                    living.threads = 1;
                    self.threads.retain(|_, of| *of != process);
                    self.threads.insert(process, process);
                    if self.above != Some(process) {
                        let name = fs::read(format!("/proc/{process}/comm")).unwrap_or_default();
                        let name = String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
                        self.begun.push(Begun { at, pid: process, what: What::Executed(name) });
                    }
                }
            }
            Reported::Exit { thread, status } => {
                let Some(process) = self.threads.remove(&thread) else { return };
                gone.threads.insert(thread, process);
                let Some(living) = self.living.get_mut(&process) else { return };
                living.threads = living.threads.saturating_sub(1);
                if living.threads == 0 {
                    self.end(process, Some(status_of(status)), at, gone);
                }
            }
        }
    }

    fn fork(&mut self, parent: i32, child: i32, at: Instant, gone: &mut Gone) {
        if self.living.get(&child).is_some_and(|known| known.started.is_some()) {
            // Its number is free to be given again, so its end was lost.
            self.end(child, None, at, gone);
        }
        if self.living.contains_key(&parent) {
            self.totals.forks += 1;
            if self.root == Some(Root::Below(parent)) {
                self.root = Some(Root::At(child));
            }
            self.living.entry(child).or_default();
            self.add_thread(child, child);
            self.totals.at_once = self.totals.at_once.max(self.alive());
            self.begun.push(Begun { at, pid: child, what: What::Started { parent: Some(parent) } });
        }
        if let Some(living) = self.living.get_mut(&child) {
            (living.parent, living.started) = (Some(parent), Some(at));
        }
    }

    /// How many processes of the run live.
    fn alive(&self) -> u64 {
        self.living.len() as u64 - u64::from(self.above.is_some_and(|above| self.living.contains_key(&above)))
    }

    fn add_thread(&mut self, process: i32, thread: i32) {
        if let Some(living) = self.living.get_mut(&process)
            && self.threads.insert(thread, process).is_none()
        {
            living.threads += 1;
        }
    }

    /// Adds the processes that are there already. Events that are still to be read may report them again.
    fn add_tree(&mut self, root: i32) {
        let mut found = vec![root];
        while let Some(pid) = found.pop() {
            self.living.entry(pid).or_default();
            // Should it be gone before its threads are read, its end is still to be reported.
            self.add_thread(pid, pid);
            let threads = Process::new(pid).and_then(|process| process.tasks());
            for thread in threads.into_iter().flatten().flatten() {
                self.add_thread(pid, thread.tid);
            }
            found.extend(children(pid));
        }
    }

    /// After a loss: ends those that aren't there any more, and adds those that are.
    fn look_again(&mut self, gone: &mut Gone) {
        let dead = |pid: &i32| {
            let stat = Process::new(*pid).and_then(|process| process.stat());
            stat.map_or(true, |stat| matches!(stat.state, 'Z' | 'X'))
        };
        for pid in self.living.keys().copied().filter(dead).collect::<Vec<_>>() {
            self.end(pid, None, Instant::now(), gone);
        }
        let living: Vec<i32> = self.living.keys().copied().collect();
        living.into_iter().for_each(|pid| self.add_tree(pid));
    }

    fn end(&mut self, pid: i32, status: Option<Status>, ended: Instant, gone: &mut Gone) {
        let Some(Living { parent, started, name, peak_rss, .. }) = self.living.remove(&pid) else { return };
        self.is_over |= self.root == Some(Root::At(pid));
        gone.places.insert(pid, gone.exits.len());
        gone.exits.push(Exit { pid, parent, name, status, peak_rss, started, ended });
    }

    /// Gives statistics to the process that they belong to, or back if there is none.
    fn take_in(&mut self, stats: Stats, gone: &mut Gone) -> Option<Stats> {
        let known = gone.threads.remove(&stats.thread).or_else(|| self.threads.get(&stats.thread).copied());
        let Some(process) = known else { return Some(stats) };
        let (name, peak_rss) = match gone.places.get(&process).and_then(|&place| gone.exits.get_mut(place)) {
            Some(exit) => (&mut exit.name, &mut exit.peak_rss),
            None => {
                let living = self.living.get_mut(&process)?;
                (&mut living.name, &mut living.peak_rss)
            }
        };
        // Each of its threads reports the peak of the whole so far, and its own name.
        *peak_rss = (*peak_rss).max(stats.peak_rss);
        if stats.thread == process || name.is_empty() {
            *name = stats.name;
        }
        None
    }
}

/// The processes that have ended since the last time.
#[derive(Default)]
struct Gone {
    exits: Vec<Exit>,
    /// Where a process is among them.
    places: BTreeMap<i32, usize>,
    /// The process of each thread that has ended, until its statistics are found.
    threads: BTreeMap<i32, i32>,
}

/// Reads the number that wait(2) gives.
fn status_of(status: i32) -> Status {
    match status & 0x7f {
        0 => Status::Exited(status >> 8 & 0xff),
        signal => Status::Killed(signal),
    }
}

/// The numbers of the machine's first namespaces, which are the same on every machine: PROC_PID_INIT_INO
/// and PROC_USER_INIT_INO of linux/proc_ns.h.
const PID: u64 = 0xEFFF_FFFC;
const USER: u64 = 0xEFFF_FFFD;

/// Whether the namespace of a kind that this process is in has this number (namespaces(7)).
fn is_first(kind: &str, number: u64) -> bool {
    fs::metadata(format!("/proc/self/ns/{kind}")).is_ok_and(|namespace| namespace.ino() == number)
}

/// One moment by the clock of this program and by that of the kernel.
struct Clock {
    here: Instant,
    kernel: u64,
}

impl Clock {
    fn now() -> Result<Self, String> {
        let kernel =
            clock_gettime(ClockId::CLOCK_MONOTONIC).map_err(|errno| format!("the clock: {errno}"))?;
        let kernel = u64::try_from(Duration::from(kernel).as_nanos()).unwrap_or(u64::MAX);
        Ok(Clock { here: Instant::now(), kernel })
    }

    /// The moment of an event. It may be before this clock was made.
    fn at(&self, nanos: u64) -> Instant {
        let since = Duration::from_nanos(nanos.saturating_sub(self.kernel));
        let before = Duration::from_nanos(self.kernel.saturating_sub(nanos));
        (self.here + since).checked_sub(before).unwrap_or(self.here)
    }
}

#[cfg(test)]
mod tests;
