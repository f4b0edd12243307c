//! Under the plot: a lane for each run, on the same time axis, and the names of the phases.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::ink::{FAINT, INK, curve};
use super::pen::{badge, lane, line, text};
use super::{CHARACTER, Layout, is_narrow};
use crate::chart::{Figure, Ink, label, letter};

/// From one lane to the next. On a phone, a lane is below its name.
pub(super) fn step(width: i32) -> i32 {
    if is_narrow(width) { 38 } else { 19 }
}

/// How far a lane is below its name.
pub(super) fn below(layout: &Layout) -> i32 {
    if layout.is_narrow() { 16 } else { 0 }
}

/// The most characters of a name.
pub(super) const NAME: usize = 36;

/// So many of them have room.
pub(super) fn name(layout: &Layout) -> usize {
    if layout.is_narrow() { ((layout.width - 184) / CHARACTER) as usize } else { NAME }
}

/// The least distance of two numbers that both can be read.
const APART: i32 = 14;

/// Draws the lanes.
pub(super) fn draw(figure: &Figure, layout: &Layout, paper: &Paper) {
    let head = layout.bottom + 33;
    text(paper, &FAINT, 12, HPos::Right, (layout.width - 62, head), "peak");
    text(paper, &FAINT, 12, HPos::Right, (layout.width - 8, head), "ends");
    text(paper, &FAINT, 12, HPos::Left, (layout.left, head), figure.time_axis());
    for (index, ink) in figure.inks().into_iter().enumerate() {
        draw_lane(figure, index, ink, layout, paper);
    }
}

fn draw_lane(figure: &Figure, index: usize, style: Ink, layout: &Layout, paper: &Paper) {
    let (run, ink) = (&figure.curves[index], curve(style.number));
    let y = layout.lanes + index as i32 * step(layout.width);
    let name = label::fit(&label::clean(&run.label), name(layout), '…');
    badge(paper, ink, 7, (12, y), letter(index));
    text(paper, &INK, 12, HPos::Left, (24, y), &name);
    let (peak, end) = run.summary(figure.unit);
    let peak = if layout.is_narrow() && run.peak.is_none() { "none" } else { &peak };
    text(paper, &INK, 12, HPos::Right, (layout.width - 62, y), peak);
    text(paper, &INK, 12, HPos::Right, (layout.width - 8, y), &end);
    let y = y + below(layout);

    let last = layout.x(figure.moment(run, run.last()));
    lane(paper, style, vec![(layout.left, y), (last, y)]);
    line(paper, ink, 2, vec![(last, y - 6), (last, y + 6)]);
    draw_marks(figure, index, y, layout, paper);
}

/// Draws a number where a phase begins, or a tick where numbers would touch.
fn draw_marks(figure: &Figure, index: usize, y: i32, layout: &Layout, paper: &Paper) {
    let (names, _) = figure.phases();
    let run = &figure.curves[index];
    let at: Vec<i32> = run.marks.iter().map(|mark| layout.x(figure.moment(run, mark.t))).collect();
    // Ticks that fall on one another are drawn once, for a program may make any number of marks.
    let mut ticked = None;
    for (place, (mark, &x)) in run.marks.iter().zip(&at).enumerate() {
        let before = place.checked_sub(1).map(|before| at[before]);
        let alone = before.is_none_or(|before| (x - before).abs() >= APART)
            && at.get(place + 1).is_none_or(|after| (after - x).abs() >= APART);
        let number = (1..).zip(&names).find(|(_, name)| **name == mark.name);
        match number.and_then(|(number, _)| char::from_digit(number, 10)) {
            Some(digit) if alone => {
                badge(paper, &FAINT, 6, (x, y), digit);
            }
            _ if ticked != Some(x) => {
                line(paper, &INK, 1, vec![(x, y - 4), (x, y + 4)]);
                ticked = Some(x);
            }
            _ => {}
        }
    }
}
