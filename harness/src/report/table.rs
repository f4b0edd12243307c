//! The one writer of tables: columns as wide as their cells, on a screen of any width.

use std::fmt::Write;

use textwrap::core::display_width;

use crate::chart::fit;
use crate::chart::terminal::Charset;
use crate::screen::Screen;

/// One column of a table: its heading, broken into lines if the cells are narrower, and its cells.
#[derive(Clone)]
pub(crate) struct Column {
    heading: Vec<String>,
    cells: Vec<String>,
    side: Side,
    width: usize,
}

/// Where the cells of a column are aligned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
    /// On the left, and cut to what the other columns leave of the screen.
    Filling,
}

/// What stands between two columns.
const GAP: &str = "  ";

/// A filling column keeps this width, even on a screen that is too narrow for the others.
const LEAST: usize = 12;

const STRING: &str = "a string takes all text";

impl Column {
    pub(crate) fn left(heading: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self::new(heading, Side::Left, cells)
    }

    pub(crate) fn right(heading: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self::new(heading, Side::Right, cells)
    }

    /// A column, best the last one, that is cut to what the others leave of the screen.
    pub(crate) fn filling(heading: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self::new(heading, Side::Filling, cells)
    }

    fn new(heading: &str, side: Side, cells: impl IntoIterator<Item = String>) -> Self {
        let cells: Vec<String> = cells.into_iter().collect();
        let words = heading.split(' ').chain(cells.iter().map(String::as_str));
        let width = words.map(display_width).max().unwrap_or(0);
        let options = textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
        let heading = textwrap::wrap(heading, options).into_iter().map(Into::into).collect();
        Column { heading, cells, side, width }
    }

    /// A cell, or nothing, in the width of the column.
    fn padded(&self, cell: Option<&String>, screen: &Screen) -> String {
        let cell = cell.map(String::as_str).unwrap_or_default();
        let pad = " ".repeat(self.width.saturating_sub(display_width(cell)));
        match self.side {
            Side::Left => format!("{cell}{pad}"),
            Side::Right => format!("{pad}{cell}"),
            Side::Filling => {
                fit(cell, self.width, if screen.charset == Charset::Unicode { '…' } else { '~' })
            }
        }
    }
}

/// The columns as a table, whose first one names the rows.
///
/// A table too wide for the screen goes on below, in tables that begin with the first column again.
pub(crate) fn render(mut columns: Vec<Column>, screen: &Screen) -> String {
    if screen.describes {
        return sentences(&columns, screen);
    }
    let room = usize::from(screen.width);
    let total = |columns: &[Column]| columns.iter().map(|column| column.width + GAP.len()).sum::<usize>();
    let others =
        total(&columns.iter().filter(|column| column.side != Side::Filling).cloned().collect::<Vec<_>>());
    for column in columns.iter_mut().filter(|column| column.side == Side::Filling) {
        column.width = column.width.min(room.saturating_sub(others).max(LEAST));
    }
    let names = columns.remove(0);
    let mut text = String::new();
    while !columns.is_empty() {
        let fits = (1..=columns.len()).take_while(|&count| names.width + total(&columns[..count]) <= room);
        // A column that is wider than the screen is still shown, on lines that the terminal breaks.
        let fits = fits.last().unwrap_or(1);
        let shown: Vec<Column> = std::iter::once(names.clone()).chain(columns.drain(..fits)).collect();
        text.push_str(&side_by_side(&shown, screen));
    }
    text
}

/// The columns as a sentence for each row, since speech has no columns.
fn sentences(columns: &[Column], screen: &Screen) -> String {
    let (names, columns) = columns.split_first().expect("a table has a column");
    let sentence = |row: usize| {
        let cell = |column: &Column| format!("{} {}", column.heading.join(" "), column.cells[row]);
        let cells: Vec<String> = columns.iter().map(cell).collect();
        screen.wrapped("", &format!("{}: {}.", names.cells[row], cells.join(", ")))
    };
    (0..names.cells.len()).map(sentence).collect()
}

/// The columns as lines, the headings at the bottom of their space.
fn side_by_side(columns: &[Column], screen: &Screen) -> String {
    let height = columns.iter().map(|column| column.heading.len()).max().unwrap_or(0);
    let line = |cells: Vec<String>| cells.join(GAP).trim_end().to_owned();
    let mut text = String::new();
    for number in 0..height {
        let word = |column: &Column| {
            let above = height - column.heading.len();
            column.padded(number.checked_sub(above).and_then(|number| column.heading.get(number)), screen)
        };
        writeln!(text, "{}", screen.bold(&line(columns.iter().map(word).collect()))).expect(STRING);
    }
    for row in 0..columns[0].cells.len() {
        let cells = columns.iter().map(|column| column.padded(column.cells.get(row), screen));
        writeln!(text, "{}", line(cells.collect())).expect(STRING);
    }
    text
}
