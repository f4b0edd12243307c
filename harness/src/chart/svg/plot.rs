//! The plot: grid, levels, curves, and a badge at the end of each curve.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::ink::{FAINT, GRID, curve};
use super::pen::{badge, dots, level, line, run, text};
use super::room::Room;
use super::{CHARACTER, Layout};
use crate::chart::thin;
use crate::chart::{Figure, Ink, Level, label, letter, scale};

/// The most characters of a name in the plot.
const NAME: usize = 30;

/// A curve in units of the picture.
pub(super) struct Trace {
    index: usize,
    ink: Ink,
    /// Where its first column is.
    pub(super) left: i32,
    /// For each unit of the width, where the curve goes.
    pub(super) extents: Vec<Option<Places>>,
    points: Vec<(i32, i32)>,
}

/// Where a curve goes in a column: higher places are smaller numbers.
pub(super) struct Places {
    pub(super) low: i32,
    pub(super) high: i32,
    last: i32,
}

/// Draws the plot.
pub(super) fn draw(figure: &Figure, layout: &Layout, paper: &Paper) {
    text(paper, &FAINT, 12, HPos::Left, (12, layout.top - 20), &label::fit(&figure.axis, 100, '…'));
    draw_grid(layout, paper);

    let inks = figure.inks();
    let traces: Vec<Trace> =
        (0..figure.curves.len()).filter_map(|index| Trace::of(figure, index, inks[index], layout)).collect();
    let mut room = Room::of(&traces, layout);
    draw_levels(figure, layout, &mut room, paper);
    let mut order: Vec<&Trace> = traces.iter().collect();
    // The shortest come last, over the others: they would be lost under a curve that goes on.
    order.sort_by_key(|trace| std::cmp::Reverse(trace.end()));
    for trace in order.iter().filter(|trace| trace.points.len() > 1) {
        run(paper, trace.index, trace.ink, trace.points.clone());
    }
    for trace in &traces {
        let marks = trace.marks(figure, layout).into_iter().map(|(_, at)| at);
        dots(paper, curve(trace.ink.number), marks.chain(trace.points.last().copied()).collect());
    }
    for trace in &traces {
        draw_label(figure, trace, layout, &mut room, paper);
    }
    draw_words(figure, traces.first(), layout, &mut room, paper);
}

/// Draws the lines of the grid, and what they are.
pub(super) fn draw_grid(layout: &Layout, paper: &Paper) {
    let values = layout.values.ticks.iter().map(|(value, name)| (layout.y(*value), name));
    let times = layout.times.ticks.iter().map(|(value, name)| (layout.x(*value), name));
    for (y, _) in values.clone() {
        line(paper, &GRID, 1, vec![(layout.left, y), (layout.right, y)]);
    }
    for (x, _) in times.clone() {
        line(paper, &GRID, 1, vec![(x, layout.bottom), (x, layout.bottom + 5)]);
    }
    for (y, name) in values {
        text(paper, &FAINT, 12, HPos::Right, (layout.left - 6, y), name);
    }
    for (x, name) in times {
        text(paper, &FAINT, 12, HPos::Center, (x, layout.bottom + 14), name);
    }
}

/// Draws the levels, each with its name on its line.
fn draw_levels(figure: &Figure, layout: &Layout, room: &mut Room, paper: &Paper) {
    let mut levels: Vec<_> = figure.levels.iter().collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.value));
    for Level { label, value } in levels {
        let inside = *value as f64 <= layout.values.top;
        let y = layout.y(*value as f64);
        if inside {
            level(paper, vec![(layout.left, y), (layout.right, y)]);
        }
        let arrow = if inside { "" } else { "↑ " };
        // On a phone a long name may be wider than the plot.
        for most in [NAME, 14] {
            let name = label::fit(&label::clean(label), most, '…');
            let name = format!("{arrow}{name}, {}", scale::amount(figure.unit, *value));
            if let Some(at) = room.level(y, label::width(&name) as i32 * CHARACTER, layout) {
                text(paper, &FAINT, 12, HPos::Left, at, &name);
                break;
            }
        }
    }
}

/// Draws a curve's letter at its peak or plateau, and its name if there's room.
fn draw_label(figure: &Figure, trace: &Trace, layout: &Layout, room: &mut Room, paper: &Paper) {
    let most = if layout.is_narrow() { 18 } else { NAME };
    let name = label::fit(&label::clean(&figure.curves[trace.index].label), most, '…');
    let width = label::width(&name) as i32 * CHARACTER + 20;
    let Some((x, y, is_named)) = room.label(trace, width) else { return };
    badge(paper, curve(trace.ink.number), 7, (x, y), letter(trace.index));
    if is_named {
        text(paper, curve(trace.ink.number), 12, HPos::Left, (x + 11, y), &name);
    }
}

/// Writes at the first curve what happens there, if there's room for it.
fn draw_words(figure: &Figure, trace: Option<&Trace>, layout: &Layout, room: &mut Room, paper: &Paper) {
    let (names, _) = figure.phases();
    for (name, at) in trace.map(|trace| trace.marks(figure, layout)).into_iter().flatten() {
        let word = label::fit(&label::clean(name), NAME, '…');
        if !names.contains(&name) {
            continue;
        }
        if let Some(at) = room.word(at, &word) {
            text(paper, &FAINT, 12, HPos::Left, at, &word);
        }
    }
}

impl Trace {
    fn of(figure: &Figure, index: usize, ink: Ink, layout: &Layout) -> Option<Self> {
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
    fn end(&self) -> Option<usize> {
        self.extents.iter().rposition(Option::is_some)
    }

    /// The names of the phases that begin on the curve, and where. Those on one another are there once, for a program
    /// may make any number of marks.
    fn marks<'a>(&self, figure: &'a Figure, layout: &Layout) -> Vec<(&'a str, (i32, i32))> {
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
