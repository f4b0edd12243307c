//! Where there's room for words in a plot. book/theme/draw.js finds the same places.

use super::trace::Trace;
use super::{CHARACTER, Layout};

/// Half of the height of a line of words, with the air around it.
const HALF: i32 = 8;

/// What a word costs for each column of a curve that it covers; a place costs a 16th of a unit of the picture.
const COVER: i32 = 128;

/// A place is never dearer.
const ANY: i32 = 16_000_000;

/// The occupied places of a plot: curves, which words should leave free, and words, which they must.
pub(super) struct Room<'a> {
    traces: &'a [Trace],
    edges: [i32; 4],
    taken: Vec<[i32; 4]>,
}

/// A place for words, from their left end and the middle of their height, and what it costs in itself.
type Place = (i32, i32, i32);

impl<'a> Room<'a> {
    pub(super) fn of(traces: &'a [Trace], layout: &Layout) -> Self {
        let edges = [layout.left + 2, layout.top - 8, layout.width - 4, layout.bottom - 1];
        Room { traces, edges, taken: Vec::new() }
    }

    /// The place of the name of a level: on its line, at its right end or elsewhere.
    pub(super) fn level(&mut self, y: i32, width: i32, layout: &Layout) -> Option<(i32, i32)> {
        let ends = [layout.right - 4 - width, layout.left + 4, (layout.left + layout.right - width) / 2];
        let places = (0..14).flat_map(|row| {
            ends.into_iter().flat_map(move |x| {
                let side = if x > layout.left + 4 { 0 } else { 96 };
                [(x, y - 9 - 17 * row, 640 * row + side), (x, y + 10 + 17 * row, 640 * row + 160)]
            })
        });
        self.take(places, width, ANY)
    }

    /// The place of a curve's badge, and whether there's room for its name too: at its peak or plateau.
    pub(super) fn label(&mut self, trace: &Trace, width: i32) -> Option<(i32, i32, bool)> {
        let known: Vec<(i32, i32, i32)> = (0..)
            .zip(&trace.extents)
            .filter_map(|(at, extent)| extent.as_ref().map(|extent| (at, extent.low, extent.high)))
            .collect();
        let peak = known.iter().map(|known| known.2).min()?;
        let high: Vec<i32> = known.iter().filter(|known| known.2 < peak + 12).map(|known| known.0).collect();
        let middle = high[high.len() / 2];
        let end = known.last()?.0;
        for (size, most) in [(width, 960), (16, ANY)] {
            let places =
                known.iter().filter(|(at, ..)| at % 4 == 0 || *at == end).flat_map(|&(at, low, y)| {
                    let (x, price) = (trace.left + at, 32 * (y - peak) + (at - middle).abs());
                    [
                        (x - size / 2, y - 12, price),
                        (x - size / 2, low + 13, price + 96),
                        (x + 9, y, price + 48),
                        (x - 9 - size, y, price + 64),
                    ]
                });
            let places: Vec<Place> = places.collect();
            if let Some((x, y)) = self.take(places, size, most) {
                return Some((x + 8, y, size == width));
            }
        }
        None
    }

    /// The place of a word at a point of a curve, only if it's on nothing.
    pub(super) fn word(&mut self, (x, y): (i32, i32), text: &str) -> Option<(i32, i32)> {
        let width = super::label::width(text) as i32 * CHARACTER;
        let places = [
            (x + 6, y - 11, 0),
            (x - 6 - width, y - 11, 16),
            (x + 6, y + 12, 32),
            (x - 6 - width, y + 12, 48),
        ];
        self.take(places, width, 80)
    }

    /// Takes the cheapest of some places, if it costs less than `most`.
    fn take(&mut self, places: impl IntoIterator<Item = Place>, width: i32, most: i32) -> Option<(i32, i32)> {
        let (mut best, mut most) = (None, most);
        for (x, y, price) in places {
            if price >= most {
                continue;
            }
            let Some(covered) = self.covered((x, y), width, (most - price) / COVER + 1) else { continue };
            let cost = price + COVER * covered;
            if cost < most {
                (most, best) = (cost, Some((x, y)));
            }
        }
        if let Some((x, y)) = best {
            self.taken.push([x - 3, y - HALF, x + width + 3, y + HALF]);
        }
        best
    }

    /// How many columns of curves words would cover, counted up to `most`; `None` if they'd be on other words or
    /// outside.
    fn covered(&self, (x, y): (i32, i32), width: i32, most: i32) -> Option<i32> {
        let [left, top, right, bottom] = [x, y - HALF, x + width, y + HALF];
        let edges = self.edges;
        let is_inside = left >= edges[0] && top >= edges[1] && right <= edges[2] && bottom <= edges[3];
        let meets =
            |other: &[i32; 4]| left < other[2] && other[0] < right && top < other[3] && other[1] < bottom;
        if !is_inside || self.taken.iter().any(meets) {
            return None;
        }
        let mut covered = 0;
        for trace in self.traces {
            let from = (left - 2 - trace.left).max(0) as usize;
            let to = (right + 2 - trace.left).clamp(0, trace.extents.len() as i32) as usize;
            let columns = trace.extents.get(from..to).unwrap_or_default().iter().flatten();
            covered += columns.filter(|extent| extent.low > top && extent.high < bottom).count() as i32;
            if covered >= most {
                break;
            }
        }
        Some(covered)
    }
}
