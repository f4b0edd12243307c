//! One run while it is recorded.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signalfd::SignalFd;
use nix::sys::time::{TimeSpec, TimeValLike};

use super::beat::Beat;
use super::channel::{self, Message};
use super::counters::{BeatSample, Counters};
use super::lines::Lines;
use super::samples::Samples;
use super::still::Still;
use super::tree::Tree;
use super::{BEAT, OUTPUT, SPLIT, WALK_DUTY};
use crate::outcome::{Evidence, Outcome};
use crate::record::{Cost, Header, Line, Mark, Progress, Record, Trailer, Writer};
use crate::sandbox::guard::Guard;
use crate::sandbox::{Report, Running};

/// What ended the run, before the evidence is weighed.
pub(super) enum Ending {
    /// Init's last report, or none when init itself was killed.
    Reported(Option<Report>),
    TimedOut,
    /// Nothing moved any more; what was seen of that.
    Still(Evidence),
    Interrupted,
    /// The guard's words.
    Guarded(String),
}

/// One run while it is recorded.
pub(super) struct Session<'a> {
    writer: &'a mut Writer,
    live: &'a Mutex<Option<Record>>,
    counters: Counters,
    tree: Tree,
    guard: Guard,
    beat: Samples,
    split: Samples,
    walk: Samples,
    start: Instant,
    next_walk: Instant,
    /// Lines that wait to be written, in order, after the samples that belong before them.
    waiting: Vec<Line>,
    facts: BTreeMap<String, u64>,
    failure: Option<(i32, String)>,
    output: Vec<u8>,
    cost: Cost,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        running: &Running,
        mut header: Header,
        writer: &'a mut Writer,
        live: &'a Mutex<Option<Record>>,
        guard: Guard,
    ) -> Result<Self> {
        running.channel.set_nonblocking(true).context("the channel")?;
        let counters = Counters::open(running)?;
        let tree = Tree::new(running.keeper());
        let (beat, split, walk) = (counters.beat_track(), counters.split_track(), counters.walk_track());
        for track in [&beat, &split, &walk] {
            header.metrics.extend(track.sources());
        }
        writer.write(&Line::Header(Box::new(header.clone())))?;
        *live.lock().expect("no thread panics with the record") = Some(Record::new(header));
        let start = Instant::now();
        Ok(Session {
            writer,
            live,
            counters,
            tree,
            guard,
            beat,
            split,
            walk,
            start,
            next_walk: start,
            waiting: Vec::new(),
            facts: BTreeMap::new(),
            failure: None,
            output: Vec::new(),
            cost: Cost::default(),
        })
    }

    /// Follows the program until it ends, or must end.
    pub(super) fn follow(
        &mut self,
        running: &mut Running,
        signals: &SignalFd,
        deadline: Duration,
        mut still: Still,
    ) -> Result<Ending> {
        let mut talk = Lines::new(running.channel.try_clone().context("the channel")?);
        let mut beat = Beat::new(self.start, BEAT);
        let mut next_split = self.start;
        loop {
            // A report that came together with the one before it does not wake poll(2).
            let told = !running.reports.buffer().is_empty();
            let pause = beat.next().saturating_duration_since(Instant::now());
            let wait = TimeSpec::from_duration(if told { Duration::ZERO } else { pause });
            let mut fds = [
                PollFd::new(running.reports.get_ref().as_fd(), PollFlags::POLLIN),
                PollFd::new(running.channel.as_fd(), PollFlags::POLLIN),
                PollFd::new(running.output.as_fd(), PollFlags::POLLIN),
                PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            ];
            // An interrupted call is a call with nothing ready.
            let _ = ppoll(&mut fds, Some(wait), None);
            let ready = fds.map(|fd| fd.any().unwrap_or(false));
            if ready[3] {
                return Ok(Ending::Interrupted);
            }
            if ready[2] {
                self.take_output(running);
            }
            if ready[1] {
                self.listen(&mut talk, running)?;
            }
            if told || ready[0] {
                match running.report()? {
                    Some(Report::Started) => self.tree.refresh(),
                    last => {
                        self.listen(&mut talk, running)?;
                        self.take_output(running);
                        return Ok(Ending::Reported(last));
                    }
                }
            }
            let now = Instant::now();
            if !beat.due(now) {
                continue;
            }
            (self.cost.beats, self.cost.late, self.cost.missed) = (beat.kept, beat.late, beat.missed);
            let sample = self.sample_beat();
            if now >= next_split {
                next_split = now + SPLIT;
                self.tree.refresh();
                self.sample_split();
                if let Some(why) = self.guard.host_starves() {
                    return Ok(Ending::Guarded(why));
                }
                if now >= self.next_walk {
                    self.sample_walk();
                }
                self.flush()?;
                if let Some(seen) = still.look(&self.tree) {
                    return Ok(Ending::Still(seen));
                }
            }
            let suspected =
                self.guard.too_much(sample.shm, sample.resident.anon, || self.tree.walk().all.pss_anon);
            if let Some(why) = suspected {
                return Ok(Ending::Guarded(why));
            }
            if self.start.elapsed() > deadline {
                return Ok(Ending::TimedOut);
            }
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn sample_beat(&mut self) -> BeatSample {
        let sample = self.counters.beat(&mut self.tree);
        self.beat.push(self.now(), &sample.row());
        sample
    }

    fn sample_split(&mut self) {
        let row = self.counters.split(&self.tree);
        self.split.push(self.now(), &row);
    }

    fn sample_walk(&mut self) {
        let begin = Instant::now();
        let row = self.counters.walk(&self.tree);
        let took = begin.elapsed();
        self.walk.push(self.now(), &row);
        self.cost.walks += u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.next_walk = Instant::now() + took * (WALK_DUTY - 1);
    }

    /// Takes in what the program says on its channel.
    fn listen(&mut self, talk: &mut Lines<UnixStream>, running: &mut Running) -> Result<()> {
        talk.fill();
        while let Some(line) = talk.next_line() {
            match channel::parse(&line) {
                Some(Message::Mark(name)) => {
                    self.tree.refresh();
                    self.sample_beat();
                    self.sample_split();
                    self.sample_walk();
                    self.waiting.push(Line::Mark(Mark { t: self.now(), name }));
                    self.flush()?;
                    answer(running);
                }
                Some(Message::Wait) => {
                    self.sample_beat();
                    answer(running);
                }
                Some(Message::Done(count)) => {
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
        let blocks = [&mut self.beat, &mut self.split, &mut self.walk].map(Samples::take);
        let mut lines: Vec<Line> = blocks.into_iter().flatten().map(Line::Samples).collect();
        lines.append(&mut self.waiting);
        for line in lines {
            self.put(line)?;
        }
        Ok(())
    }

    pub(super) fn put(&mut self, line: Line) -> Result<()> {
        self.writer.write(&line)?;
        let mut live = self.live.lock().expect("no thread panics with the record");
        let record = live.as_mut().expect("the session began it");
        record.push(line).map_err(anyhow::Error::msg)
    }

    /// Weighs the evidence when the run is over.
    pub(super) fn trailer(&mut self, ending: Ending) -> Result<Trailer> {
        let duration = self.now();
        self.sample_beat();
        self.flush()?;
        let oom = self.counters.oom_kills();
        let mut evidence = self.counters.evidence(&oom);
        let outcome = match ending {
            Ending::Interrupted => Outcome::Interrupted,
            Ending::TimedOut => {
                evidence.extend(self.tree.waits());
                Outcome::TimedOut
            }
            Ending::Still(seen) => {
                evidence.push(seen);
                evidence.extend(self.tree.waits());
                Outcome::TimedOut
            }
            Ending::Guarded(why) => {
                evidence.push(Evidence::fired("lab's guard", why));
                Outcome::GUARDED
            }
            Ending::Reported(report) => Outcome::of(report, self.failure.take(), &oom),
        };
        let usage = getrusage(UsageWho::RUSAGE_THREAD)?;
        let cpu = usage.user_time() + usage.system_time();
        self.cost.cpu = u64::try_from(cpu.num_microseconds()).unwrap_or(0);
        let tail = self.output.len().saturating_sub(OUTPUT);
        Ok(Trailer {
            outcome,
            evidence,
            facts: std::mem::take(&mut self.facts),
            peaks: self.counters.peaks(),
            duration,
            cost: self.cost.clone(),
            output: String::from_utf8_lossy(&self.output[tail..]).into_owned(),
        })
    }
}

/// Lets the program go on. One that does not read its answers, or is gone, misses nothing.
fn answer(running: &mut Running) {
    let _ = running.channel.write(b"\n");
}
