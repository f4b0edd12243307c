//! Makes a long record shorter while it's being written: a day must not fill a disk.
//!
//! The last minutes stay as they are. For older time, each track keeps a bounded number of samples, each for a
//! stretch of time with its extremes: see [`Track::merge`](crate::model::series::Track). A separate thread writes the
//! shorter record next to the long one, which keeps growing meanwhile and is whole at any moment.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use super::file::Reader;
use super::{Line, Record};

/// A shorter record that is being made.
#[derive(Debug)]
pub(super) struct Compaction {
    /// The long record that it is made from, up to this byte.
    long: PathBuf,
    until: u64,
    /// The file of the shorter one, which goes with this if it isn't used.
    short: PathBuf,
    thread: Option<JoinHandle<io::Result<File>>>,
}

/// At least so much of a run stays as it was sampled, in microseconds.
pub(super) const RECENT: u64 = 5 * 60 * 1_000_000;

/// Between so many samples and twice as many are left of older time, in each track.
const STRETCHES: usize = 1 << 10;

impl Compaction {
    /// Begins to make a shorter record in the empty file `short`, from the first `until` bytes of another one.
    /// Samples from `recent` on, in microseconds, stay.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub(super) fn begin(
        long: &Path,
        until: u64,
        recent: u64,
        (file, short): (File, PathBuf),
    ) -> io::Result<Self> {
        let mut begun = Compaction { long: long.to_owned(), until, short, thread: None };
        let long = long.to_owned();
        let shorten = move || shorten(&long, until, recent, &file).map(|()| file);
        begun.thread = Some(thread::Builder::new().name("compaction".into()).spawn(shorten)?);
        Ok(begun)
    }

    /// Whether the shorter record is made, except for lines written meanwhile.
    pub(super) fn is_done(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Adds the lines written meanwhile, replaces the long record with the shorter one, and returns its file with its
    /// length.
    ///
    /// # Errors
    ///
    /// The file's. Then the long one is as it was.
    pub(super) fn take_place(mut self) -> io::Result<(File, u64)> {
        let thread = self.thread.take().ok_or_else(|| io::Error::other("it was never begun"))?;
        let mut file = thread.join().map_err(|_| io::Error::other("the thread has panicked"))??;
        let mut long = File::open(&self.long)?;
        long.seek(SeekFrom::Start(self.until))?;
        io::copy(&mut long, &mut file)?;
        fs::rename(&self.short, &self.long)?;
        let length = file.stream_position()?;
        Ok((file, length))
    }
}

impl Drop for Compaction {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // Where it took the place of the long one, nothing has this name any more.
        let _ = fs::remove_file(&self.short);
    }
}

/// Writes the first `until` bytes of the record `long` with older time merged.
fn shorten(long: &Path, until: u64, recent: u64, short: &File) -> io::Result<()> {
    let damaged = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let failed = |error: super::RecordError| damaged(error.to_string());
    let mut file = File::open(long)?;
    let mut lines = Reader::new(long, BufReader::new(file.try_clone()?.take(until)));
    let Some(Line::Header(header)) = lines.next().map_err(failed)? else {
        return Err(damaged("a record without a header".into()));
    };
    let mut old = Record::new(*header);
    let mut rest = lines.offset();
    while let Some(line) = lines.next().map_err(failed)? {
        // Tracks are written together, so from here on everything is recent.
        if matches!(&line, Line::Samples(block) if block.samples.t.last().is_some_and(|&t| t >= recent)) {
            break;
        }
        rest = lines.offset();
        old.push(line).map_err(damaged)?;
        if lines.is_time_to_thin() {
            old.thin(2 * STRETCHES);
        }
    }
    old.thin(2 * STRETCHES);
    let mut out = BufWriter::new(short);
    for line in old.into_lines() {
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    file.seek(SeekFrom::Start(rest))?;
    io::copy(&mut file.take(until - rest), &mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::example::{header, trailer};
    use super::super::{Block, Mark, Writer};
    use super::*;
    use crate::model::outcome::Outcome;
    use crate::model::record::tests::names;
    use crate::model::series::{Column, Track};

    /// So many samples are written together, one each 10 ms.
    const TOGETHER: u64 = 5;

    fn block(number: u64, high: u64) -> Line {
        let t: Vec<u64> = (0..TOGETHER).map(|sample| (number * TOGETHER + sample) * 10_000).collect();
        let column = Column {
            values: t.iter().map(|t| t % 777).collect(),
            peaks: Some(t.iter().map(|t| t % 777 + high).collect()),
            merged: None,
        };
        let samples = Track { t, columns: BTreeMap::from([("cgroup".into(), column)]) };
        Line::Samples(Block { track: "control_group".into(), samples })
    }

    /// A record of so many blocks, one of which has the highest mark, written to a file.
    fn written(path: &Path, blocks: u64, spike: u64, enough: u64) -> Writer {
        let mut writer = Writer::create(path).unwrap();
        writer.make_shorter_from(enough);
        writer.write(&Line::Header(Box::new(header("broken")))).unwrap();
        for number in 0..blocks {
            writer.write(&block(number, if number == spike { 1 << 40 } else { 0 })).unwrap();
            if number == spike {
                writer.write(&Line::Mark(Mark { t: number * 50_000, name: "spike".into() })).unwrap();
            }
            writer.wait_until_shorter();
        }
        writer
    }

    #[test]
    fn a_long_record_is_bounded_and_keeps_its_peak_its_marks_and_its_last_minutes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        // 4,000 seconds, with a spike at 100 s.
        let mut writer = written(&path, 80_000, 2000, 1 << 20);
        writer.write(&Line::Trailer(Box::new(trailer(Outcome::Exited(0))))).unwrap();
        writer.finish().unwrap();
        assert_eq!(names(folder.path()), ["r.jsonl"]);
        let (record, whole) = (Record::read(&path).unwrap(), 80_000 * TOGETHER);
        let series = record.series("cgroup").unwrap();
        let (at, peak) = series.peak().unwrap();
        assert_eq!(peak >> 40, 1);
        assert!(at.abs_diff(2000 * 50_000) < 10_000_000, "{at}");
        assert_eq!(record.marks.len(), 1);
        assert_eq!(series.t.last(), Some(&((whole - 1) * 10_000)));
        let recent = series.t.iter().filter(|&&t| t > (whole - 1) * 10_000 - RECENT).count();
        assert!(recent as u64 >= RECENT / 10_000, "{recent}");
        assert!(series.t.len() < 100_000, "{} of {whole} samples", series.t.len());
        assert!(series.lows().all(|low| low < 777) && series.sampled_highs().all(|high| high < 777));
    }

    #[test]
    fn a_recorder_that_is_killed_leaves_a_record_that_is_whole_up_to_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let mut writer = written(&path, 40_000, 7, 1 << 18);
        for number in 40_000..44_000 {
            writer.write(&block(number, 0)).unwrap();
            if number % 400 == 0 {
                let record = Record::read(&folder.path().join("r.jsonl.part")).unwrap();
                let series = record.series("cgroup").unwrap();
                assert_eq!(series.t.last(), Some(&(((number + 1) * TOGETHER - 1) * 10_000)));
                assert_eq!(series.peak().unwrap().1 >> 40, 1);
            }
        }
    }

    #[test]
    fn a_record_that_can_not_be_made_shorter_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.jsonl");
        let mut writer = Writer::create(&path).unwrap();
        writer.make_shorter_from(1);
        // Without a header, it isn't a record that could be read.
        (0..100).for_each(|number| writer.write(&block(number, 0)).unwrap());
        writer.finish().unwrap();
        assert_eq!(names(folder.path()), ["r.jsonl"]);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 100);
    }
}
