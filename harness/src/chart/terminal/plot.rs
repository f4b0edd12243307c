//! The plot itself: axes, curves, and the letters and numbers on them.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Painter, Shape};

use super::{Charset, Look, color, faint, strong};
use crate::chart::scale::Axis;
use crate::chart::{Curve, Figure, letter, thin};
use crate::model::metric::Unit;

/// A curve in dots of the canvas.
struct Trace {
    index: usize,
    /// For each column of dots, its highest and lowest dot, counted from the top.
    rows: Vec<Option<(usize, usize)>>,
    /// For each column of dots, the dot of its last value.
    last: Vec<usize>,
}

/// Where in the buffer the curves are, and how finely they are drawn.
pub(super) struct Grid {
    pub(super) area: Rect,
    /// Dots in a cell, across and down.
    pub(super) dots: (usize, usize),
}

/// Draws the plot with its axes into `area`, which is at least 6 lines high.
pub(super) fn draw(figure: &Figure, area: Rect, buffer: &mut Buffer, look: Look) {
    let dots = match look.charset {
        Charset::Unicode => (2, 4),
        Charset::Ascii => (1, 1),
    };
    let (grid, values) =
        draw_axes((figure.unit, figure.highest()), |count| figure.times(count), dots, area, buffer, look);
    draw_levels(figure, &values, &grid, buffer, look);
    let mut traces: Vec<Trace> = figure
        .curves
        .iter()
        .enumerate()
        .map(|(index, curve)| Trace::of(index, curve, figure.span_of(curve), &values, &grid))
        .collect();
    // The shortest come last, over the others: they would be lost under a curve that goes on.
    traces.sort_by_key(|trace| std::cmp::Reverse(trace.rows.iter().flatten().count()));
    draw_traces(&traces, &grid, buffer, look);
    let letters = traces.iter().filter_map(|trace| draw_letter(trace, &grid, buffer)).collect();
    draw_numbers(figure, &traces, letters, &grid, buffer);
}

/// Draws axes of values up to this, and of times with at most so many steps, into `area`; returns the area between.
pub(super) fn draw_axes(
    (unit, highest): (Unit, u64),
    times: impl Fn(usize) -> Axis,
    dots: (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
    look: Look,
) -> (Grid, Axis) {
    let height = area.height - 2;
    let values = Axis::of_values(unit, highest, usize::from(height / 3).max(3));
    let gutter = values.widest() as u16 + 2;
    // Two columns on the right are for the letter of a curve that lasts to the end.
    let inner = Rect::new(area.x + gutter, area.y, area.width - gutter - 2, height);
    let times = times(usize::from(inner.width / 10));
    let grid = Grid { area: inner, dots };
    draw_values(&values, &grid, buffer, look);
    draw_times(&times, &grid, buffer, look);
    (grid, values)
}

fn draw_values(axis: &Axis, grid: &Grid, buffer: &mut Buffer, look: Look) {
    let x = grid.area.x - 1;
    for y in grid.area.top()..grid.area.bottom() {
        buffer[(x, y)].set_char(look.choose('│', '|')).set_style(faint());
    }
    for (value, text) in &axis.ticks {
        let y = grid.cell(0, grid.row(axis, *value)).y;
        buffer[(x, y)].set_char(look.choose('┤', '+'));
        // Labels end where the numbers end, so the unit of the last one stands out by itself.
        buffer.set_string(x - 1 - text.len() as u16, y, text, faint());
    }
}

fn draw_times(axis: &Axis, grid: &Grid, buffer: &mut Buffer, look: Look) {
    let y = grid.area.bottom();
    for x in grid.area.left()..grid.area.right() {
        buffer[(x, y)].set_char(look.choose('─', '-')).set_style(faint());
    }
    buffer[(grid.area.x - 1, y)].set_char(look.choose('└', '+')).set_style(faint());
    let mut free = grid.area.right() + 2;
    for (value, text) in axis.ticks.iter().rev() {
        let x = grid.area.x + (axis.place(*value) * f64::from(grid.area.width - 1)).round() as u16;
        let width = text.len() as u16;
        let begin = x.saturating_sub(width / 2).min((grid.area.right() + 2).saturating_sub(width));
        if begin + width <= free {
            buffer[(x, y)].set_char(look.choose('┬', '+'));
            buffer.set_string(begin, y + 1, text, faint());
            free = begin.saturating_sub(1);
        }
    }
}

fn draw_levels(figure: &Figure, axis: &Axis, grid: &Grid, buffer: &mut Buffer, look: Look) {
    for level in figure.levels.iter().filter(|level| level.value as f64 <= axis.top) {
        let y = grid.cell(0, grid.row(axis, level.value as f64)).y;
        for x in grid.area.left()..grid.area.right() {
            buffer[(x, y)].set_char(look.choose('╌', '-')).set_style(faint());
        }
    }
}

fn draw_traces(traces: &[Trace], grid: &Grid, buffer: &mut Buffer, look: Look) {
    Canvas::default()
        .marker(Marker::Braille)
        .x_bounds([0.0, 1.0])
        .y_bounds([0.0, 1.0])
        .paint(|canvas| {
            for trace in traces {
                if look.charset == Charset::Ascii {
                    canvas.marker(Marker::Custom(letter(trace.index)));
                }
                canvas.draw(trace);
            }
        })
        .render(grid.area, buffer);
}

/// Puts the letter of a curve behind its end, or at the nearest free cell to the right of it, and
/// says where.
fn draw_letter(trace: &Trace, grid: &Grid, buffer: &mut Buffer) -> Option<Position> {
    let column = trace.rows.iter().rposition(Option::is_some)?;
    let end = grid.cell(column, trace.last[column]);
    let right = grid.area.right() + 1;
    let near = (1..=24u16).flat_map(|dx| (-3..=3i16).map(move |dy| (dx, dy)));
    let free = near
        .filter_map(|(dx, dy)| {
            let at = Position::new(end.x + dx, end.y.checked_add_signed(dy)?);
            let inside = at.x <= right && (grid.area.top()..grid.area.bottom()).contains(&at.y);
            (inside && buffer[at].symbol() == " ").then_some((dx + 4 * dy.unsigned_abs(), at))
        })
        .min_by_key(|(distance, _)| *distance);
    let at = free.map_or(Position::new((end.x + 1).min(right), end.y), |(_, at)| at);
    buffer[at].set_char(letter(trace.index)).set_style(strong(trace.index));
    Some(at)
}

/// Puts the number of each phase on the curves, if it covers no letter and touches no number.
fn draw_numbers(figure: &Figure, traces: &[Trace], letters: Vec<Position>, grid: &Grid, buffer: &mut Buffer) {
    let (names, _) = figure.phases();
    let mut numbers: Vec<Position> = Vec::new();
    for trace in traces {
        let curve = &figure.curves[trace.index];
        for mark in curve.marks {
            let column = thin::column(mark.t, figure.span_of(curve), trace.rows.len());
            let number = (1..).zip(&names).find(|(_, name)| **name == mark.name);
            let (Some((number, _)), Some(_)) = (number, trace.rows[column]) else { continue };
            let at = grid.cell(column, trace.last[column]);
            let touches = |other: &Position| other.y == at.y && other.x.abs_diff(at.x) <= 1;
            if !letters.contains(&at) && !numbers.iter().any(touches) {
                let digit = char::from_digit(number, 10).expect("phases are numbered from 1 to 9");
                buffer[at].set_char(digit).set_style(strong(trace.index));
                numbers.push(at);
            }
        }
    }
}

impl Trace {
    fn of(index: usize, curve: &Curve, span: u64, axis: &Axis, grid: &Grid) -> Self {
        let extents = thin::thin(curve, span, usize::from(grid.area.width) * grid.dots.0);
        let row = |value: u64| grid.row(axis, value as f64);
        let rows = extents.iter().map(|extent| extent.map(|extent| (row(extent.high), row(extent.low))));
        let last = extents.iter().map(|extent| extent.map_or(0, |extent| row(extent.last)));
        Trace { index, rows: rows.collect(), last: last.collect() }
    }

    /// Whether this column of a level piece is drawn: each curve has its own rhythm of dots.
    fn is_on(&self, column: usize) -> bool {
        const RHYTHMS: [&[u8]; 6] =
            [&[1], &[1, 1, 1, 1, 1, 0, 0], &[1, 0], &[1, 1, 1, 0], &[1, 0, 0], &[1, 1, 1, 1, 0, 1, 0]];
        let rhythm = RHYTHMS[self.index % RHYTHMS.len()];
        rhythm[column % rhythm.len()] == 1
    }
}

impl Shape for Trace {
    fn draw(&self, painter: &mut Painter) {
        let color: Color = color(self.index);
        for (x, rows) in self.rows.iter().enumerate() {
            let Some((top, bottom)) = *rows else { continue };
            // A rise is always drawn, and so are both ends: a gap must never hide a peak.
            if top != bottom || self.is_on(x) {
                for y in top..=bottom {
                    painter.paint(x, y, color);
                }
            }
        }
    }
}

impl Grid {
    /// The row of dots of a value, from the top.
    pub(super) fn row(&self, axis: &Axis, value: f64) -> usize {
        let rows = usize::from(self.area.height) * self.dots.1;
        ((1.0 - axis.place(value)) * (rows - 1) as f64).round() as usize
    }

    /// The cell that a dot is in.
    pub(super) fn cell(&self, column: usize, row: usize) -> Position {
        let (x, y) = (column / self.dots.0, row / self.dots.1);
        Position::new(self.area.x + x as u16, self.area.y + y as u16)
    }
}
