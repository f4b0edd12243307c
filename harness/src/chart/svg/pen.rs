//! The pens: they draw plotters' shapes, each with an ink.

use plotters::element::{Circle, Drawable, PathElement, PointCollection, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle};
use plotters_backend::DrawingErrorKind;

use super::backend::{Paper, Role, Svg};
use super::ink::{FAINT, Ink, PAPER, curve};

type Point = (i32, i32);

/// Draws a line through these points.
pub(super) fn line(paper: &Paper, ink: &Ink, width: u32, points: Vec<Point>) {
    paper.draw(&path(ink, width, points)).expect(WRITES);
}

/// Draws the curve of the run of this number.
pub(super) fn run(paper: &Paper, index: usize, points: Vec<Point>) {
    paper.draw(&Known { path: path(curve(index), 2, points), role: Role::Curve(index) }).expect(WRITES);
}

/// Draws the line of a level.
pub(super) fn level(paper: &Paper, points: Vec<Point>) {
    paper.draw(&Known { path: path(&FAINT, 1, points), role: Role::Level }).expect(WRITES);
}

/// Draws a disc.
pub(super) fn disc(paper: &Paper, ink: &Ink, radius: i32, at: Point) {
    paper.draw(&Circle::new(at, radius, ink.color().filled())).expect(WRITES);
}

/// Writes a text of this height whose middle is level with `at`; `side` is the side of `at`.
pub(super) fn text(paper: &Paper, ink: &Ink, height: u32, side: HPos, at: Point, text: &str) {
    let color = ink.color();
    let font = ("sans-serif", height).into_text_style(paper).color(&color);
    paper.draw(&Text::new(text, at, font.pos(Pos::new(side, VPos::Center)))).expect(WRITES);
}

/// Draws a letter or number in a disc.
pub(super) fn badge(paper: &Paper, ink: &Ink, radius: i32, at: Point, sign: char) {
    disc(paper, ink, radius, at);
    text(paper, &PAPER, radius as u32 + 4, HPos::Center, at, &sign.to_string());
}

fn path(ink: &Ink, width: u32, points: Vec<Point>) -> PathElement<Point> {
    PathElement::new(points, ink.color().stroke_width(width))
}

/// A line that programs find in the picture by its role.
struct Known {
    path: PathElement<Point>,
    role: Role,
}

impl<'a> PointCollection<'a, Point> for &'a Known {
    type Point = &'a Point;
    type IntoIter = &'a [Point];

    fn point_iter(self) -> Self::IntoIter {
        self.path.point_iter()
    }
}

impl<'a> Drawable<Svg<'a>> for Known {
    fn draw<I: Iterator<Item = Point>>(
        &self,
        points: I,
        svg: &mut Svg<'a>,
        size: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::fmt::Error>> {
        svg.play(self.role);
        self.path.draw(points, svg, size)
    }
}

const WRITES: &str = "a string takes everything";
