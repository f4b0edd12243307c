//! One run while it is recorded.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::prctl;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::{TimeSpec, TimeValLike};
use nix::time::{ClockId, clock_gettime};

use super::beat::Beat;
use super::channel::{self, Message};
use super::counters::{BeatSample, Counters, Known};
use super::exit_log::ExitLog;
use super::exits::Root;
use super::hang::HangDetector;
use super::lines::Lines;
use super::memory_files::OpenMemoryFiles;
use super::pace::Pace;
use super::samples::Samples;
use super::tree::{Counted, HighMarks, Membership, Resident, Tree, Walked};
use super::{FLUSH, HELD, OUTPUT, Subject, TREE_REST, Task, WALK_REST};
use crate::model::outcome::{Evidence, Outcome};
use crate::model::record::{Cost, Header, Line, Mark, OpenMemoryFile, Progress, Record, Trailer, Writer};
use crate::sandbox::pids;
use crate::sandbox::processes::children;
use crate::sandbox::watchdog::Watchdog;
use crate::sandbox::{Mode, Report, Running, Spec, Streams, report, signals};

/// What ended the run, before the evidence is weighed.
pub(super) enum Ending {
    /// Init's last report, or none when init itself was killed.
    Reported(Option<Report>),
    /// A process that was not ours to wait for is gone.
    Gone,
    TimedOut,
    /// Nothing moved any more; what was seen of that.
    Still(Evidence),
    Interrupted,
    /// The watchdog's words.
    ByWatchdog(String),
}

/// One run while it is recorded.
pub(super) struct Session<'a> {
    task: &'a Task<'a>,
    writer: &'a mut Writer,
    counters: Counters,
    tree: Tree,
    exit_log: ExitLog,
    mode: Mode,
    watchdog: Option<Watchdog>,
    /// The folder of the control group that bounds the number of processes.
    pids: Option<PathBuf>,
    deadline: Option<Duration>,
    /// When the user has asked for the end of a confined run.
    asked: Option<Instant>,
    still: HangDetector,
    tracks: Tracks,
    start: Instant,
    flushed: Instant,
    beat: Beat,
    /// The last samples, which others are reckoned from.
    resident: Resident,
    counted: Counted,
    held: OpenMemoryFiles,
    /// When most was held, how much and in which files.
    most_held: (u64, Vec<OpenMemoryFile>),
    /// How many marks and counts were kept, and how much more was told.
    kept: Kept,
    unkept: u64,
    /// The highest resident memory of any one process, as its end was told; 0 before.
    largest: u64,
    /// Lines that wait to be written, in order, after the samples that belong before them.
    waiting: Vec<Line>,
    /// Lines that were written, and are not yet in the live record.
    unseen: Vec<Line>,
    facts: BTreeMap<String, u64>,
    failure: Option<(i32, String)>,
    output: Vec<u8>,
    cpu_before: u64,
}

/// How much of what the program tells was kept.
#[derive(Default)]
struct Kept {
    marks: u64,
    counts: u64,
}

/// The most marks, counts and facts that are kept: a program that never stops to tell them must not fill
/// the disk. No honest one has as many.
const MARKS: u64 = 10_000;
const COUNTS: u64 = 1_000_000;
const FACTS: usize = 10_000;

/// So many of the largest files that were held are named.
const HELD_FILES: usize = 10;

/// Everything that is sampled.
struct Tracks {
    beat: Samples,
    tree: Samples,
    split: Samples,
    each: Samples,
    walk: Samples,
    held: Samples,
    cache: Samples,
    paces: Paces,
}

/// How often each is.
struct Paces {
    beat: Pace,
    tree: Pace,
    split: Pace,
    each: Pace,
    walk: Pace,
    held: Pace,
    cache: Pace,
}

impl Paces {
    fn named(&self) -> [(&'static str, &Pace); 7] {
        [
            ("beat", &self.beat),
            ("tree", &self.tree),
            ("split", &self.split),
            ("each", &self.each),
            ("walk", &self.walk),
            ("held", &self.held),
            ("cache", &self.cache),
        ]
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(
        task: &'a Task<'a>,
        running: &Running,
        mut exit_log: ExitLog,
        mut header: Header,
        writer: &'a mut Writer,
    ) -> Result<Self> {
        running.channel.set_nonblocking(true).context("the channel")?;
        // The kernel may wake a thread 50 us late to save power; a beat can be 1 ms.
        let _ = prctl::set_timerslack(1);
        let counters = Counters::open(running)?;
        let tree = tree(task, running, &counters)?;
        if let Subject::Attached(pid) = task.subject {
            exit_log.begin(Root::At(pid));
        }
        let start = Instant::now();
        let tracks = Tracks::new(task, &counters, &tree, start);
        for samples in tracks.all() {
            header.metrics.extend(samples.sources());
        }
        writer.write(&Line::Header(Box::new(header.clone())))?;
        let limits = header.limits.clone();
        *task.live.lock().expect("no thread panics with the record") = Some(Record::new(header));
        Ok(Session {
            task,
            writer,
            counters,
            tree,
            exit_log,
            mode: running.mode,
            watchdog: Watchdog::of(&limits),
            pids: running.pids.clone(),
            deadline: limits.seconds.map(Duration::from_secs),
            asked: None,
            still: HangDetector::new(limits.still_ms, task.rates.split),
            tracks,
            start,
            flushed: start,
            beat: Beat::new(start, task.rates.beat),
            resident: Resident::default(),
            counted: Counted::default(),
            held: OpenMemoryFiles::default(),
            most_held: (0, Vec::new()),
            kept: Kept::default(),
            unkept: 0,
            largest: 0,
            waiting: Vec::new(),
            unseen: Vec::new(),
            facts: BTreeMap::new(),
            failure: None,
            output: Vec::new(),
            cpu_before: cpu()?,
        })
    }

    /// Follows the program until it ends, or must end.
    pub(super) fn follow(&mut self, running: &mut Running) -> Result<Ending> {
        let mut talk = Lines::new(running.channel.try_clone().context("the channel")?);
        loop {
            // A report that came together with the one before it does not wake poll(2).
            let told = !running.reports.buffer().is_empty();
            let pause = self.beat.next().saturating_duration_since(Instant::now());
            let wait = TimeSpec::from_duration(if told { Duration::ZERO } else { pause });
            let mut fds = [
                PollFd::new(running.reports.get_ref().as_fd(), PollFlags::POLLIN),
                PollFd::new(running.channel.as_fd(), PollFlags::POLLIN),
                PollFd::new(running.output.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.task.signals.as_fd(), PollFlags::POLLIN),
            ];
            // An interrupted call is a call with nothing ready.
            let _ = ppoll(&mut fds, Some(wait), None);
            let ready = fds.map(|fd| fd.any().unwrap_or(false));
            if ready[3] && self.heed_signals(running)? {
                return Ok(Ending::Interrupted);
            }
            if ready[2] {
                self.take_output(running);
            }
            if ready[1] {
                self.listen(&mut talk, running)?;
            }
            if (told || ready[0])
                && let Some(ending) = self.take_reports(&mut talk, running)?
            {
                return Ok(ending);
            }
            let now = Instant::now();
            if self.beat.due(now)
                && let Some(ending) = self.on_beat(now)?
            {
                // If this process was stopped meanwhile, the program may have ended in time.
                return Ok(self.take_reports(&mut talk, running)?.unwrap_or(ending));
            }
        }
    }

    /// Takes in what init has reported by now; returns the end of the program, if it is among that.
    fn take_reports(&mut self, talk: &mut Lines<UnixStream>, running: &mut Running) -> Result<Option<Ending>> {
        let mut has_stopped = false;
        while running.has_reports() {
            match running.report()? {
                Some(Report::Started) => {
                    self.tree.refresh();
                    // The program itself may be gone already.
                    if let Some(&init) = running.supervisor().map(children).unwrap_or_default().first() {
                        self.exit_log.begin(Root::Below(init));
                    }
                }
                Some(Report::Stopped) => has_stopped = true,
                Some(Report::Continued) => has_stopped = false,
                Some(Report::Largest(bytes)) => self.largest = bytes,
                last => {
                    self.listen(talk, running)?;
                    self.take_output(running);
                    return Ok(Some(Ending::Reported(last)));
                }
            }
        }
        if has_stopped && matches!(self.task.subject, Subject::Started(Spec { streams: Streams::Passed, .. })) {
            self.flush()?;
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
            running.pass_on(signal);
        }
        Ok(false)
    }

    /// Samples whatever is due, and says whether the run must end.
    fn on_beat(&mut self, now: Instant) -> Result<Option<Ending>> {
        let sample = self.sample_beat();
        self.take_ended();
        if self.tracks.paces.tree.due(now) {
            self.sample_tree();
        }
        if now.duration_since(self.flushed) >= FLUSH {
            self.flushed = now;
            self.flush()?;
        }
        if self.tracks.paces.each.due(now) {
            self.tree.refresh();
            self.sample_each();
        }
        if self.tracks.paces.walk.due(now) {
            self.sample_walk();
        }
        if self.tracks.paces.held.due(now) {
            self.sample_held();
        }
        if self.tracks.paces.cache.due(now) {
            self.sample_cache();
        }
        if self.tracks.paces.split.due(now) {
            let available = self.sample_split();
            if let Some(why) = self.watchdog.as_ref().and_then(|watchdog| watchdog.host_starves(available)) {
                return Ok(Some(Ending::ByWatchdog(why)));
            }
            if let Some(seen) = self.still.look(&self.tree) {
                return Ok(Some(Ending::Still(seen)));
            }
        }
        let used = (sample.shm.unwrap_or(0), self.resident.anon);
        let too_much =
            |watchdog: &Watchdog| watchdog.too_much(used.0, used.1, || self.tree.walk().all.pss_anon);
        if let Some(why) = self.watchdog.as_ref().and_then(too_much) {
            return Ok(Some(Ending::ByWatchdog(why)));
        }
        if let Some(why) =
            self.watchdog.as_ref().and_then(|watchdog| watchdog.too_many(self.resident.processes))
        {
            return Ok(Some(Ending::ByWatchdog(why)));
        }
        if let (Subject::Started(spec), Some(asked)) = (&self.task.subject, self.asked)
            && asked.elapsed() > spec.grace
        {
            return Ok(Some(Ending::Interrupted));
        }
        if self.deadline.is_some_and(|deadline| self.start.elapsed() > deadline) {
            return Ok(Some(Ending::TimedOut));
        }
        let is_gone = matches!(self.task.subject, Subject::Attached(_)) && !self.tree.lives();
        Ok(is_gone.then_some(Ending::Gone))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn take_ended(&mut self) {
        let ended = self.exit_log.take(self.start, |pid| self.tree.highest(pid));
        self.waiting.extend(ended);
        self.tree.forget_gone();
    }

    fn sample_beat(&mut self) -> BeatSample {
        let begin = Instant::now();
        let sample = self.counters.beat();
        self.tracks.beat.push(self.now(), &sample.row());
        self.tracks.paces.beat.sampled(begin, begin.elapsed());
        sample
    }

    fn sample_tree(&mut self) {
        let (begin, before) = (Instant::now(), processor_time());
        self.resident = self.tree.resident();
        let Resident { rss, rss_peak, anon, root_anon, processes } = self.resident;
        let row = match self.tree.marks() {
            HighMarks::SetBack => vec![rss, anon, root_anon, processes, rss_peak],
            HighMarks::Left => vec![rss, anon, root_anon, processes],
        };
        self.tracks.tree.push(self.now(), &row);
        self.tracks.paces.tree.sampled(begin, processor_time() - before);
    }

    /// Samples what the memory is made of; returns what the machine has available, in bytes.
    fn sample_split(&mut self) -> u64 {
        let (begin, before) = (Instant::now(), processor_time());
        let elsewhere = self.held.files.iter().filter(|file| !self.counters.is_own(file));
        let held = elsewhere.map(|file| file.bytes).sum();
        let sample = self.counters.split(Known { held, mapped: self.counted.shmem });
        let row = self.counters.split_row(&sample);
        self.tracks.split.push(self.now(), &row);
        self.tracks.paces.split.sampled(begin, processor_time() - before);
        sample.available
    }

    fn sample_each(&mut self) {
        let (begin, before) = (Instant::now(), processor_time());
        self.counted = self.tree.counted();
        let Counted { file, shmem, minor_faults, major_faults, children_minor_faults, cpu, disk } =
            self.counted;
        let row = [file, shmem, minor_faults, major_faults, children_minor_faults, cpu, disk[0], disk[1]];
        self.tracks.each.push(self.now(), &row);
        self.tracks.paces.each.sampled(begin, processor_time() - before);
    }

    fn sample_walk(&mut self) {
        let begin = Instant::now();
        let row = self.tree.walk().row();
        self.tracks.walk.push(self.now(), &row);
        self.tracks.paces.walk.sampled(begin, begin.elapsed());
    }

    fn sample_held(&mut self) {
        let begin = Instant::now();
        self.held = OpenMemoryFiles::by(self.tree.pids());
        let bytes = self.held.bytes();
        self.tracks.held.push(self.now(), &[bytes]);
        if bytes > self.most_held.0 {
            self.most_held = (bytes, self.held.files.iter().take(HELD_FILES).cloned().collect());
        }
        self.tracks.paces.held.sampled(begin, begin.elapsed());
    }

    fn sample_cache(&mut self) {
        let begin = Instant::now();
        let cached = self.counters.cached(self.task.files);
        self.tracks.cache.push(self.now(), &[cached]);
        self.tracks.paces.cache.sampled(begin, begin.elapsed());
    }

    fn sample_all(&mut self) {
        self.tree.refresh();
        self.sample_beat();
        self.sample_tree();
        self.sample_each();
        self.sample_held();
        self.sample_split();
        self.sample_walk();
        self.sample_cache();
    }

    /// Takes in what the program says on its channel.
    fn listen(&mut self, talk: &mut Lines<UnixStream>, running: &mut Running) -> Result<()> {
        talk.fill();
        while let Some(line) = talk.next_line() {
            match channel::parse(&line) {
                // The program waits for an answer all the same.
                Some(Message::Mark(_)) if self.kept.marks == MARKS => {
                    self.unkept += 1;
                    answer(running);
                }
                Some(Message::Done(_)) if self.kept.counts == COUNTS => self.unkept += 1,
                Some(Message::Fact(name, _))
                    if self.facts.len() == FACTS && !self.facts.contains_key(&name) =>
                {
                    self.unkept += 1;
                }
                Some(Message::Mark(name)) => {
                    self.kept.marks += 1;
                    self.sample_all();
                    self.waiting.push(Line::Mark(Mark { t: self.now(), name }));
                    self.flush()?;
                    answer(running);
                }
                Some(Message::Wait) => {
                    self.sample_beat();
                    self.sample_tree();
                    answer(running);
                }
                Some(Message::Done(count)) => {
                    self.kept.counts += 1;
                    self.waiting.push(Line::Done(Progress { t: self.now(), count }));
                }
                Some(Message::Fact(name, value)) => {
                    self.facts.insert(name, value);
                }
                Some(Message::Fail(errno, at)) => self.failure = Some((errno, at)),
                None => {
                    let note =
                        format!("lab: no mark, done, fact or fail, so skipped: {}\n", line.escape_debug());
                    self.keep_output(note.as_bytes());
                }
            }
        }
        Ok(())
    }

    /// Reads what the program printed, and keeps the end of it.
    fn take_output(&mut self, running: &mut Running) {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = running.output.read(&mut chunk) {
            self.keep_output(&chunk[..count]);
        }
    }

    fn keep_output(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
        if self.output.len() > 2 * OUTPUT {
            self.output.drain(..self.output.len() - OUTPUT);
        }
    }

    /// Writes what was sampled and said since the last time, to the file and to the live record.
    fn flush(&mut self) -> Result<()> {
        let blocks = self.tracks.all_mut().map(Samples::take);
        let mut lines: Vec<Line> = blocks.into_iter().flatten().map(Line::Samples).collect();
        lines.append(&mut self.waiting);
        for line in lines {
            self.put(line)?;
        }
        Ok(())
    }

    pub(super) fn put(&mut self, line: Line) -> Result<()> {
        self.writer.write(&line)?;
        self.unseen.push(line);
        // While the record is drawn, what comes waits: the beat must not.
        let Ok(mut live) = self.task.live.try_lock() else { return Ok(()) };
        let record = live.as_mut().expect("the session began it");
        for line in self.unseen.drain(..) {
            record.push(line).map_err(anyhow::Error::msg)?;
        }
        record.thin(HELD);
        Ok(())
    }

    /// Weighs the evidence when the run is over.
    pub(super) fn trailer(&mut self, ending: Ending) -> Result<Trailer> {
        let duration = self.now();
        self.sample_beat();
        self.take_ended();
        self.flush()?;
        let oom = self.counters.oom_kills();
        let mut evidence = self.counters.evidence(&oom);
        evidence.extend(self.counters.left(self.mode));
        evidence.extend(self.pids.as_deref().map(pids::evidence));
        let mut peaks = self.counters.peaks();
        if self.largest > 0 {
            // Together they had no less.
            peaks.insert("rss".to_owned(), self.largest);
        }
        let status = match &ending {
            Ending::Reported(Some(report)) => report.status(),
            _ => None,
        };
        let outcome = match ending {
            Ending::Interrupted => Outcome::Interrupted,
            Ending::Gone => Outcome::Gone,
            Ending::TimedOut => {
                evidence.extend(self.tree.waits());
                Outcome::TimedOut
            }
            Ending::Still(seen) => {
                evidence.push(seen);
                evidence.extend(self.tree.waits());
                Outcome::TimedOut
            }
            Ending::ByWatchdog(why) => {
                evidence.push(Evidence::fired("lab's watchdog", why));
                Outcome::BY_WATCHDOG
            }
            Ending::Reported(report) => report::outcome(report, self.failure.take(), &oom),
        };
        let tail = self.output.len().saturating_sub(OUTPUT);
        Ok(Trailer {
            outcome,
            evidence,
            facts: std::mem::take(&mut self.facts),
            peaks,
            status,
            processes: Some(self.exit_log.told()),
            held: std::mem::take(&mut self.most_held.1),
            unkept: self.unkept,
            duration,
            cost: self.cost()?,
            output: String::from_utf8_lossy(&self.output[tail..]).into_owned(),
        })
    }

    fn cost(&self) -> Result<Cost> {
        let Beat { kept, late, missed, .. } = self.beat;
        let walks = self.tracks.paces.walk.took.as_micros();
        let samples = self.tracks.paces.named().map(|(name, pace)| (name.to_owned(), pace.samples));
        Ok(Cost {
            cpu: cpu()? - self.cpu_before,
            beats: kept,
            late,
            missed,
            walks: u64::try_from(walks).unwrap_or(u64::MAX),
            lateness: [50, 99].map(|percent| self.beat.late_by(percent)),
            samples: samples.into(),
        })
    }
}

/// A second Ctrl-C after this time is one of a user who doesn't want to wait. timeout(1) sends two in a moment.
const AGAIN: Duration = Duration::from_millis(300);

/// The processes of the run.
fn tree(task: &Task<'_>, running: &Running, counters: &Counters) -> Result<Tree> {
    let membership = match (&task.subject, running.supervisor(), &running.cgroup) {
        (Subject::Attached(pid), ..) => Membership::Attached(*pid),
        (_, Some(supervisor), Some(group)) => Membership::Group { procs: group.procs_file(), supervisor },
        (_, supervisor, _) => Membership::Below(supervisor.context("a run without a supervisor")?),
    };
    // Where the kernel keeps a peak of the whole run, those of the processes are not needed; and those
    // of a process that somebody else has started are not ours to destroy.
    let marks = match (&membership, counters.keeps_peaks()) {
        (Membership::Attached(_), _) | (_, true) => HighMarks::Left,
        (_, false) => HighMarks::SetBack,
    };
    let mut tree = Tree::new(membership, marks);
    tree.refresh();
    Ok(tree)
}

impl Tracks {
    fn new(task: &Task<'_>, counters: &Counters, tree: &Tree, start: Instant) -> Self {
        let members = tree.told();
        let sum = |what: &str| format!("sum of {what}, over {members}");
        let mut resident = vec![
            ("rss", sum("resident memory in /proc/PID/statm")),
            ("anon", sum("resident memory less shared in /proc/PID/statm")),
            ("root_anon", "resident memory less shared of the first process, from its statm".to_owned()),
            ("processes", members.to_owned()),
        ];
        if tree.marks() == HighMarks::SetBack {
            resident.push(("rss_peak", sum("VmHWM in /proc/PID/status, set back through clear_refs")));
        }
        let each = vec![
            ("file", sum("RssFile in /proc/PID/status")),
            ("shmem", sum("RssShmem in /proc/PID/status")),
            ("minor_faults", sum("minflt and cminflt in /proc/PID/stat")),
            ("major_faults", sum("majflt and cmajflt in /proc/PID/stat")),
            ("children_minor_faults", "the same of minor faults, but for the first process".to_owned()),
            ("cpu", "clock_getcpuclockid of the processes".to_owned()),
            ("disk_read", sum("read_bytes in /proc/PID/io")),
            ("disk_written", sum("write_bytes in /proc/PID/io")),
        ];
        let cache = vec![("disk_cached", "cachestat or mincore of the run's files on the disk".to_owned())];
        let held = vec![("held", "stat of every file in /proc/PID/fd that lives in memory".to_owned())];
        let (beat, split) = (task.rates.beat, task.rates.split);
        // What falls due between two beats is taken at the nearer one.
        let pace = |least: Duration, rest| Pace::new(start, least.saturating_sub(beat / 2), rest);
        Tracks {
            beat: counters.beat_track(),
            tree: Samples::new("tree", resident),
            split: counters.split_track(),
            each: Samples::new("each", each),
            walk: Samples::new("walk", Walked::metrics()),
            held: Samples::new("held", held),
            cache: Samples::new("cache", cache),
            paces: Paces {
                beat: pace(beat, 0),
                tree: pace(beat, TREE_REST),
                split: pace(split, TREE_REST),
                each: pace(split, TREE_REST),
                walk: pace(split, WALK_REST),
                held: pace(split, WALK_REST),
                cache: pace(split, WALK_REST),
            },
        }
    }

    fn all(&self) -> [&Samples; 7] {
        [&self.beat, &self.tree, &self.split, &self.each, &self.walk, &self.held, &self.cache]
    }

    fn all_mut(&mut self) -> [&mut Samples; 7] {
        [
            &mut self.beat,
            &mut self.tree,
            &mut self.split,
            &mut self.each,
            &mut self.walk,
            &mut self.held,
            &mut self.cache,
        ]
    }
}

/// The processor time of this thread so far. To wait for the program's map, which is locked while the
/// program itself changes it, or for a processor, takes none.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// The processor time of this process so far, in microseconds.
fn cpu() -> Result<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let time = usage.user_time() + usage.system_time();
    Ok(u64::try_from(time.num_microseconds()).unwrap_or(0))
}

/// Lets the program go on. One that does not read its answers, or is gone, misses nothing.
fn answer(running: &mut Running) {
    let _ = running.channel.write(b"\n");
}
