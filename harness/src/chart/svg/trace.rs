//! A curve in units of the picture.

use super::Layout;
use crate::chart::{Figure, Ink, thin};

/// A curve in units of the picture.
pub(super) struct Trace {
    pub(super) index: usize,
    pub(super) ink: Ink,
    /// Where its first column is.
    pub(super) left: i32,
    /// For each unit of the width, where the curve goes.
    pub(super) extents: Vec<Option<Places>>,
    pub(super) points: Vec<(i32, i32)>,
}

/// Where a curve goes in a column: higher places are smaller numbers.
pub(super) struct Places {
    pub(super) low: i32,
    pub(super) high: i32,
    last: i32,
}

impl Trace {
    pub(super) fn of(figure: &Figure, index: usize, ink: Ink, layout: &Layout) -> Option<Self> {
        let columns = (layout.right - layout.left) as usize;
        let curve = &figure.curves[index];
        let extents: Vec<Option<Places>> = thin::thin(curve, figure.span_of(curve), columns)
            .into_iter()
            .map(|extent| {
                let [low, high, last] = extent
                    .map(|extent| [extent.low, extent.high, extent.last])?
                    .map(|value| layout.y(value as f64));
                Some(Places { low, high, last })
            })
            .collect();
        let mut points: Vec<(i32, i32)> = Vec::new();
        for (x, extent) in (layout.left..).zip(&extents) {
            let Some(Places { low, high, last }) = *extent else { continue };
            // The end of the column comes last: from there the line goes on level.
            let (first, second) = if last == high { (low, high) } else { (high, low) };
            for y in [first, second, last] {
                add(&mut points, (x, y));
            }
        }
        let &(_, y) = points.last()?;
        add(&mut points, (layout.x(figure.moment(curve, curve.last())), y));
        Some(Trace { index, ink, left: layout.left, extents, points })
    }

    /// The last column in which it is known.
    pub(super) fn end(&self) -> Option<usize> {
        self.extents.iter().rposition(Option::is_some)
    }

    /// The names of the phases that begin on the curve, and where. Those on one another are there once, for a program
    /// may make any number of marks.
    pub(super) fn marks<'a>(&self, figure: &'a Figure, layout: &Layout) -> Vec<(&'a str, (i32, i32))> {
        let mut marks: Vec<(&str, (i32, i32))> = Vec::new();
        let curve = &figure.curves[self.index];
        for mark in curve.marks {
            let column = thin::column(mark.t, figure.span_of(curve), self.extents.len());
            let Some(places) = &self.extents[column] else { continue };
            let at = (layout.x(figure.moment(curve, mark.t)), places.last);
            if marks.last().is_none_or(|last| last.1 != at) {
                marks.push((&mark.name, at));
            }
        }
        marks
    }
}

/// Adds a point to a line, or moves its last one, where the two go the same way.
pub(super) fn add(points: &mut Vec<(i32, i32)>, point: (i32, i32)) {
    match points[..] {
        [.., last] if last == point => {}
        [.., before, last] if before.1 == last.1 && last.1 == point.1 => {
            points.pop();
            points.push(point);
        }
        _ => points.push(point),
    }
}
