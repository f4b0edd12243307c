//! Stacked memory as SVG: an area for each process or kind, the line of the total, and a lane for each below.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::frame::{Caption, element};
use super::ink::{FAINT, GRID, INK, Ink, PAPER, curve};
use super::pen::{badge, band, line, text, total};
use super::plot::draw_grid;
use super::trace::add;
use super::{CHARACTER, Layout, NARROW, WIDTH, draw_headline, headline, is_narrow, lanes, phases};
use crate::chart::scale::{Axis, amount, seconds};
use crate::chart::stack::{BANDS, edges};
use crate::chart::{Band, Figure, Stack, Who, label, letter, thin};
use crate::model::metric::Unit;

/// A band that is somewhere at least so high has its letter there.
const ROOM: i32 = 18;

/// How far from the right edge the column with the most that each had ends.
const MOST: i32 = 72;

/// Draws the stack as one `<svg>` element, in the colours and with the attributes of [`draw`](super::draw).
///
/// Areas have the class `lab-band` and their number from the bottom as `data-band`; the line of the total has the
/// class `lab-curve`.
pub fn draw(stack: &Stack, prefix: &str) -> String {
    draw_in(stack, prefix, WIDTH)
}

/// Draws the stack as [`draw`] does, for a phone.
pub fn draw_narrow(stack: &Stack, prefix: &str) -> String {
    draw_in(stack, prefix, NARROW)
}

fn draw_in(stack: &Stack, prefix: &str, width: i32) -> String {
    let figure = Figure {
        title: stack.title.clone(),
        axis: String::new(),
        unit: Unit::Bytes,
        curves: vec![stack.total.clone()],
        levels: Vec::new(),
        in_own_time: false,
    };
    let phases = phases::set(&figure, width);
    let times = Axis::of_time(stack.span, if is_narrow(width) { 5 } else { 8 });
    let axes = (times, Axis::of_values(Unit::Bytes, stack.highest(), 6));
    let widest = stack.bands.iter().map(|band| label::width(&band.label())).max().unwrap_or(0);
    let title = headline(&stack.title, width);
    let layout =
        Layout::with_axes(axes, (widest, stack.bands.len()), title.len(), phases::height(&phases), width);
    let caption = Caption {
        title: &stack.title,
        description: description(stack),
        inks: BANDS + 1,
        data: layout.data(),
        size: (width, layout.height),
    };
    element(&caption, prefix, |paper| {
        draw_headline(&title, paper);
        draw_grid(&layout, paper);
        draw_bands(stack, &layout, paper);
        draw_total(stack, &layout, paper);
        draw_marks(&figure, &layout, paper);
        draw_lanes(stack, &layout, paper);
        phases::draw(&phases, layout.foot, paper);
    })
}

/// The stack in words.
fn description(stack: &Stack) -> String {
    let bands =
        stack.bands.iter().enumerate().map(|(index, band)| format!("{} {}.", letter(index), band.sentence()));
    let (peak, _) = stack.total.summary(Unit::Bytes);
    bands.chain([format!("The total of the run: peak {peak}.")]).collect::<Vec<_>>().join(" ")
}

fn ink(index: usize, band: &Band) -> &'static Ink {
    curve(match band.who {
        Who::Others => BANDS,
        Who::Kind(colour) => colour,
        Who::One(_) | Who::InTurn(_) => index,
    })
}

fn draw_bands(stack: &Stack, layout: &Layout, paper: &Paper) {
    let columns = stack.columns((layout.right - layout.left) as usize);
    let nothing = vec![0; stack.bands.len()];
    let all: Vec<Vec<(u64, u64)>> =
        columns.iter().map(|bands| edges(bands.as_ref().unwrap_or(&nothing))).collect();
    let mut letters = Vec::new();
    for (index, drawn) in stack.bands.iter().enumerate() {
        let edge = |of: fn(&(u64, u64)) -> u64| {
            let mut points = Vec::new();
            for (x, edges) in (layout.left..).zip(&all) {
                let y = layout.y(of(&edges[index]) as f64);
                add(&mut points, (x, y));
                add(&mut points, (x + 1, y));
            }
            points
        };
        let (bottom, top) = (edge(|edge| edge.0), edge(|edge| edge.1));
        let area = top.iter().copied().chain(bottom.into_iter().rev()).collect();
        band(paper, index, ink(index, drawn), area);
        // Neighbours stay apart for those who don't see their colours.
        line(paper, &PAPER, 1, top);
        letters.extend(widest(index, &all, layout).map(|at| (index, drawn, at)));
    }
    for (index, drawn, at) in letters {
        badge(paper, ink(index, drawn), 7, at, letter(index));
    }
}

/// The middle of the longest stretch in which a band is so high that there's room for its letter.
fn widest(index: usize, all: &[Vec<(u64, u64)>], layout: &Layout) -> Option<(i32, i32)> {
    let heights = all.iter().map(|edges| {
        let [bottom, top] = [edges[index].0, edges[index].1].map(|value| layout.y(value as f64));
        (bottom - top >= ROOM, (bottom + top) / 2)
    });
    let places: Vec<(i32, (bool, i32))> = (layout.left..).zip(heights).collect();
    let stretches = places.chunk_by(|one, next| one.1.0 == next.1.0).filter(|stretch| stretch[0].1.0);
    let longest =
        stretches.max_by_key(|stretch| stretch.len()).filter(|stretch| stretch.len() >= ROOM as usize)?;
    let (x, (_, y)) = longest[longest.len() / 2];
    Some((x, y))
}

fn draw_total(stack: &Stack, layout: &Layout, paper: &Paper) {
    let extents = thin::thin(&stack.total, stack.span, (layout.right - layout.left) as usize);
    let mut points = Vec::new();
    for (x, extent) in (layout.left..).zip(&extents) {
        let Some(extent) = extent else { continue };
        let y = layout.y(extent.high as f64);
        add(&mut points, (x, y));
        add(&mut points, (x + 1, y));
    }
    let Some(peak) = stack.total.peak.filter(|_| points.len() > 1) else { return };
    total(paper, points);
    let peak_text = amount(Unit::Bytes, peak);
    if layout.is_narrow() {
        let words = format!("all of the run: {peak_text}");
        text(paper, &INK, 11, HPos::Left, (12, head(layout)), &words);
        return;
    }
    let (x, y) = (layout.right + 8, layout.y(peak as f64));
    text(paper, &INK, 11, HPos::Left, (x, y), "all of the run");
    text(paper, &FAINT, 11, HPos::Left, (x, y + 13), &peak_text);
}

/// Draws a line with its number where a phase begins; where numbers would touch, the first has one.
fn draw_marks(figure: &Figure, layout: &Layout, paper: &Paper) {
    let (names, _) = figure.phases();
    let mut free = i32::MIN;
    for mark in figure.curves[0].marks {
        let x = layout.x(mark.t as f64);
        let number = (1..).zip(&names).find(|(_, name)| **name == mark.name);
        let digit = number.and_then(|(number, _)| char::from_digit(number, 10));
        if let Some(digit) = digit.filter(|_| x >= free) {
            line(paper, &GRID, 1, vec![(x, layout.top), (x, layout.bottom)]);
            badge(paper, &FAINT, 6, (x, layout.top - 6), digit);
            free = x + 2 * CHARACTER;
        }
    }
}

/// How high the heads of the columns are.
fn head(layout: &Layout) -> i32 {
    layout.lanes - 17
}

/// Draws a lane for each band: its name, what it took, and when each process was followed.
fn draw_lanes(stack: &Stack, layout: &Layout, paper: &Paper) {
    let (most, processor) = (layout.width - MOST, layout.width - 8);
    text(paper, &FAINT, 11, HPos::Right, (most, head(layout)), "most");
    if stack.bands.iter().any(|band| band.cpu.is_some()) {
        text(paper, &FAINT, 11, HPos::Right, (processor, head(layout)), "processor");
    }
    for (index, band) in stack.bands.iter().enumerate() {
        let (y, ink) = (layout.lanes + index as i32 * lanes::step(layout.width), ink(index, band));
        let name = label::fit(&band.label(), lanes::name(layout), '…');
        badge(paper, ink, 7, (12, y), letter(index));
        text(paper, &INK, 12, HPos::Left, (24, y), &name);
        text(paper, &INK, 12, HPos::Right, (most, y), &amount(Unit::Bytes, band.peak));
        if let Some(cpu) = band.cpu {
            text(paper, &INK, 12, HPos::Right, (processor, y), &seconds(cpu));
        }
        draw_life(band, ink, y + lanes::below(layout), layout, paper);
    }
}

/// Draws when each process of a band was followed, and the signal that ended it.
fn draw_life(band: &Band, ink: &Ink, y: i32, layout: &Layout, paper: &Paper) {
    let mut lines: Vec<(i32, i32)> = Vec::new();
    for life in &band.lives {
        let [begin, end] = [life.begin, life.end].map(|t| layout.x(t as f64));
        match lines.last_mut() {
            // A gap that nobody could see isn't drawn, for there may be hundreds.
            Some(before) if begin - before.1 < 2 => before.1 = end.max(before.1),
            _ => lines.push((begin, end)),
        }
    }
    let killed = band.lives.iter().rfind(|life| life.is_killed);
    if let (Some(life), Some(last)) = (killed, lines.last_mut()) {
        let (end, width) = (layout.x(life.end as f64), label::width(&life.fate) as i32 * CHARACTER + 12);
        let (side, x) =
            if end + width <= layout.right { (HPos::Left, end + 6) } else { (HPos::Right, end - 6) };
        if end + width > layout.right {
            last.1 = (end - width).clamp(last.0, last.1);
        }
        line(paper, &INK, 2, vec![(end, y - 6), (end, y + 6)]);
        text(paper, &INK, 11, side, (x, y), &life.fate);
    }
    for (begin, end) in lines {
        line(paper, ink, 3, vec![(begin, y), (end, y)]);
    }
}
