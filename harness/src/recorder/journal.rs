//! The record while it is written: to its file, and to the live record that is drawn meanwhile.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::MAX_SAMPLES;
use crate::model::record::{Block, Header, Line, Record, Writer};

/// How often the record is written: a recorder that is killed loses no more.
const FLUSH: Duration = Duration::from_millis(50);

/// The record while it is written.
pub(super) struct Journal<'a> {
    writer: &'a mut Writer,
    live: &'a Mutex<Option<Record>>,
    /// Lines that wait to be written, in order, after the samples that belong before them.
    waiting: Vec<Line>,
    /// Lines that were written, and aren't yet in the live record.
    unseen: Vec<Line>,
    flushed: Instant,
}

impl<'a> Journal<'a> {
    /// Begins the record with its header.
    pub(super) fn begin(
        writer: &'a mut Writer,
        live: &'a Mutex<Option<Record>>,
        header: Header,
        start: Instant,
    ) -> Result<Self> {
        writer.write(&Line::Header(Box::new(header.clone())))?;
        *live.lock().expect("no thread panics with the record") = Some(Record::new(header));
        Ok(Journal { writer, live, waiting: Vec::new(), unseen: Vec::new(), flushed: start })
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
    pub(super) fn flush(&mut self, blocks: impl Iterator<Item = Block>) -> Result<()> {
        self.flushed = Instant::now();
        let waiting = std::mem::take(&mut self.waiting);
        for line in blocks.map(Line::Samples).chain(waiting) {
            self.put(line)?;
        }
        Ok(())
    }

    /// Writes one line.
    pub(super) fn put(&mut self, line: Line) -> Result<()> {
        self.writer.write(&line)?;
        self.unseen.push(line);
        // While the record is drawn, new lines wait: the next sample must not.
        let Ok(mut live) = self.live.try_lock() else { return Ok(()) };
        let record = live.as_mut().expect("the journal began it");
        for line in self.unseen.drain(..) {
            record.push(line).map_err(anyhow::Error::msg)?;
        }
        record.thin(MAX_SAMPLES);
        Ok(())
    }
}
