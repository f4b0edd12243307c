//! A map of many courses in the terminal: a line for each row, deeper where there was more.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Charset, LARGEST, Look, NARROWEST, Palette, color, faint, lines, strong};
use crate::chart::scale::{Axis, amount};
use crate::chart::{Heat, label};

/// The most columns of a label.
const NAME: usize = 20;

/// Draws the map in at most `height` lines of at most `width` columns: a headline, the rows, and the time.
pub(crate) fn draw_heat(
    map: &Heat,
    width: u16,
    height: u16,
    palette: Palette,
    charset: Charset,
) -> Vec<String> {
    let look = Look { palette, charset };
    let (width, height) = (width.min(LARGEST.0), height.min(LARGEST.1));
    if width < NARROWEST || height < 4 {
        return Vec::new();
    }
    let rows = map.folded(usize::from(height) - 2);
    let peak =
        |peak: Option<u64>| peak.map_or_else(|| "not measured".to_owned(), |peak| amount(map.unit, peak));
    let peaks: Vec<String> = rows.iter().map(|row| peak(row.peak())).collect();
    let names = rows.iter().map(|row| label::width(&label::clean(&row.label)));
    let left = names.max().unwrap_or(0).min(NAME) + 3;
    let right = peaks.iter().map(String::len).max().unwrap_or(0) + 1;
    let inner = usize::from(width).saturating_sub(left + right).max(1);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, rows.len() as u16 + 2));
    let title = label::fit(&label::clean(&map.title), width.into(), look.cut());
    buffer.set_string(0, 0, title, Style::new().add_modifier(ratatui::style::Modifier::BOLD));
    let steps: &[char] = match charset {
        Charset::Unicode => &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        Charset::Ascii => &[' ', '.', ':', '-', '=', '+', '*', '%', '#'],
    };
    for (y, (row, peak)) in (1..).zip(rows.iter().zip(&peaks)) {
        let name = label::fit(&label::clean(&row.label), NAME, look.cut());
        let style = if row.stands_out { strong(0) } else { faint() };
        let sign = if row.stands_out { look.choose('▶', '>') } else { ' ' };
        buffer.set_string(0, y, format!("{sign} {name}"), style);
        for x in 0..inner {
            // The cells under this column, by the highest of them.
            let cells = row.cells.len();
            let (from, to) = (x * cells / inner, ((x + 1) * cells).div_ceil(inner));
            let value =
                row.cells.get(from..to.max(from + 1).min(cells)).unwrap_or_default().iter().flatten().max();
            if let Some(&value) = value {
                let step = steps[map.step(value, steps.len() - 1)];
                buffer[((left + x) as u16, y)].set_char(step).set_style(Style::new().fg(color(0)));
            }
        }
        buffer.set_string((left + inner + right - peak.len()) as u16, y, peak, style);
    }
    let (y, times) = (rows.len() as u16 + 1, Axis::of_time(map.span.max(1), inner / 10));
    let mut free = width;
    for (value, name) in times.ticks.iter().rev() {
        let at = left + (times.place(*value) * (inner - 1) as f64).round() as usize;
        let begin = (at - name.len() / 2) as u16;
        if begin + (name.len() as u16) < free {
            buffer.set_string(begin, y, name, faint());
            free = begin;
        }
    }
    lines::of(&buffer, look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::heat::tests::heat;

    #[test]
    fn a_map_has_a_line_for_each_row_as_far_as_there_are_lines() {
        let lines = draw_heat(&heat(6), 60, 20, Palette::Plain, Charset::Ascii);
        assert_eq!(lines.len(), 8);
        assert!(lines[1].starts_with("  rank 0") && lines[1].ends_with("1 B"), "{}", lines[1]);
        assert!(
            lines[6].starts_with("> rank 5") && lines[6].contains('#') && lines[6].ends_with("6 B"),
            "{}",
            lines[6]
        );
        assert!(lines[7].ends_with("3 s"), "{}", lines[7]);
        for (rows, width, height) in [(0, 80, 24), (5000, 80, 12), (3, 40, 4), (1, 39, 3)] {
            let lines = draw_heat(&heat(rows), width, height, Palette::Plain, Charset::Unicode);
            assert!(lines.len() <= height.into(), "{rows} {width} {height}");
        }
    }
}
