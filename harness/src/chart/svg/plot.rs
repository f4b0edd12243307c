//! The plot: grid, levels, curves, and a badge at the end of each curve.

use plotters::style::text_anchor::HPos;

use super::Layout;
use super::backend::Paper;
use super::ink::{FAINT, GRID, INK, curve};
use super::pen::{badge, disc, level, line, run, text};
use crate::chart::thin::{self, Extent};
use crate::chart::{Figure, Level, label, letter, scale};

/// Half of the side of a badge, with the air around it.
const BADGE: i32 = 8;

/// A curve in units of the picture.
struct Trace {
    index: usize,
    /// For each unit of the width, what the curve does there.
    extents: Vec<Option<Extent>>,
    points: Vec<(i32, i32)>,
}

/// Draws the plot.
pub(super) fn draw(figure: &Figure, layout: &Layout, paper: &Paper) {
    draw_grid(layout, paper);
    draw_levels(figure, layout, paper);

    let mut traces: Vec<Trace> =
        (0..figure.curves.len()).map(|index| Trace::of(figure, index, layout)).collect();
    // The shortest come last, over the others: they would be lost under a curve that goes on.
    traces.sort_by_key(|trace| std::cmp::Reverse(trace.extents.iter().flatten().count()));
    for trace in traces.iter().filter(|trace| trace.points.len() > 1) {
        run(paper, trace.index, trace.points.clone());
    }
    for trace in &traces {
        draw_marks(figure, trace, layout, paper);
    }
    draw_ends(&traces, layout, paper);
}

/// Draws the lines of the grid, and what they are.
pub(super) fn draw_grid(layout: &Layout, paper: &Paper) {
    for (value, name) in &layout.values.ticks {
        let y = layout.y(*value);
        line(paper, &GRID, 1, vec![(layout.left, y), (layout.right, y)]);
        text(paper, &FAINT, 12, HPos::Right, (layout.left - 6, y), name);
    }
    for (value, name) in &layout.times.ticks {
        let x = layout.x(*value as u64);
        line(paper, &GRID, 1, vec![(x, layout.bottom), (x, layout.bottom + 5)]);
        text(paper, &FAINT, 12, HPos::Center, (x, layout.bottom + 14), name);
    }
}

/// Draws the levels; their names stand to the right, pushed apart where they would touch.
fn draw_levels(figure: &Figure, layout: &Layout, paper: &Paper) {
    let mut levels: Vec<_> = figure.levels.iter().collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.value));
    let mut free = layout.top - 4;
    for Level { label, value } in levels {
        let inside = *value as f64 <= layout.values.top;
        let y = layout.y(*value as f64);
        if inside {
            level(paper, vec![(layout.left, y), (layout.right, y)]);
        }
        let x = layout.right + 22;
        let at = y.max(free);
        let name = label::fit(&label::clean(label), 16, '…');
        let value = scale::amount(figure.unit, *value);
        text(paper, &INK, 11, HPos::Left, (x, at), &name);
        let arrow = if inside { "" } else { "↑ " };
        text(paper, &FAINT, 11, HPos::Left, (x, at + 13), &format!("{arrow}{value}"));
        free = at + 30;
    }
}

/// Draws a dot where a phase begins.
fn draw_marks(figure: &Figure, trace: &Trace, layout: &Layout, paper: &Paper) {
    let mut before = None;
    for mark in figure.curves[trace.index].marks {
        let column = thin::column(mark.t, figure.span(), trace.extents.len());
        let at = trace.extents[column].map(|extent| (layout.x(mark.t), layout.y(extent.last as f64)));
        // Dots on one another are drawn once, for a program may make any number of marks.
        if let Some(at) = at.filter(|_| at != before) {
            disc(paper, curve(trace.index), 3, at);
            before = Some(at);
        }
    }
}

/// Draws a badge near the end of each curve, and a thin line from the one to the other.
fn draw_ends(traces: &[Trace], layout: &Layout, paper: &Paper) {
    let mut badges = Vec::new();
    for trace in traces {
        let Some(&end) = trace.points.last() else { continue };
        let at = free(end, traces, &badges, layout);
        line(paper, curve(trace.index), 1, vec![end, at]);
        disc(paper, curve(trace.index), 3, end);
        badges.push(at);
    }
    // The badges come after all lines, or a line to a later badge would cross the letter of this one.
    for (trace, &at) in traces.iter().filter(|trace| !trace.points.is_empty()).zip(&badges) {
        badge(paper, curve(trace.index), 7, at, letter(trace.index));
    }
}

/// The place for a badge nearest to `end` that covers neither a curve nor another badge.
fn free(end: (i32, i32), traces: &[Trace], badges: &[(i32, i32)], layout: &Layout) -> (i32, i32) {
    let is_free = |at: &(i32, i32)| {
        at.0 <= layout.right + 12
            && (layout.top - BADGE..=layout.bottom - BADGE).contains(&at.1)
            && badges.iter().all(|other| (other.0 - at.0).abs().max((other.1 - at.1).abs()) >= 2 * BADGE)
            && traces.iter().all(|trace| trace.avoids(*at, layout))
    };
    // To the side is better than up or down: there a badge still shows how high its curve ends.
    let away = |at: &(i32, i32)| at.0 - end.0 + 5 * (at.1 - end.1).abs();
    let near = (12..240).step_by(2).flat_map(|dx| (-10..=10).map(move |dy| (end.0 + dx, end.1 + 6 * dy)));
    near.filter(is_free).min_by_key(away).unwrap_or((end.0 + 12, end.1))
}

impl Trace {
    fn of(figure: &Figure, index: usize, layout: &Layout) -> Self {
        let columns = (layout.right - layout.left) as usize;
        let extents = thin::thin(&figure.curves[index], figure.span(), columns);
        let mut points: Vec<(i32, i32)> = Vec::new();
        for (x, extent) in (layout.left..).zip(&extents) {
            let Some(extent) = extent else { continue };
            let [low, high, last] =
                [extent.low, extent.high, extent.last].map(|value| layout.y(value as f64));
            // The end of the column comes last: from there the line goes on level.
            let (first, second) = if last == high { (low, high) } else { (high, low) };
            for y in [first, second, last] {
                add(&mut points, (x, y));
            }
        }
        if let Some(&(_, y)) = points.last() {
            add(&mut points, (layout.x(figure.curves[index].last()), y));
        }
        Trace { index, extents, points }
    }

    /// Whether a badge at this place would not cover the curve.
    fn avoids(&self, at: (i32, i32), layout: &Layout) -> bool {
        let columns = (at.0 - BADGE - layout.left)..(at.0 + BADGE - layout.left);
        columns.filter_map(|column| *self.extents.get(usize::try_from(column).ok()?)?).all(|extent| {
            layout.y(extent.low as f64) < at.1 - BADGE || layout.y(extent.high as f64) > at.1 + BADGE
        })
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
