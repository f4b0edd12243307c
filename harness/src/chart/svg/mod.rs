//! Figures as SVG: a file that is legible alone, and that can be put into a page as it is.
//!
//! The upper part is the plot. Below it each run has a lane on the same time axis, with its name,
//! its phases and its end: a run of 50 ms beside one of 900 ms is a few pixels wide, and runs that
//! need the same memory lie on one another, but in the lanes each of them is found.

mod frame;
mod lanes;
mod phases;
mod plot;
pub mod points;
mod style;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};

use super::scale::Axis;
use super::{Figure, label};

/// The width of the picture; it scales, so this only sets the size of text beside that of lines.
const WIDTH: i32 = 760;

/// The width that is reckoned for a character: the reader's font is not known.
const CHARACTER: i32 = 7;

/// The paper that a figure is drawn on.
type Paper<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Where things are, in units of the picture.
struct Layout {
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
/// `--lab-7` for curves, and `--lab-ink`, `--lab-faint`, `--lab-grid` and `--lab-paper`; a file
/// alone follows the reader's choice of light or dark.
pub fn draw(figure: &Figure, prefix: &str) -> String {
    let phases = phases::set(figure);
    let layout = Layout::of(figure, phases::height(&phases));
    let mut drawing = String::new();
    let paper =
        SVGBackend::with_string(&mut drawing, (WIDTH as u32, layout.height as u32)).into_drawing_area();
    let runs = plot::draw(figure, &layout, &paper);
    lanes::draw(figure, &layout, &paper);
    phases::draw(&phases, layout.foot, &paper);
    paper.present().expect("a string takes everything");
    drop(paper);
    frame::around(&drawing, &runs, figure, prefix, &layout)
}

impl Layout {
    /// A layout with so much room for the phases at its foot.
    fn of(figure: &Figure, phases: i32) -> Self {
        let names = figure.curves.iter().map(|curve| label::width(&label::clean(&curve.label)));
        let widest = names.max().unwrap_or(0).min(lanes::NAME) as i32;
        let (left, right) = ((widest * CHARACTER + 40).max(76), WIDTH - 138);
        let (top, bottom) = (44, 274);
        let lanes = bottom + 50;
        let foot = lanes + figure.curves.len() as i32 * lanes::STEP + 6;
        let values = Axis::of_values(figure.unit, figure.highest(), 6);
        let times = Axis::of_time(figure.span(), 8);
        Layout { left, right, top, bottom, lanes, foot, height: foot + phases, times, values }
    }

    fn x(&self, micros: u64) -> i32 {
        self.left + (self.times.place(micros as f64) * f64::from(self.right - self.left)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        self.bottom - (self.values.place(value) * f64::from(self.bottom - self.top)).round() as i32
    }
}
