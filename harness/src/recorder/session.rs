//! One run while it is recorded: the loop that waits for whatever comes next.

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl;
use nix::sys::time::TimeSpec;

use super::channel;
use super::ending::Ending;
use super::exit_log::ExitLog;
use super::exits::Root;
use super::hang::{HangDetector, Seen};
use super::headroom::Headroom;
use super::journal::Journal;
use super::lines::Lines;
use super::member::HighMarks;
use super::members::{Members, Membership};
use super::output::Output;
use super::pace::Pace;
use super::pace::micros;
use super::readings::Readings;
use super::source::{Budget, Target};
use super::sources::{self, CPU};
use super::talk::{Reaction, Talk};
use super::ticker::Ticker;
use super::timeline::Timeline;
use super::watch::Watch;
use super::{Subject, Task};
use crate::host::place::clocks;
use crate::model::outcome::Evidence;
use crate::model::record::{Event, Header, Line, Mark, Progress, What, Writer};
use crate::name::program;
use crate::sandbox::cgroup::{Group, that_bound};
use crate::sandbox::processes::children;
use crate::sandbox::{Mode, Report, Running, Streams, signals};

/// One run while it is recorded.
pub(super) struct Session<'a> {
    pub(super) task: &'a Task<'a>,
    pub(super) readings: Readings,
    pub(super) members: Members,
    pub(super) exit_log: ExitLog,
    pub(super) journal: Journal<'a>,
    pub(super) timeline: Timeline,
    pub(super) talk: Talk,
    pub(super) output: Output,
    pub(super) ticker: Ticker,
    /// The folder of the control group that limits the number of processes.
    pub(super) pids: Option<PathBuf>,
    /// The highest resident memory of any one process, as reported at its end; 0 before.
    pub(super) largest: u64,
    pub(super) start: Instant,
    watch: Watch,
    deadline: Option<Duration>,
    /// For how long the program may announce neither a phase nor a task, and when it last did.
    silence: Option<Duration>,
    heard: Instant,
    /// When the user has asked for the end of a confined run.
    asked: Option<Instant>,
    /// Whether the user has stopped it, as with Ctrl-Z, since it was last seen to stop.
    asked_to_stop: bool,
    hang: HangDetector,
    looked_for_standstill: Instant,
    /// How often new processes are looked for, and whether the run still moves.
    slow: Pace,
    /// How often those are looked for that were moved into the run's group.
    group: Pace,
    /// When all that descend from the program were last looked for; `None` if some have come or gone since then.
    looked_for: Option<Instant>,
    /// Whether the sampling interval grows while nothing moves.
    adapts: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        task: &'a Task<'a>,
        running: &Running,
        mut exit_log: ExitLog,
        mut header: Header,
        writer: Result<Writer, String>,
    ) -> Result<Self> {
        running.channel.set_nonblocking(true).context("the channel")?;
        // The kernel may wake a thread 50 us late to save power; an interval can be 1 ms.
        let _ = prctl::set_timerslack(1);
        // The program has been started already, so it doesn't inherit this.
        let _ = labkit::sys::take_short_turns(TURN);
        let attached = task.subject.attached();
        let groups = that_bound(running.cgroup.as_ref(), attached);
        let members = members(task, running, groups.clone())?;
        if let Some(pid) = attached {
            exit_log.begin(Root::At(pid));
        }
        let start = Instant::now();
        if let Some(place) = &mut header.place {
            (place.wall_ns, place.monotonic_ns) = clocks();
        }
        let target = Target {
            running,
            attached,
            groups,
            files: task.files,
            members: members.describe(),
            resets_marks: members.marks() == HighMarks::Reset,
        };
        let readings = Readings::open(&target, task.rates, start)?;
        readings.describe(&mut header);
        let limits = header.limits.clone();
        let watch = Watch::new(&limits, running);
        let hang = HangDetector::new(limits.no_progress_ms, task.rates.slow);
        // Of a process that somebody else has started nobody keeps a peak.
        let adapts = task.rates.adapts && attached.is_none() && !watch.is_alone() && !hang.is_on();
        Ok(Session {
            task,
            readings,
            members,
            exit_log,
            journal: Journal::begin(writer, task.live, header, start),
            timeline: Timeline::default(),
            talk: Talk::default(),
            output: Output::default(),
            ticker: Ticker::new(start, task.rates.interval),
            pids: running.pids.clone(),
            largest: 0,
            start,
            watch,
            deadline: limits.deadline_ms.map(Duration::from_millis),
            silence: limits.silent_ms.map(Duration::from_millis),
            heard: start,
            asked: None,
            asked_to_stop: false,
            hang,
            looked_for_standstill: start,
            slow: Pace::new(start, task.rates.slow.saturating_sub(task.rates.interval / 2), Budget::Cheap),
            group: Pace::new(start, AGAIN_GROUP, Budget::Cheap),
            looked_for: None,
            adapts,
        })
    }

    /// Follows the program until it ends, or must end.
    pub(super) fn follow(&mut self, running: &mut Running) -> Result<Ending> {
        let mut lines = Lines::new(running.channel.try_clone().context("the channel")?);
        let mut busy = false;
        loop {
            // A report that came together with the one before it doesn't wake poll(2).
            let reported = !running.reports.buffer().is_empty();
            let pause = self.ticker.next().saturating_duration_since(Instant::now());
            let wait = TimeSpec::from_duration(if reported || busy { Duration::ZERO } else { pause });
            let mut fds = vec![
                PollFd::new(running.reports.get_ref().as_fd(), PollFlags::POLLIN),
                PollFd::new(running.output.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.task.signals.as_fd(), PollFlags::POLLIN),
            ];
            // A channel that the program has shut down is always ready.
            if !lines.is_over() {
                fds.push(PollFd::new(running.channel.as_fd(), PollFlags::POLLIN));
            }
            // An interrupted call is a call with nothing ready.
            let _ = ppoll(&mut fds, Some(wait), None);
            let is_ready = |at: usize| fds.get(at).and_then(PollFd::any).unwrap_or(false);
            let [reports, output, signals, channel] = [0, 1, 2, 3].map(is_ready);
            if signals && self.heed_signals(running)? {
                return Ok(Ending::Interrupted);
            }
            if output {
                self.output.take(&mut running.output);
            }
            if busy || channel {
                busy = self.listen(&mut lines, running, LINES);
            }
            if (reported || reports)
                && let Some(ending) = self.take_reports(&mut lines, running)?
            {
                return Ok(ending);
            }
            let now = Instant::now();
            if self.ticker.due(now)
                && let Some(ending) = self.tick(now)?
            {
                // If this process was stopped meanwhile, the program may have ended in time.
                return Ok(self.take_reports(&mut lines, running)?.unwrap_or(ending));
            }
        }
    }

    /// Takes in what init has reported by now; returns the end of the program, if it is among that.
    fn take_reports(
        &mut self,
        lines: &mut Lines<UnixStream>,
        running: &mut Running,
    ) -> Result<Option<Ending>> {
        let mut has_stopped = false;
        while running.has_reports() {
            match running.report()? {
                Some(Report::Started) => {
                    self.members.refresh();
                    // The program itself may be gone already.
                    if let Some(&init) = running.supervisor().map(children).unwrap_or_default().first() {
                        self.exit_log.begin(Root::Below(init));
                    }
                }
                Some(Report::Stopped) => {
                    has_stopped = true;
                    self.happened(self.members.root(), What::Stopped);
                }
                Some(Report::Continued) => {
                    has_stopped = false;
                    self.happened(self.members.root(), What::Continued);
                }
                Some(Report::Largest(bytes)) => {
                    self.largest = bytes;
                    self.members.note_mark(bytes);
                }
                last => {
                    while self.listen(lines, running, LINES) {}
                    self.output.take(&mut running.output);
                    return Ok(Some(Ending::Reported(last)));
                }
            }
        }
        let is_at_the_terminal =
            matches!(self.task.subject, Subject::Started(spec) if spec.streams != Streams::Kept);
        // A program that stops itself doesn't stop the clocks that it is to be held to, unless a shell waits to
        // see it stop.
        let has_clock = self.deadline.is_some() || self.hang.is_on();
        let mut may_stop =
            || std::mem::take(&mut self.asked_to_stop) || !has_clock || signals::has_the_terminal();
        if has_stopped && is_at_the_terminal && may_stop() {
            self.journal.flush(self.readings.take());
            signals::stop();
        }
        Ok(None)
    }

    /// Passes signals on to the program. Returns whether the run must end now.
    fn heed_signals(&mut self, running: &mut Running) -> Result<bool> {
        while let Some(signal) = self.task.signals.next()? {
            let spec = match self.task.subject {
                Subject::Started(spec) => spec,
                Subject::Attached(_) if signal.asks_to_end() => return Ok(true),
                Subject::Attached(_) => {
                    if signal.asks_to_stop() {
                        signals::stop();
                    }
                    continue;
                }
            };
            if spec.mode == Mode::Confined && signal.asks_to_end() {
                let again = self.asked.is_some_and(|asked| asked.elapsed() > AGAIN && signal.is_ctrl_c());
                if spec.grace.is_zero() || again {
                    return Ok(true);
                }
                self.asked.get_or_insert_with(Instant::now);
            }
            self.asked_to_stop |= signal.asks_to_stop();
            running.pass_on(signal);
        }
        Ok(false)
    }

    /// Samples whatever is due, and says whether the run must end.
    fn tick(&mut self, now: Instant) -> Result<Option<Ending>> {
        let is_slow = self.slow.due(now, 1);
        if is_slow {
            // Where the kernel reports every fork, all that could be missed is who was moved into the group, unless
            // there was more to report than fits.
            let looked_for = self.looked_for.filter(|_| self.exit_log.is_open());
            let is_old = looked_for.is_none_or(|at| now.duration_since(at) >= AGAIN_ALL);
            let (members, group) = (&mut self.members, &mut self.group);
            self.slow.sample(|| {
                if is_old {
                    members.refresh();
                } else if group.due(now, 1) {
                    group.sample(|| members.refresh_group());
                }
            });
            if is_old {
                self.looked_for = Some(now);
            }
            if !self.exit_log.is_open() {
                for event in self.timeline.look(self.now(), self.members.pids()) {
                    self.happened(event.pid, event.what);
                }
            }
        }
        let were_read = self.readings.sample_due(now, self.ticker.stretch, &mut self.members);
        self.take_events();
        if self.adapts {
            self.ticker.stretch_to(self.readings.movement.stretch());
        }
        if self.journal.is_due(now) {
            self.journal.flush(self.readings.take());
        }
        match self.look_for_standstill(is_slow, were_read, now) {
            Some(Seen::Hang(seen)) => return Ok(Some(Ending::Hangs(seen))),
            Some(Seen::Happened(what)) => self.happened(None, what),
            None => {}
        }
        if let Some(why) = self.watch.look(self.readings.latest(), &mut self.members) {
            return Ok(Some(Ending::Watchdog(why)));
        }
        if let (Subject::Started(spec), Some(asked)) = (&self.task.subject, self.asked)
            && asked.elapsed() > spec.grace
        {
            return Ok(Some(Ending::Interrupted));
        }
        if let Some(silence) = self.silence.filter(|silence| self.heard.elapsed() > *silence) {
            let seen = format!("no phase began, and no task was done, for {} s", silence.as_secs_f64());
            return Ok(Some(Ending::Hangs(Evidence::fired("what the program announces", seen))));
        }
        if self.deadline.is_some_and(|deadline| self.start.elapsed() > deadline) {
            return Ok(Some(Ending::TimedOut));
        }
        let is_gone = matches!(self.task.subject, Subject::Attached(_)) && !self.members.lives();
        Ok(is_gone.then_some(Ending::Gone))
    }

    /// Whether the run stands still. If that would end the run, it's checked again; otherwise it's enough to look
    /// when the processes were read anyway.
    fn look_for_standstill(&mut self, is_slow: bool, were_read: bool, now: Instant) -> Option<Seen> {
        if self.hang.is_on() {
            return is_slow
                .then(|| self.hang.look(self.members.cpu(), &self.members, self.task.rates.slow))
                .flatten();
        }
        if !were_read {
            return None;
        }
        // On a machine that stood still itself, a long time between two looks says nothing.
        let every =
            now.duration_since(std::mem::replace(&mut self.looked_for_standstill, now)).min(BETWEEN_LOOKS);
        self.hang.look(self.readings.latest().get(&CPU), &self.members, every)
    }

    pub(super) fn now(&self) -> u64 {
        micros(self.start.elapsed())
    }

    /// Takes in which processes have come and gone, which are followed, and what the sources have noticed.
    pub(super) fn take_events(&mut self) {
        self.readings.take_processes().for_each(|line| self.journal.add(line));
        let ends = self.exit_log.take(self.start, |pid| self.members.highest(pid));
        self.members.forget_gone();
        let mut events = self.exit_log.begun(self.start);
        if !(ends.is_empty() && events.is_empty()) {
            self.readings.movement.stir();
            self.looked_for = None;
        }
        events.extend(self.readings.take_events());
        let events = events.into_iter().filter_map(|event| self.timeline.line(event));
        ends.into_iter().chain(events).for_each(|line| self.journal.add(line));
    }

    /// Notes an event of just now for the time line.
    fn happened(&mut self, pid: Option<i32>, what: What) {
        let line = self.timeline.line(Event { t: self.now(), pid, what });
        line.into_iter().for_each(|line| self.journal.add(line));
    }

    /// Takes in what the program states on its channel, up to so many lines; says whether there are more.
    fn listen(&mut self, lines: &mut Lines<UnixStream>, running: &mut Running, most: usize) -> bool {
        lines.fill();
        // A program that waits at its mark says nothing more meanwhile. Of one that doesn't, the marks that have
        // come together are of one moment.
        let mut has_sampled = false;
        for _ in 0..most {
            let Some(line) = lines.next_line() else { return false };
            let Some(message) = channel::parse(&line) else {
                let note = format!(
                    "{}: no mark, done, fact or fail, so skipped: {}\n",
                    program(),
                    line.escape_debug()
                );
                self.output.add(note.as_bytes());
                continue;
            };
            match self.talk.hear(message) {
                Reaction::Mark(name) => {
                    if !std::mem::replace(&mut has_sampled, true) {
                        self.members.refresh();
                        self.readings.sample_all(&mut self.members);
                    }
                    self.journal.add(Line::Mark(Mark { t: self.now(), name }));
                    self.journal.flush(self.readings.take());
                    answer(running);
                    self.heard = Instant::now();
                }
                Reaction::Wait => {
                    self.readings.sample_frequent(&mut self.members);
                    answer(running);
                }
                Reaction::Done(count) => {
                    self.heard = Instant::now();
                    self.journal.add(Line::Done(Progress { t: self.now(), count }));
                }
                Reaction::Fail(errno, at) => self.happened(self.members.root(), What::Failed { errno, at }),
                Reaction::Answer => answer(running),
                Reaction::Nothing => {}
            }
        }
        true
    }
}

/// A second Ctrl-C after this time is one of a user who doesn't want to wait. timeout(1) sends two in a moment.
const AGAIN: Duration = Duration::from_millis(300);

/// The shortest turn of a thread that the scheduler grants.
const TURN: Duration = Duration::from_micros(100);

/// The longest time without a look at all that descend from the program.
const AGAIN_ALL: Duration = Duration::from_secs(5);

/// The time between two looks at who is in the run's group: a process comes there without a fork if it was moved.
const AGAIN_GROUP: Duration = Duration::from_secs(1);

/// The longest time that counts as one in which a run stood still between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

/// So many lines of the channel are taken in before the next sampling time is looked at.
const LINES: usize = 1000;

/// The processes of the run, which these control groups bound.
fn members(task: &Task<'_>, running: &Running, groups: Vec<Group>) -> Result<Members> {
    let membership = match (&task.subject, running.supervisor(), &running.cgroup) {
        (Subject::Attached(pid), ..) => Membership::Attached(*pid),
        (_, Some(supervisor), Some(group)) => Membership::Group { group: group.clone(), supervisor },
        (_, supervisor, _) => Membership::Below(supervisor.context("a run without a supervisor")?),
    };
    // Where the kernel keeps a peak of the whole run, those of the processes aren't needed; and those of a
    // process that somebody else has started aren't ours to destroy.
    let marks = match (&membership, sources::keeps_peaks(running)) {
        (Membership::Attached(_), _) | (_, true) => HighMarks::LeftAlone,
        (_, false) => HighMarks::Reset,
    };
    let mut members = Members::new(membership, marks, Headroom::below(groups));
    members.refresh();
    Ok(members)
}

/// Lets the program go on. One that doesn't read its answers, or is gone, misses nothing.
fn answer(running: &mut Running) {
    let _ = running.channel.write(b"\n");
}
