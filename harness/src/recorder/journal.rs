//! The record while it's written: to its file, and to the live record that's drawn meanwhile.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::MAX_SAMPLES;
use crate::model::record::{Block, Header, Line, Record, RecordError, Trailer, Writer};

/// How often the record is written: a recorder that is killed loses no more.
const FLUSH: Duration = Duration::from_millis(50);

/// The record while it is written.
///
/// A file that can't be written any more, as on a full disk, shouldn't disturb the program: the live record goes on.
pub(super) struct Journal<'a> {
    writer: Option<Writer>,
    /// Why the file can't be written any more.
    lost: Option<String>,
    live: &'a Mutex<Option<Record>>,
    /// Lines that wait to be written, in order, after the samples that belong before them.
    waiting: Vec<Line>,
    /// Lines that aren't in the live record yet.
    unseen: Vec<Line>,
    flushed: Instant,
}

/// What became of the file of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is whole.
    Whole(PathBuf),
    /// It is whole on this machine, and not where it was to go, and why.
    Elsewhere(PathBuf, String),
    /// It wasn't written, or not to its end, and why. The live record has everything, thinned if it is long.
    Lost(String),
}

impl<'a> Journal<'a> {
    /// Begins the record with its header.
    pub(super) fn begin(
        writer: Result<Writer, String>,
        live: &'a Mutex<Option<Record>>,
        header: Header,
        start: Instant,
    ) -> Self {
        let (writer, lost) = match writer {
            Ok(writer) => (Some(writer), None),
            Err(why) => (None, Some(why)),
        };
        let (waiting, unseen) = (Vec::new(), Vec::new());
        let mut journal = Journal { writer, lost, live, waiting, unseen, flushed: start };
        journal.write(&[Line::Header(Box::new(header.clone()))]);
        *live.lock().expect("no thread panics with the record") = Some(Record::new(header));
        journal
    }

    /// Keeps a line for the next time that something is written.
    pub(super) fn add(&mut self, line: Line) {
        self.waiting.push(line);
    }

    /// Whether it is time to write.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        now.duration_since(self.flushed) >= FLUSH
    }

    /// Writes samples, and then the lines that wait.
    pub(super) fn flush(&mut self, blocks: impl Iterator<Item = Block>) {
        self.flushed = Instant::now();
        let lines: Vec<Line> = blocks.map(Line::Samples).chain(self.waiting.drain(..)).collect();
        self.write(&lines);
        self.unseen.extend(lines);
        // While the record is drawn, new lines wait: the next sample must not.
        if let Ok(mut live) = self.live.try_lock() {
            take_in(&mut live, &mut self.unseen);
        }
    }

    /// Ends the record, with what `diagnose` makes of the whole of it.
    pub(super) fn finish(mut self, mut trailer: Trailer, diagnose: Option<fn(&Record) -> Value>) -> Kept {
        if let Some(diagnose) = diagnose {
            trailer.diagnosis = Some(self.diagnosis(&trailer, diagnose));
        }
        let trailer = [Line::Trailer(Box::new(trailer))];
        self.write(&trailer);
        self.unseen.extend(trailer);
        take_in(&mut self.live.lock().expect("no thread panics with the record"), &mut self.unseen);
        match (self.writer.map(Writer::finish), self.lost) {
            (Some(Ok(path)), _) => Kept::Whole(path),
            (Some(Err(RecordError::Stays { local, path, error })), _) => {
                Kept::Elsewhere(local, format!("{}: {error}", path.display()))
            }
            (Some(Err(error)), _) => Kept::Lost(error.to_string()),
            (None, why) => Kept::Lost(why.unwrap_or_default()),
        }
    }

    /// The diagnosis of the record with this end, which isn't written yet.
    fn diagnosis(&mut self, trailer: &Trailer, diagnose: fn(&Record) -> Value) -> Value {
        let mut live = self.live.lock().expect("no thread panics with the record");
        take_in(&mut live, &mut self.unseen);
        let record = live.as_mut().expect("the journal began it");
        record.trailer = Some(trailer.clone());
        let diagnosis = diagnose(record);
        record.trailer = None;
        diagnosis
    }

    fn write(&mut self, lines: &[Line]) {
        if let Some(writer) = &mut self.writer
            && let Err(error) = writer.write_all(lines)
        {
            (self.writer, self.lost) = (None, Some(error.to_string()));
        }
    }
}

/// Puts lines into the live record.
fn take_in(live: &mut Option<Record>, lines: &mut Vec<Line>) {
    let record = live.as_mut().expect("the journal began it");
    for line in lines.drain(..) {
        record.push(line).expect("the recorder writes lines that fit");
    }
    record.thin(MAX_SAMPLES);
}
