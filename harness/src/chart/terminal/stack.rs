//! Stacked memory as lines of text: each band is filled with its letter, so you can find it without colours too.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::plot::{Grid, draw_axes};
use super::{Charset, HEADLINE, LARGEST, LOWEST, Look, NARROWEST, Palette, faint, lines, strong};
use crate::chart::scale::Axis;
use crate::chart::stack::edges;
use crate::chart::{Stack, Who, label, letter, thin};
use crate::model::metric::Unit;

/// Draws the stack in at most `height` lines of at most `width` columns, under its headline. What the letters mean
/// isn't part of it. Under 40 columns or 9 lines there's no picture.
pub(crate) fn draw(
    stack: &Stack,
    width: u16,
    height: u16,
    palette: Palette,
    charset: Charset,
) -> Vec<String> {
    let look = Look { palette, charset };
    let (width, height) = (width.min(LARGEST.0), height.min(LARGEST.1));
    if width < NARROWEST || height < LOWEST {
        return Vec::new();
    }
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    // A low picture has no room for more than a line.
    let most = if height > LOWEST + 2 { HEADLINE } else { 1 };
    let title = label::wrap(&label::clean(&stack.title), width.into(), most, look.cut());
    for (y, line) in (0..).zip(&title) {
        buffer.set_string(0, y, line, Style::new().add_modifier(Modifier::BOLD));
    }
    let head = title.len() as u16;
    let area = Rect::new(0, head, width, height - head);
    let top = (Unit::Bytes, stack.highest());
    let (grid, values) =
        draw_axes(top, |count| Axis::of_time(stack.span, count), (1, 1), area, &mut buffer, look);
    draw_bands(stack, &values, &grid, &mut buffer);
    draw_total(stack, &values, &grid, &mut buffer, look);
    lines::of(&buffer, look)
}

/// Fills each cell with the letter of the band that covers its middle.
fn draw_bands(stack: &Stack, axis: &Axis, grid: &Grid, buffer: &mut Buffer) {
    let height = f64::from(grid.area.height);
    for (x, column) in (grid.area.x..).zip(stack.columns(grid.area.width.into())) {
        let edges = edges(&column.unwrap_or_default());
        for y in 0..grid.area.height {
            let middle = (height - f64::from(y) - 0.5) / height;
            let place = |value: u64| axis.place(value as f64);
            let covers = |&(bottom, top): &(u64, u64)| place(bottom) <= middle && middle < place(top);
            if let Some(index) = edges.iter().position(covers) {
                let style = if stack.bands[index].who == Who::Others { faint() } else { strong(index) };
                buffer[(x, grid.area.y + y)].set_char(letter(index)).set_style(style);
            }
        }
    }
}

/// Draws the line of the total, if it's above the bands or between them.
fn draw_total(stack: &Stack, axis: &Axis, grid: &Grid, buffer: &mut Buffer, look: Look) {
    let extents = thin::thin(&stack.total, stack.span, grid.area.width.into());
    for (x, extent) in extents.iter().enumerate() {
        let Some(extent) = extent else { continue };
        let [top, bottom] = [extent.high, extent.low].map(|value| grid.row(axis, value as f64));
        for row in top..=bottom {
            let at = grid.cell(x, row);
            if row == top || buffer[at].symbol() == " " {
                let sign = if row == top { look.choose('─', '-') } else { look.choose('│', '|') };
                buffer[at].set_char(sign).set_style(faint());
            }
        }
    }
}
