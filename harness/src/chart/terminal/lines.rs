//! A buffer of ratatui as lines of text.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::{Charset, Look, Palette};
use crate::chart::label;

/// The lines of the buffer, without spaces at their ends and without empty lines at its end.
pub(super) fn of(buffer: &Buffer, look: Look) -> Vec<String> {
    let mut lines: Vec<String> = (0..buffer.area.height).map(|y| line(buffer, y, look)).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn line(buffer: &Buffer, y: u16, look: Look) -> String {
    let mut line = String::new();
    let mut ink = Ink::default();
    let mut blanks = 0;
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        // A wide character covers the cell after it too, which holds nothing to be written.
        let width = label::width(cell.symbol()).max(1);
        x += width as u16;
        if cell.symbol() == " " {
            blanks += 1;
            continue;
        }
        line.extend(std::iter::repeat_n(' ', std::mem::take(&mut blanks)));
        let next = Ink { color: cell.fg, bold: cell.modifier.contains(Modifier::BOLD) };
        if look.palette == Palette::Ansi && next != ink {
            next.write(&mut line);
            ink = next;
        }
        if look.charset == Charset::Unicode || cell.symbol().is_ascii() {
            line.push_str(cell.symbol());
        } else {
            line.extend(std::iter::repeat_n('?', width));
        }
    }
    if ink != Ink::default() {
        Ink::default().write(&mut line);
    }
    line
}

/// The colour and weight that the terminal was last set to.
#[derive(Default, Clone, Copy, PartialEq)]
struct Ink {
    color: Color,
    bold: bool,
}

impl Ink {
    /// Appends the escape of console_codes(4) that sets this ink, whatever was set before.
    fn write(self, line: &mut String) {
        line.push_str("\x1b[0");
        if self.bold {
            line.push_str(";1");
        }
        if let Color::Indexed(index) = self.color {
            write!(line, ";38;5;{index}").expect("a string takes everything");
        }
        line.push('m');
    }
}
