//! Under the plot: a lane for each run, on the same time axis, and the names of the phases.

use plotters::style::text_anchor::HPos;

use super::style::{FAINT, INK, PAPER, badge, curve, disc, line, text};
use super::{Layout, Paper, WIDTH};
use crate::chart::{Figure, label, letter};

/// From one lane to the next.
pub(super) const STEP: i32 = 19;

/// The most characters of a name.
pub(super) const NAME: usize = 22;

/// The least distance of two numbers.
const APART: i32 = 14;

/// Draws the lanes and, below them, what the numbers mean.
pub(super) fn draw(figure: &Figure, layout: &Layout, paper: &Paper) {
    let head = layout.lanes - STEP + 2;
    text(paper, &FAINT, 11.0, HPos::Right, (WIDTH - 62, head), "peak");
    text(paper, &FAINT, 11.0, HPos::Right, (WIDTH - 8, head), "ends");
    for index in 0..figure.curves.len() {
        draw_lane(figure, index, layout, paper);
    }
    let mut y = layout.lanes + figure.curves.len() as i32 * STEP + 4;
    for line in &layout.phases {
        text(paper, &INK, 12.0, HPos::Left, (12, y), line);
        y += 17;
    }
}

/// The names of the phases with their numbers, in lines of at most so many characters.
pub(super) fn phases(figure: &Figure, columns: usize) -> Vec<String> {
    let (names, more) = figure.phases();
    let numbered = (1..).zip(names).map(|(number, name)| format!("{number} {}", label::clean(name)));
    let more = (more > 0).then(|| format!("and {more} more phases"));
    label::flow(numbered.chain(more), columns, '…')
}

fn draw_lane(figure: &Figure, index: usize, layout: &Layout, paper: &Paper) {
    let (run, ink) = (&figure.curves[index], curve(index));
    let y = layout.lanes + index as i32 * STEP;
    let name = label::fit(&label::clean(&run.label), NAME, '…');
    badge(paper, ink, 7, (12, y), letter(index));
    text(paper, &INK, 12.0, HPos::Left, (24, y), &name);
    let (peak, end) = run.summary(figure.unit);
    text(paper, &INK, 12.0, HPos::Right, (WIDTH - 62, y), &peak);
    text(paper, &INK, 12.0, HPos::Right, (WIDTH - 8, y), &end);

    let last = layout.x(run.last());
    line(paper, ink, 3, vec![(layout.left, y), (last, y)]);
    line(paper, ink, 2, vec![(last, y - 6), (last, y + 6)]);
    let (names, _) = figure.phases();
    let mut free = i32::MIN;
    for mark in run.marks {
        let x = layout.x(mark.t);
        let number = (1..).zip(&names).find(|(_, name)| **name == mark.name);
        let digit = number.and_then(|(number, _)| char::from_digit(number, 10));
        match digit {
            Some(digit) if x >= free => {
                disc(paper, &PAPER, 8, (x, y));
                badge(paper, &FAINT, 6, (x, y), digit);
                free = x + APART;
            }
            _ => line(paper, ink, 1, vec![(x, y - 5), (x, y + 5)]),
        }
    }
}
