//! Figures as SVG: a file that's legible alone, and can go into a page as it is.
//!
//! The upper part is the plot. Below it each run has a lane on the same time axis, with its name, its phases and its
//! end. A run of 50 ms next to one of 900 ms is a few pixels wide, and runs that need the same memory overlap. The
//! lanes still show each of them.

mod backend;
mod frame;
mod heat;
mod ink;
mod lanes;
mod pen;
mod phases;
mod plot;
pub mod points;
mod room;
mod stack;
mod trace;

use plotters::style::text_anchor::HPos;

use self::backend::Paper;
use self::frame::Caption;
use self::ink::INK;
use self::pen::text;
use super::scale::{self, Axis};
use super::{Figure, label, letter};
pub(crate) use heat::draw_heat;
pub use stack::{draw as draw_stack, draw_narrow as draw_stack_narrow};

/// The width of the picture; it scales, so this only sets the size of text relative to that of lines.
const WIDTH: i32 = 760;

/// The width of a picture for a phone, where a unit is about a pixel.
const NARROW: i32 = 340;

/// Whether a picture of this width is one for a phone.
fn is_narrow(width: i32) -> bool {
    width < WIDTH
}

/// The assumed width of a character: the reader's font isn't known.
const CHARACTER: i32 = 7;

/// Where things are, in units of the picture.
struct Layout {
    width: i32,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    /// Where the first lane is.
    lanes: i32,
    /// Where the names of the phases begin.
    foot: i32,
    height: i32,
    times: Axis,
    values: Axis,
}

/// Draws the figure as one `<svg>` element.
///
/// Figures in one page need different `prefix`es, which their ids begin with; only letters, digits,
/// `-` and `_` of it are used. A page sets its colours as the custom properties `--lab-1` to
/// `--lab-7` for curves, and `--lab-ink`, `--lab-faint`, `--lab-grid` and `--lab-paper`. A file
/// alone follows the reader's choice of light or dark.
///
/// Programs find the plot by `data-box`, in units of the picture. Its axes begin at 0 and end at
/// `data-span`, in microseconds or 1 for all of a run, and `data-top` in the unit of the figure. Curves have the class
/// `lab-curve` and the number of their run as `data-run`, and levels have the class `lab-level`.
///
/// book/theme/draw.js draws the same on a page, where a reader changes it; a test holds the two together.
pub fn draw(figure: &Figure, prefix: &str) -> String {
    draw_in(figure, prefix, WIDTH)
}

/// Draws the figure as [`draw`] does, for a phone.
pub fn draw_narrow(figure: &Figure, prefix: &str) -> String {
    draw_in(figure, prefix, NARROW)
}

fn draw_in(figure: &Figure, prefix: &str, width: i32) -> String {
    let phases = phases::set(figure, width);
    let title = headline(&figure.title, width);
    let layout = Layout::of(figure, title.len(), phases::height(&phases), width);
    let caption = Caption {
        title: &figure.title,
        description: description(figure),
        inks: figure.inks().iter().map(|ink| ink.number + 1).max().unwrap_or(0),
        data: layout.data(),
        size: (width, layout.height),
    };
    frame::element(&caption, prefix, |paper| {
        draw_headline(&title, paper);
        plot::draw(figure, &layout, paper);
        lanes::draw(figure, &layout, paper);
        phases::draw(&phases, layout.foot, paper);
    })
}

/// From one line of a headline to the next.
const LINE: i32 = 19;

/// A headline in as many lines as it needs.
fn headline(title: &str, width: i32) -> Vec<String> {
    let most = if is_narrow(width) { (width - 24) / 9 } else { 88 };
    label::wrap(&label::clean(title), most as usize, 3, '…')
}

fn draw_headline(lines: &[String], paper: &Paper) {
    for (y, line) in (20..).step_by(LINE as usize).zip(lines) {
        text(paper, &INK, 15, HPos::Left, (12, y), line);
    }
}

/// The figure in words.
fn description(figure: &Figure) -> String {
    let curves = figure.curves.iter().enumerate().map(|(index, curve)| {
        let (peak, end) = curve.summary(figure.unit);
        format!("{} {}: peak {peak}, ends after {end}.", letter(index), label::clean(&curve.label))
    });
    let levels = figure.levels.iter().map(|level| {
        format!("Line {}: {}.", label::clean(&level.label), scale::amount(figure.unit, level.value))
    });
    curves.chain(levels).collect::<Vec<_>>().join(" ")
}

impl Layout {
    /// A layout with so many lines of a headline, and so much room for the phases at its foot.
    fn of(figure: &Figure, head: usize, phases: i32, width: i32) -> Self {
        let names = figure.curves.iter().map(|curve| label::width(&label::clean(&curve.label)));
        let values = Axis::of_values(figure.unit, figure.highest(), 6);
        let times = figure.times(if is_narrow(width) { 5 } else { 8 });
        let lanes = (names.max().unwrap_or(0), figure.curves.len());
        let layout = Self::with_axes((times, values), lanes, head, phases, width);
        // What the axes are stands in lines of its own.
        Layout {
            top: layout.top + 18,
            bottom: layout.bottom + 18,
            lanes: layout.lanes + 24,
            foot: layout.foot + 24,
            height: layout.height + 24,
            ..layout
        }
    }

    /// A layout with these axes and so many lanes, whose longest name has so many columns.
    fn with_axes(
        (times, values): (Axis, Axis),
        (widest, count): (usize, usize),
        head: usize,
        phases: i32,
        width: i32,
    ) -> Self {
        let widest = widest.min(lanes::NAME) as i32;
        let (left, right) = if is_narrow(width) {
            (values.widest() as i32 * CHARACTER + 16, width - 20)
        } else {
            ((widest * CHARACTER + 40).max(76), width - 138)
        };
        let top = 44 + (head.max(1) as i32 - 1) * LINE;
        let bottom = top + 230;
        let lanes = bottom + 50;
        let foot = lanes + count as i32 * lanes::step(width) + 6;
        Layout { width, left, right, top, bottom, lanes, foot, height: foot + phases, times, values }
    }

    /// The attributes by which programs find the plot and read its axes, each after a space.
    fn data(&self) -> String {
        let Layout { left, top, right, bottom, times, values, .. } = self;
        let (span, highest) = (times.top, values.top);
        format!(" data-box=\"{left} {top} {right} {bottom}\" data-span=\"{span}\" data-top=\"{highest}\"")
    }

    fn is_narrow(&self) -> bool {
        is_narrow(self.width)
    }

    fn x(&self, moment: f64) -> i32 {
        self.left + (self.times.place(moment) * f64::from(self.right - self.left)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        self.bottom - (self.values.place(value) * f64::from(self.bottom - self.top)).round() as i32
    }
}
