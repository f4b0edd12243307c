//! The plot: grid, levels, curves, and a badge at the end of each curve.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::ink::{FAINT, GRID, curve};
use super::pen::{badge, dots, level, line, run, text};
use super::room::Room;
use super::trace::Trace;
use super::{CHARACTER, Layout};
use crate::chart::{Figure, Level, label, letter, scale};

/// The most characters of a name in the plot.
const NAME: usize = 30;

/// Draws the plot.
pub(super) fn draw(figure: &Figure, layout: &Layout, paper: &Paper) {
    text(paper, &FAINT, 12, HPos::Left, (12, layout.top - 20), &label::fit(&figure.axis, 100, '…'));
    draw_grid(layout, paper);

    let inks = figure.inks();
    let traces: Vec<Trace> =
        (0..figure.curves.len()).filter_map(|index| Trace::of(figure, index, inks[index], layout)).collect();
    let mut room = Room::of(&traces, layout);
    draw_levels(figure, layout, &mut room, paper);
    let mut order: Vec<&Trace> = traces.iter().collect();
    // The shortest come last, over the others: they would be lost under a curve that goes on.
    order.sort_by_key(|trace| std::cmp::Reverse(trace.end()));
    for trace in order.iter().filter(|trace| trace.points.len() > 1) {
        run(paper, trace.index, trace.ink, trace.points.clone());
    }
    for trace in &traces {
        let marks = trace.marks(figure, layout).into_iter().map(|(_, at)| at);
        dots(paper, curve(trace.ink.number), marks.chain(trace.points.last().copied()).collect());
    }
    for trace in &traces {
        draw_label(figure, trace, layout, &mut room, paper);
    }
    draw_words(figure, traces.first(), layout, &mut room, paper);
}

/// Draws the lines of the grid, and what they are.
pub(super) fn draw_grid(layout: &Layout, paper: &Paper) {
    let values = layout.values.ticks.iter().map(|(value, name)| (layout.y(*value), name));
    let times = layout.times.ticks.iter().map(|(value, name)| (layout.x(*value), name));
    for (y, _) in values.clone() {
        line(paper, &GRID, 1, vec![(layout.left, y), (layout.right, y)]);
    }
    for (x, _) in times.clone() {
        line(paper, &GRID, 1, vec![(x, layout.bottom), (x, layout.bottom + 5)]);
    }
    for (y, name) in values {
        text(paper, &FAINT, 12, HPos::Right, (layout.left - 6, y), name);
    }
    for (x, name) in times {
        text(paper, &FAINT, 12, HPos::Center, (x, layout.bottom + 14), name);
    }
}

/// Draws the levels, each with its name on its line.
fn draw_levels(figure: &Figure, layout: &Layout, room: &mut Room, paper: &Paper) {
    let mut levels: Vec<_> = figure.levels.iter().collect();
    levels.sort_by_key(|level| std::cmp::Reverse(level.value));
    for Level { label, value } in levels {
        let inside = *value as f64 <= layout.values.top;
        let y = layout.y(*value as f64);
        if inside {
            level(paper, vec![(layout.left, y), (layout.right, y)]);
        }
        let arrow = if inside { "" } else { "↑ " };
        // On a phone a long name may be wider than the plot.
        for most in [NAME, 14] {
            let name = label::fit(&label::clean(label), most, '…');
            let name = format!("{arrow}{name}, {}", scale::amount(figure.unit, *value));
            if let Some(at) = room.level(y, label::width(&name) as i32 * CHARACTER, layout) {
                text(paper, &FAINT, 12, HPos::Left, at, &name);
                break;
            }
        }
    }
}

/// Draws a curve's letter at its peak or plateau, and its name if there's room.
fn draw_label(figure: &Figure, trace: &Trace, layout: &Layout, room: &mut Room, paper: &Paper) {
    let most = if layout.is_narrow() { 18 } else { NAME };
    let name = label::fit(&label::clean(&figure.curves[trace.index].label), most, '…');
    let width = label::width(&name) as i32 * CHARACTER + 20;
    let Some((x, y, is_named)) = room.label(trace, width) else { return };
    badge(paper, curve(trace.ink.number), 7, (x, y), letter(trace.index));
    if is_named {
        text(paper, curve(trace.ink.number), 12, HPos::Left, (x + 11, y), &name);
    }
}

/// Writes at the first curve what happens there, if there's room for it.
fn draw_words(figure: &Figure, trace: Option<&Trace>, layout: &Layout, room: &mut Room, paper: &Paper) {
    let (names, _) = figure.phases();
    for (name, at) in trace.map(|trace| trace.marks(figure, layout)).into_iter().flatten() {
        let word = label::fit(&label::clean(name), NAME, '…');
        if !names.contains(&name) {
            continue;
        }
        if let Some(at) = room.word(at, &word) {
            text(paper, &FAINT, 12, HPos::Left, at, &word);
        }
    }
}
