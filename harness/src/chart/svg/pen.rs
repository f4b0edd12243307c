//! The pens: they draw plotters' shapes, each with an ink.

use plotters::element::{Circle, Drawable, PathElement, PointCollection, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle, ShapeStyle};
use plotters_backend::{DrawingBackend, DrawingErrorKind};

use super::backend::{Paper, Role, Svg};
use super::ink::{FAINT, INK, Ink, PAPER, SIGN, curve};
use crate::chart::inks as style;

type Point = (i32, i32);

/// Draws a line through these points.
pub(super) fn line(paper: &Paper, ink: &Ink, width: u32, points: Vec<Point>) {
    paper.draw(&PathElement::new(points, ink.color().stroke_width(width))).expect(WRITES);
}

/// Draws the curve of the run of this number.
pub(super) fn run(paper: &Paper, index: usize, ink: style::Ink, points: Vec<Point>) {
    let (style, role) = (curve(ink.number).color().stroke_width(2), Role::Curve(index, ink.is_twin));
    paper.draw(&Known { points, style, role }).expect(WRITES);
}

/// Draws the lane of a run.
pub(super) fn lane(paper: &Paper, ink: style::Ink, points: Vec<Point>) {
    let (style, role) = (curve(ink.number).color().stroke_width(3), Role::Lane(ink.is_twin));
    paper.draw(&Known { points, style, role }).expect(WRITES);
}

/// Draws the line of a level.
pub(super) fn level(paper: &Paper, points: Vec<Point>) {
    paper.draw(&Known { points, style: FAINT.color().stroke_width(1), role: Role::Level }).expect(WRITES);
}

/// Draws the line of a total.
pub(super) fn total(paper: &Paper, points: Vec<Point>) {
    paper
        .draw(&Known { points, style: INK.color().stroke_width(2), role: Role::Curve(0, false) })
        .expect(WRITES);
}

/// Fills the area of the band of this number.
pub(super) fn band(paper: &Paper, index: usize, ink: &Ink, points: Vec<Point>) {
    paper.draw(&Known { points, style: ink.color().filled(), role: Role::Band(index) }).expect(WRITES);
}

/// So many depths can be told apart.
pub(super) const STEPS: usize = 8;

/// Fills an area of a map, of this depth.
pub(super) fn heat(paper: &Paper, step: usize, points: Vec<Point>) {
    let (style, role) = (curve(0).color().filled(), Role::Heat(step, STEPS));
    paper.draw(&Known { points, style, role }).expect(WRITES);
}

/// Draws small dots, which need fewer words than discs.
pub(super) fn dots(paper: &Paper, ink: &Ink, points: Vec<Point>) {
    paper.draw(&Known { points, style: ink.color().stroke_width(1), role: Role::Dots }).expect(WRITES);
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
    text(paper, &PAPER, SIGN, HPos::Center, at, &sign.to_string());
}

/// A line or an area that programs find in the picture by its role.
struct Known {
    points: Vec<Point>,
    style: ShapeStyle,
    role: Role,
}

impl<'a> PointCollection<'a, Point> for &'a Known {
    type Point = &'a Point;
    type IntoIter = &'a [Point];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl<'a> Drawable<Svg<'a>> for Known {
    fn draw<I: Iterator<Item = Point>>(
        &self,
        points: I,
        svg: &mut Svg<'a>,
        _size: (u32, u32),
    ) -> Result<(), DrawingErrorKind<std::fmt::Error>> {
        svg.play(self.role);
        if self.style.filled {
            svg.fill_polygon(points, &self.style)
        } else {
            svg.draw_path(points, &self.style)
        }
    }
}

const WRITES: &str = "a string takes everything";
