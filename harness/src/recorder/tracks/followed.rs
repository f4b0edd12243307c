//! One followed process.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::time::Duration;

use crate::model::record::{Block, Line, Over, Process, io_track_of, pages_track_of, track_of};
use crate::model::series::{Column, Track};
use crate::recorder::members::{Detail, Now};
use crate::recorder::procfile::{self, ProcFile, Stat};

/// So many bytes of a process's words are kept.
const WORDS: u64 = 512;

/// A process that calls itself something else all the time is described no more often.
const DESCRIPTIONS: u32 = 32;

/// One followed process.
pub(super) struct Followed {
    process: Process,
    seen: Stat,
    /// Whether it has become another program since it was last described.
    is_another: bool,
    highest: u64,
    described: u32,
    now: Rows<5>,
    io: Rows<2>,
    pages: Rows<2>,
}

impl Followed {
    /// Begins the tracks of a process under the number `n` of the record. `booted` is how long the machine had
    /// been running when the run began.
    pub(super) fn begin(n: u32, t: u64, pid: i32, detail: &Detail, booted: Duration) -> (Self, Line) {
        let Detail { name, stat, .. } = detail;
        let started = Duration::from_secs(stat.started).div_f64(procfs::ticks_per_second() as f64);
        let began = micros_after(started, booted);
        let process =
            Process { n, pid, t, parent: None, began, name: name.clone(), words: Vec::new(), over: None };
        let mut followed = Followed {
            process,
            seen: *stat,
            is_another: false,
            highest: 0,
            described: 0,
            now: Rows::new(track_of(n), ["rss", "anon", "threads", "cpu", "state"]).with_peaks(),
            io: Rows::new(io_track_of(n), ["rchar", "wchar"]),
            pages: Rows::new(pages_track_of(n), ["pss", "uss"]),
        };
        let line = followed.describe();
        (followed, line)
    }

    /// Its number in the record.
    pub(super) fn n(&self) -> u32 {
        self.process.n
    }

    /// Whether this is still the same process, and not another one that was given its number.
    pub(super) fn is(&self, detail: &Detail) -> bool {
        detail.stat.started == self.seen.started
    }

    /// Takes a sample. Returns a line if it has become another program since the last.
    pub(super) fn sample(&mut self, t: u64, now: &Now, detail: &Detail) -> Option<Line> {
        let seen = detail.stat;
        // One that is just ending has no stack any more, and no words.
        let is_elsewhere = seen.stack != self.seen.stack && seen.stack > 0;
        self.is_another |= is_elsewhere || detail.name != self.process.name;
        self.process.name.clone_from(&detail.name);
        self.seen = seen;
        // All are read more often than this: if the highest of all rose, that was since the last sample.
        let peak = if now.highest > self.highest { now.highest } else { now.rss };
        self.highest = self.highest.max(now.highest);
        let state = match seen.state {
            // Its first thread has ended, and others go on.
            'Z' if now.via != self.process.pid => state_of(now.via).unwrap_or(seen.state),
            state => state,
        };
        let cpu = seen.ticks * 1_000_000 / procfs::ticks_per_second();
        let row = [now.rss, now.anon, seen.threads, cpu, u64::from(u32::from(state))];
        self.now.push_with_peak(t, row, peak.max(now.rss));
        if let Some([rchar, wchar, ..]) = detail.io {
            self.io.push(t, [rchar, wchar]);
        }
        (std::mem::take(&mut self.is_another) && self.described < DESCRIPTIONS).then(|| self.describe())
    }

    /// Notes what a walk over its page tables has found: its proportional and its private memory.
    pub(super) fn push_pages(&mut self, t: u64, values: [u64; 2]) {
        self.pages.push(t, values);
    }

    /// Ends its tracks, and returns the line that says so.
    pub(super) fn end(mut self, over: Over) -> Line {
        self.process.over = Some(over);
        Line::Process(self.process)
    }

    /// Its samples since the last time.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Block> + use<> {
        [self.now.take(), self.io.take(), self.pages.take()].into_iter().flatten()
    }

    fn describe(&mut self) -> Line {
        self.described += 1;
        self.process.parent = Some(self.seen.parent).filter(|parent| *parent > 0);
        self.process.words = words(self.process.pid);
        Line::Process(self.process.clone())
    }
}

/// The samples of a track that wait to be written. One that is like the one before it is left out.
pub(super) struct Rows<const N: usize> {
    track: String,
    names: [&'static str; N],
    t: Vec<u64>,
    rows: Vec<[u64; N]>,
    /// High-water marks of the first metric, if it has any.
    peaks: Option<Vec<u64>>,
    last: Option<[u64; N]>,
}

impl<const N: usize> Rows<N> {
    pub(super) fn new(track: String, names: [&'static str; N]) -> Self {
        Rows { track, names, t: Vec::new(), rows: Vec::new(), peaks: None, last: None }
    }

    fn with_peaks(self) -> Self {
        Rows { peaks: Some(Vec::new()), ..self }
    }

    pub(super) fn push(&mut self, t: u64, row: [u64; N]) {
        self.push_with_peak(t, row, row[0]);
    }

    fn push_with_peak(&mut self, t: u64, row: [u64; N], peak: u64) {
        if self.last == Some(row) && peak <= row[0] {
            return;
        }
        self.last = Some(row);
        self.t.push(t);
        self.rows.push(row);
        self.peaks.iter_mut().for_each(|peaks| peaks.push(peak));
    }

    pub(super) fn take(&mut self) -> Option<Block> {
        if self.t.is_empty() {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        let mut peaks = self.peaks.as_mut().map(std::mem::take);
        let columns = self.names.iter().enumerate().map(|(index, name)| {
            let values = rows.iter().map(|row| row[index]).collect();
            (name.to_string(), Column { values, peaks: peaks.take(), merged: None })
        });
        let columns: BTreeMap<String, Column> = columns.collect();
        Some(Block { track: self.track.clone(), samples: Track { t: std::mem::take(&mut self.t), columns } })
    }
}

/// The words that a process was started with, as far as they fit.
fn words(pid: i32) -> Vec<String> {
    let mut bytes = Vec::new();
    let file = File::open(format!("/proc/{pid}/cmdline"));
    if file.and_then(|file| file.take(WORDS).read_to_end(&mut bytes)).is_err() {
        return Vec::new();
    }
    split(&bytes)
}

fn split(bytes: &[u8]) -> Vec<String> {
    let is_cut = bytes.len() as u64 == WORDS;
    // A program that has replaced its words with a title leaves zeros behind it.
    let whole = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    if whole == 0 {
        return Vec::new();
    }
    let words = bytes[..whole].split(|byte| *byte == 0);
    let mut words: Vec<String> = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    if is_cut && whole == bytes.len() {
        words.iter_mut().last().expect("there is a word").push('…');
    }
    words
}

/// The state of a thread.
fn state_of(thread: i32) -> Option<char> {
    ProcFile::open(format!("/proc/{thread}/stat"))?.read(procfile::stat).map(|stat| stat.state)
}

/// How long after `begin` a moment was; `None` if clearly before it.
fn micros_after(moment: Duration, begin: Duration) -> Option<u64> {
    // The kernel counts in hundredths of a second.
    const EXACT: Duration = Duration::from_millis(10);
    let after = (moment + EXACT).checked_sub(begin)?.saturating_sub(EXACT);
    u64::try_from(after.as_micros()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_as_far_as_they_fit_whatever_bytes_they_are() {
        assert_eq!(split(b"sh\0-c\0a b\0"), ["sh", "-c", "a b"]);
        assert_eq!(split(b"title\0\0\0"), ["title"]);
        assert_eq!(split(b"caf\xe9\0\0x\0"), ["caf\u{fffd}", "", "x"]);
        assert!(split(b"").is_empty() && split(b"\0\0").is_empty());
        let long = split(&[b'a'; WORDS as usize]);
        assert!(long.len() == 1 && long[0].ends_with("a…"), "{long:?}");
    }

    #[test]
    fn a_sample_like_the_one_before_it_is_left_out_and_a_high_water_mark_is_kept() {
        let mut rows = Rows::new("process 0".into(), ["rss", "anon"]).with_peaks();
        for (t, rss, peak) in [(0, 5, 5), (1, 5, 5), (2, 5, 90), (3, 5, 5), (4, 6, 6)] {
            rows.push_with_peak(t, [rss, 1], peak);
        }
        let samples = rows.take().unwrap().samples;
        assert_eq!(samples.t, [0, 2, 4]);
        assert_eq!(samples.columns["rss"].peaks.as_deref(), Some(&[5, 90, 6][..]));
        assert_eq!((&samples.columns["anon"].values[..], rows.take().is_none()), (&[1, 1, 1][..], true));
    }

    #[test]
    fn a_process_that_began_before_the_run_has_no_beginning_in_it() {
        let ms = Duration::from_millis;
        assert_eq!(micros_after(ms(5000), ms(1000)), Some(4_000_000));
        assert_eq!(micros_after(ms(995), ms(1000)), Some(0));
        assert_eq!(micros_after(ms(900), ms(1000)), None);
    }
}
