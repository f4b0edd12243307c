//! Samples of one source, waiting to be written.

use std::collections::BTreeMap;

use super::source::{Column, Row};
use crate::model::record::Block;
use crate::model::series::{self, Track};

/// Samples of one source, waiting to be written.
pub(super) struct Samples {
    track: &'static str,
    columns: Vec<(Column, series::Column)>,
    t: Vec<u64>,
}

impl Samples {
    pub(super) fn new(track: &'static str, columns: Vec<Column>) -> Self {
        let empty = |column: &Column| series::Column::empty(column.peaks_from.is_some());
        let columns = columns.into_iter().map(|column| (empty(&column), column));
        Samples { track, columns: columns.map(|(empty, column)| (column, empty)).collect(), t: Vec::new() }
    }

    /// The metrics, and where they're read.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().map(|(column, _)| column)
    }

    /// Adds one sample. A metric that couldn't be read this time keeps the row from being one: then
    /// nothing is added.
    pub(super) fn push(&mut self, t: u64, row: &Row) {
        if self.columns().any(|column| row.get(column.metric).is_none()) {
            return;
        }
        self.t.push(t);
        for (column, samples) in &mut self.columns {
            let (value, peak) = row.get(column.metric).expect("every metric is there");
            samples.values.push(value);
            samples.peaks.iter_mut().for_each(|peaks| peaks.push(peak.unwrap_or(value)));
        }
    }

    /// The samples since the last time; `None` if there are none.
    pub(super) fn take(&mut self) -> Option<Block> {
        if self.t.is_empty() {
            return None;
        }
        let take = |(column, samples): &mut (Column, series::Column)| {
            let empty = series::Column::empty(samples.peaks.is_some());
            (column.metric.name.to_owned(), std::mem::replace(samples, empty))
        };
        let columns: BTreeMap<String, series::Column> = self.columns.iter_mut().map(take).collect();
        Some(Block {
            track: self.track.to_owned(),
            samples: Track { t: std::mem::take(&mut self.t), columns },
        })
    }
}
