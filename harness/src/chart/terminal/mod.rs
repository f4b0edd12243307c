//! Figures as lines of text.
//!
//! The picture is made in a buffer of ratatui, without a backend, and then turned into text. The
//! caller prints it, or prints it over the one before while the run goes on.

mod heat;
mod legend;
mod lines;
mod plot;
mod spark;
mod stack;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::{Figure, label};
pub(crate) use heat::draw_heat;
pub(crate) use stack::draw as draw_stack;

/// Below this many columns there's no room for axes and names.
const NARROWEST: u16 = 40;

/// Below this many lines there's no room for a plot under a headline and over a legend.
const LOWEST: u16 = 9;

/// Of a headline no more lines are shown.
const HEADLINE: usize = 3;

/// A plot with its axes has so many lines, unless the picture is too low for that.
const PLOT: u16 = 9;

/// The largest picture: more is a mistake in what the terminal said of its size.
const LARGEST: (u16, u16) = (1000, 400);

/// Whether to write colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Palette {
    /// ANSI escapes, in 256 colours that can be read on black and on white.
    Ansi,
    /// No escapes at all. Curves differ by their dots and by the letters at their ends.
    Plain,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// Braille dots and lines of boxes.
    Unicode,
    /// ASCII alone, as under `LANG=C`: each curve is drawn with its own letter.
    Ascii,
}

/// How a picture looks in this terminal.
#[derive(Debug, Clone, Copy)]
struct Look {
    palette: Palette,
    charset: Charset,
}

/// Draws the figure in at most `height` lines of at most `width` columns.
///
/// Under 40 columns or 9 lines there's one short line for each curve instead of a plot. Lines don't end with spaces
/// or line ends. Control characters in names are replaced.
pub fn draw(figure: &Figure, width: u16, height: u16, palette: Palette, charset: Charset) -> Vec<String> {
    let look = Look { palette, charset };
    let (width, height) = (width.min(LARGEST.0), height.min(LARGEST.1));
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    if width < NARROWEST || height < LOWEST {
        spark::draw(figure, &mut buffer, look);
        return lines::of(&buffer, look);
    }
    let mut title = title(figure, width, look);
    if height < LOWEST + 2 {
        title = vec![label::fit(&label::clean(&figure.title), width.into(), look.cut())];
    }
    for (y, line) in (0..).zip(&title) {
        buffer.set_string(0, y, line, Style::new().add_modifier(Modifier::BOLD));
    }
    let head = title.len() as u16;

    // A legend leaves the plot its least height, or half of a low picture, and loses its last lines first.
    let room = height.saturating_sub(head + PLOT).max((height - head) / 2 - 1);
    let mut legend = legend::of(figure, width.into(), look);
    legend::cut(&mut legend, room.into());
    let below = height - legend.len() as u16;
    plot::draw(figure, Rect::new(0, head, width, below - head), &mut buffer, look);
    for (y, entries) in (below..).zip(&legend) {
        for entry in entries {
            buffer.set_string(entry.x as u16, y, &entry.text, entry.style);
        }
    }
    lines::of(&buffer, look)
}

/// The lines in which nothing of the figure is cut, with a plot of the least height.
pub(crate) fn whole(figure: &Figure, width: u16, charset: Charset) -> u16 {
    let look = Look { palette: Palette::Plain, charset };
    let width = width.min(LARGEST.0);
    let lines = title(figure, width, look).len() + legend::of(figure, width.into(), look).len();
    PLOT + u16::try_from(lines).unwrap_or(LARGEST.1)
}

/// The headline, in as many lines as it needs.
fn title(figure: &Figure, width: u16, look: Look) -> Vec<String> {
    label::wrap(&label::clean(&figure.title), width.into(), HEADLINE, look.cut())
}

impl Look {
    /// The sign for a text that was cut.
    fn cut(self) -> char {
        self.choose('…', '~')
    }

    /// One of two signs for the same thing.
    fn choose(self, unicode: char, ascii: char) -> char {
        match self.charset {
            Charset::Unicode => unicode,
            Charset::Ascii => ascii,
        }
    }
}

/// The colour of a curve. They're those of Okabe and Ito, which colour-blind people can distinguish, as
/// near as the 256 colours come to them. They're legible on black and on white.
fn color(index: usize) -> Color {
    const COLORS: [u8; 6] = [166, 32, 35, 172, 169, 74];
    Color::Indexed(COLORS[index % COLORS.len()])
}

/// The style of what belongs to a curve and must be found.
fn strong(index: usize) -> Style {
    Style::new().fg(color(index)).add_modifier(Modifier::BOLD)
}

/// The style of axes and other things that stand back.
fn faint() -> Style {
    Style::new().fg(Color::Indexed(244))
}
