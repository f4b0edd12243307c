//! The names of the numbered phases, in lines at the foot of the picture.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::ink::{FAINT, INK};
use super::pen::{badge, text};
use super::{CHARACTER, is_narrow};
use crate::chart::{Figure, label};

/// From one line to the next.
const LINE: i32 = 18;

/// The name of a phase, and where it stands.
pub(super) struct Phase {
    x: i32,
    line: i32,
    number: Option<char>,
    name: String,
}

/// Sets the names of the phases one after another, in as many lines as they need.
pub(super) fn set(figure: &Figure, width: i32) -> Vec<Phase> {
    let (names, more) = figure.phases();
    let most = if is_narrow(width) { 36 } else { 40 };
    let numbers = (1..).map(|number| char::from_digit(number, 10));
    let named = numbers.zip(names.into_iter().map(|name| label::fit(&label::clean(name), most, '…')));
    let more = (more > 0).then(|| (None, format!("and {more} more phases")));
    let (mut x, mut line) = (12, 0);
    named
        .chain(more)
        .map(|(number, name)| {
            let own = label::width(&name) as i32 * CHARACTER + 32;
            if x > 12 && x + own > width {
                (x, line) = (12, line + 1);
            }
            x += own;
            Phase { x: x - own, line, number, name }
        })
        .collect()
}

/// The height that they take.
pub(super) fn height(phases: &[Phase]) -> i32 {
    phases.last().map_or(0, |last| (last.line + 1) * LINE + 6)
}

/// Draws them, the first line level with `top`.
pub(super) fn draw(phases: &[Phase], top: i32, paper: &Paper) {
    for phase in phases {
        let y = top + phase.line * LINE;
        if let Some(number) = phase.number {
            badge(paper, &FAINT, 6, (phase.x, y), number);
        }
        text(paper, &INK, 12, HPos::Left, (phase.x + 11, y), &phase.name);
    }
}
