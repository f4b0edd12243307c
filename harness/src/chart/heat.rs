//! Many courses at once, as a map: a row for each, in a colour that's deeper where the value is higher.

use super::label;
use super::scale::{amount, seconds};
use crate::model::metric::Unit;

/// The picture: a row for each rank of a job, on one axis of time.
#[derive(Debug, Clone)]
pub(crate) struct Heat {
    /// The headline.
    pub(crate) title: String,
    /// What the values count.
    pub(crate) unit: Unit,
    /// The rows, from the top.
    pub(crate) rows: Vec<HeatRow>,
    /// The end of the axis, in microseconds.
    pub(crate) span: u64,
    /// A moment that is worth a line, such as a mark that all have made together.
    pub(crate) moment: Option<(u64, String)>,
}

/// One row, or several in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeatRow {
    /// What it is of.
    pub(crate) label: String,
    /// The highest value in each of equal parts of the time; as many in each row.
    pub(crate) cells: Vec<Option<u64>>,
    /// Whether it is the one to look at first.
    pub(crate) stands_out: bool,
}

impl Heat {
    /// The highest value.
    pub(super) fn highest(&self) -> u64 {
        self.rows.iter().filter_map(HeatRow::peak).max().unwrap_or(0)
    }

    /// The same in at most so many rows: each stands for some that are next to each other, by the highest of them.
    pub(super) fn folded(&self, most: usize) -> Vec<HeatRow> {
        let together = self.rows.len().div_ceil(most.max(1)).max(1);
        self.rows.chunks(together).map(HeatRow::of).collect()
    }

    /// How deep a value is in so many steps; 0 if there was nothing.
    pub(super) fn step(&self, value: u64, steps: usize) -> usize {
        let part = value as f64 / self.highest().max(1) as f64;
        ((part * steps as f64).ceil() as usize).min(steps)
    }

    /// The map as sentences.
    pub(crate) fn sentences(&self, most: usize) -> Vec<String> {
        let row = |row: &HeatRow| {
            let name = label::clean(&row.label);
            match row.peak() {
                Some(peak) => format!("{name}: at most {}.", amount(self.unit, peak)),
                None => format!("{name}: not measured."),
            }
        };
        let title = format!("{}, over {}.", label::clean(&self.title), seconds(self.span));
        std::iter::once(title).chain(self.folded(most).iter().map(row)).collect()
    }
}

impl HeatRow {
    /// Its highest value.
    pub(super) fn peak(&self) -> Option<u64> {
        self.cells.iter().flatten().copied().max()
    }

    /// Rows that are next to each other as one.
    fn of(rows: &[HeatRow]) -> HeatRow {
        let (first, last) = (&rows[0], &rows[rows.len() - 1]);
        if rows.len() == 1 {
            return first.clone();
        }
        let highest = |at: usize| rows.iter().filter_map(|row| row.cells.get(at).copied().flatten()).max();
        HeatRow {
            label: format!("{} to {}", first.label, last.label.trim_start_matches("rank ")),
            cells: (0..first.cells.len()).map(highest).collect(),
            stands_out: rows.iter().any(|row| row.stands_out),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn heat(rows: usize) -> Heat {
        let row = |at: usize| HeatRow {
            label: format!("rank {at}"),
            cells: vec![None, Some(at as u64 + 1), Some(1)],
            stands_out: at == 5,
        };
        Heat {
            title: "a <job>".into(),
            unit: Unit::Bytes,
            rows: (0..rows).map(row).collect(),
            span: 3_000_000,
            moment: Some((1_500_000, "ready".into())),
        }
    }

    #[test]
    fn rows_are_folded_by_their_highest_and_the_one_that_stands_out_is_found() {
        let heat = heat(10);
        let rows = heat.folded(4);
        let labels: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
        assert_eq!(labels, ["rank 0 to 2", "rank 3 to 5", "rank 6 to 8", "rank 9"]);
        assert_eq!(rows[1].cells, [None, Some(6), Some(1)]);
        assert_eq!(rows.iter().map(|row| row.stands_out).collect::<Vec<_>>(), [false, true, false, false]);
        assert_eq!(heat.sentences(99)[1], "rank 0: at most 1 B.");
    }

    #[test]
    fn the_highest_is_the_deepest_and_nothing_has_no_depth() {
        let heat = heat(8);
        assert_eq!((heat.step(0, 8), heat.step(1, 8), heat.step(8, 8), heat.step(9, 8)), (0, 1, 8, 8));
    }
}
