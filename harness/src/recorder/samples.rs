//! Samples of one track that wait to be written.

use crate::model::record::{Block, Column, Track};

/// A metric of a track: its name, and where it is read from.
pub(super) type Metric = (&'static str, String);

/// Samples of one track that wait to be written.
pub(super) struct Samples {
    track: &'static str,
    metrics: Vec<Metric>,
    t: Vec<u64>,
    rows: Vec<Vec<u64>>,
}

impl Samples {
    pub(super) fn new(track: &'static str, metrics: Vec<Metric>) -> Self {
        Samples { track, metrics, t: Vec::new(), rows: Vec::new() }
    }

    /// The names of the metrics and where they are read from, for the header.
    pub(super) fn sources(&self) -> impl Iterator<Item = (String, String)> {
        self.metrics.iter().map(|(name, source)| ((*name).to_owned(), source.clone()))
    }

    /// Adds one sample: a value for each metric.
    pub(super) fn push(&mut self, t: u64, row: &[u64]) {
        debug_assert_eq!(row.len(), self.metrics.len());
        self.t.push(t);
        self.rows.push(row.to_vec());
    }

    /// What was added since the last time; `None` when nothing was.
    pub(super) fn take(&mut self) -> Option<Block> {
        if self.t.is_empty() {
            return None;
        }
        let rows = std::mem::take(&mut self.rows);
        let column = |index: usize| Column(rows.iter().map(|row| row[index]).collect());
        let columns =
            self.metrics.iter().enumerate().map(|(index, (name, _))| ((*name).to_owned(), column(index)));
        let samples = Track { columns: columns.collect(), t: std::mem::take(&mut self.t) };
        Some(Block { track: self.track.to_owned(), samples })
    }
}
