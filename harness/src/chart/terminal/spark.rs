//! The smallest picture: one short line for each curve.

use ratatui::buffer::Buffer;

use super::{Charset, Look, strong};
use crate::chart::{Figure, letter, thin};

/// Below this many columns nothing is drawn at all.
const NARROWEST: usize = 16;

/// Draws as many curves as there are lines: the letter, the course, the peak.
pub(super) fn draw(figure: &Figure, buffer: &mut Buffer, look: Look) {
    let (width, height) = (usize::from(buffer.area.width), buffer.area.height);
    if width < NARROWEST {
        return;
    }
    let steps: &[char] = match look.charset {
        Charset::Unicode => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        Charset::Ascii => &['_', '.', ':', '-', '=', '+', '*', '#'],
    };
    let summaries: Vec<_> = figure.curves.iter().map(|curve| curve.summary(figure.unit).0).collect();
    let peaks = summaries.iter().map(String::len).max().unwrap_or(0);
    let columns = width.saturating_sub("a ".len() + 1 + peaks);
    let highest = figure.highest().max(1) as f64;
    for (y, (index, curve)) in (0..height).zip(figure.curves.iter().enumerate()) {
        let course: String = thin::thin(curve, figure.span_of(curve), columns)
            .into_iter()
            .map(|extent| match extent {
                Some(extent) => steps[(extent.high as f64 / highest * 7.0).round().min(7.0) as usize],
                None => ' ',
            })
            .collect();
        let line = format!("{} {course} {:>peaks$}", letter(index), summaries[index]);
        buffer.set_stringn(0, y, line, width, strong(index));
    }
}
