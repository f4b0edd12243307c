//! Colours, and the pens that draw with them.

use plotters::prelude::{Circle, PathElement, RGBColor, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoTextStyle};

use super::Paper;

/// A colour with two sides and a custom property that a page may set.
pub(super) struct Ink {
    /// In light surroundings, and for programs that know no custom properties.
    pub(super) light: RGBColor,
    /// In dark surroundings.
    pub(super) dark: RGBColor,
    /// The custom property.
    pub(super) name: &'static str,
    /// The dashes of lines in this colour, as SVG has them; solid where empty.
    pub(super) dash: &'static str,
}

/// Every height of text that is used.
pub(super) const HEIGHTS: [u32; 4] = [10, 11, 12, 15];

/// Text and marks.
pub(super) const INK: Ink = ink(0x222222, 0xE6E6E6, "--lab-ink", "");
/// What stands back: axes, units, levels.
pub(super) const FAINT: Ink = ink(0x666666, 0xA8A8A8, "--lab-faint", "2 3");
/// The lines of the grid.
pub(super) const GRID: Ink = ink(0xE4E4E4, 0x3A3A3A, "--lab-grid", "");
/// The background.
pub(super) const PAPER: Ink = ink(0xFFFFFF, 0x1B1B1B, "--lab-paper", "");

/// Curves: the colours of Okabe and Ito, darkened where white paper needs it, each with its dashes.
pub(super) const CURVES: [Ink; 7] = [
    ink(0xD55E00, 0xF58231, "--lab-1", ""),
    ink(0x0072B2, 0x4BA3E3, "--lab-2", "7 3"),
    ink(0x00805E, 0x2FC49B, "--lab-3", "3 3"),
    ink(0xB97F00, 0xE6B422, "--lab-4", "10 3 2 3"),
    ink(0xB35C8E, 0xDE96C2, "--lab-5", "2 2"),
    ink(0x3A93C8, 0x8FD0F5, "--lab-6", "5 2 1 2 1 2"),
    ink(0x505050, 0xC0C0C0, "--lab-7", "12 5"),
];

/// The ink of a curve.
pub(super) fn curve(index: usize) -> &'static Ink {
    &CURVES[index % CURVES.len()]
}

/// Draws a line through these points.
pub(super) fn line(paper: &Paper, ink: &Ink, width: u32, points: Vec<(i32, i32)>) {
    paper.draw(&PathElement::new(points, ink.light.stroke_width(width))).expect(WRITES);
}

/// Draws a disc.
pub(super) fn disc(paper: &Paper, ink: &Ink, radius: i32, at: (i32, i32)) {
    paper.draw(&Circle::new(at, radius, ink.light.filled())).expect(WRITES);
}

/// Writes a text of this height whose middle is level with `at`; `side` is the side of `at`.
pub(super) fn text(paper: &Paper, ink: &Ink, height: u32, side: HPos, at: (i32, i32), text: &str) {
    let font = ("sans-serif", asked(height)).into_text_style(paper).color(&ink.light);
    paper.draw(&Text::new(text.to_owned(), at, font.pos(Pos::new(side, VPos::Center)))).expect(WRITES);
}

/// Draws a letter or number in a disc.
pub(super) fn badge(paper: &Paper, ink: &Ink, radius: i32, at: (i32, i32), sign: char) {
    disc(paper, ink, radius, at);
    text(paper, &PAPER, radius as u32 + 4, HPos::Center, at, &sign.to_string());
}

/// The height to ask for: the backend writes it divided by 1.24, down to its last digit.
pub(super) fn asked(height: u32) -> u32 {
    (f64::from(height) * 1.24).round() as u32
}

const WRITES: &str = "a string takes everything";

const fn ink(light: u32, dark: u32, name: &'static str, dash: &'static str) -> Ink {
    Ink { light: color(light), dark: color(dark), name, dash }
}

const fn color(rgb: u32) -> RGBColor {
    let [_, red, green, blue] = rgb.to_be_bytes();
    RGBColor(red, green, blue)
}
