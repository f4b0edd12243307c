//! A map of many courses as SVG: one ink, deeper where there was more.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::frame::{Caption, element};
use super::ink::{FAINT, INK};
use super::pen::{STEPS, heat, line, text};
use super::{CHARACTER, LINE, WIDTH, draw_headline, headline, label};
use crate::chart::Heat;
use crate::chart::heat::HeatRow;
use crate::chart::scale::{Axis, amount};

/// More rows are folded.
const ROWS: usize = 128;

/// The rows together have about this height, and none is higher or lower than these.
const HEIGHT: i32 = 384;
const ROW: std::ops::RangeInclusive<i32> = 3..=18;

/// The least height between two labels.
const APART: i32 = 12;

/// The most characters of a label.
const NAME: usize = 24;

/// Draws the map as one `<svg>` element, in the colours that [`draw`](super::draw) has. Filled shapes have the class
/// `lab-heat`.
pub(crate) fn draw_heat(map: &Heat, prefix: &str) -> String {
    let rows = map.folded(ROWS);
    let title = headline(&map.title, WIDTH);
    let high = (HEIGHT / rows.len().max(1) as i32).clamp(*ROW.start(), *ROW.end());
    let names = rows.iter().map(|row| label::width(&label::clean(&row.label)).min(NAME));
    let left = names.max().unwrap_or(0) as i32 * CHARACTER + 24;
    let (right, top) = (WIDTH - 86, 40 + (title.len().max(1) as i32 - 1) * LINE);
    let bottom = top + rows.len() as i32 * high;
    let times = Axis::of_time(map.span.max(1), 8);
    let x = |t: f64| left + (times.place(t) * f64::from(right - left)).round() as i32;
    let caption = Caption {
        title: &map.title,
        description: map.sentences(ROWS).split_off(1).join(" "),
        inks: 1,
        data: String::new(),
        size: (WIDTH, bottom + 62),
    };
    element(&caption, prefix, |paper| {
        draw_headline(&title, paper);
        for (value, name) in &times.ticks {
            let x = x(*value);
            line(paper, &FAINT, 1, vec![(x, bottom), (x, bottom + 4)]);
            text(paper, &FAINT, 12, HPos::Center, (x, bottom + 13), name);
        }
        let mut free = top - APART;
        for (y, row) in (top..).step_by(high as usize).zip(&rows) {
            draw_row(map, row, (left, right), (y, y + high), paper);
            let middle = y + high / 2;
            if middle - free >= APART || row.stands_out {
                draw_label(map, row, (left - 8, right + 8), middle, paper);
                free = middle;
            }
        }
        if let Some((t, name)) = &map.moment {
            let x = x(*t as f64);
            line(paper, &INK, 1, vec![(x, top - 3), (x, bottom)]);
            let name = label::fit(&label::clean(name), NAME, '…');
            text(paper, &INK, 11, HPos::Center, (x, top - 9), &name);
        }
        draw_legend(map, (left, bottom + 42), paper);
    })
}

/// Draws the cells of a row, those of one depth that touch as one.
fn draw_row(map: &Heat, row: &HeatRow, (left, right): (i32, i32), (top, bottom): (i32, i32), paper: &Paper) {
    let step = |cell: &Option<u64>| cell.map_or(0, |value| map.step(value, STEPS));
    let x = |at: usize| left + (right - left) * at as i32 / row.cells.len().max(1) as i32;
    let mut at = 0;
    for cells in row.cells.chunk_by(|one, other| step(one) == step(other)) {
        let (from, to) = (x(at), x(at + cells.len()));
        at += cells.len();
        let step = step(&cells[0]);
        if step > 0 {
            heat(paper, step, vec![(from, top), (to, top), (to, bottom), (from, bottom)]);
        }
    }
}

/// Names a row on its left, and says its highest value on its right.
fn draw_label(map: &Heat, row: &HeatRow, (left, right): (i32, i32), y: i32, paper: &Paper) {
    let ink = if row.stands_out { &INK } else { &FAINT };
    text(paper, ink, 11, HPos::Right, (left, y), &label::fit(&label::clean(&row.label), NAME, '…'));
    let peak = row.peak().map_or_else(|| "not measured".to_owned(), |peak| amount(map.unit, peak));
    text(paper, ink, 11, HPos::Left, (right, y), &peak);
    if row.stands_out {
        line(paper, &INK, 3, vec![(left + 4, y - 4), (left + 4, y + 4)]);
    }
}

fn draw_legend(map: &Heat, (left, y): (i32, i32), paper: &Paper) {
    text(paper, &FAINT, 11, HPos::Right, (left - 8, y), "0");
    for step in 1..=STEPS {
        let x = left + (step as i32 - 1) * 24;
        heat(paper, step, vec![(x, y - 6), (x + 24, y - 6), (x + 24, y + 6), (x, y + 6)]);
    }
    let highest = amount(map.unit, map.highest());
    text(paper, &FAINT, 11, HPos::Left, (left + STEPS as i32 * 24 + 8, y), &highest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::heat::tests::heat;

    #[test]
    fn a_map_is_small_however_many_rows_it_has_and_shows_the_highest() {
        for rows in [0, 1, 9, 128, 129, 2000] {
            let svg = draw_heat(&heat(rows), "map");
            let picture = roxmltree::Document::parse(&svg).unwrap();
            let filled = picture.descendants().filter(|node| node.has_tag_name("polygon")).count();
            assert!(filled <= 3 * ROWS + STEPS, "{rows}: {filled}");
            assert!(svg.contains("fill-opacity=\"1\""), "{rows}");
            assert!(svg.len() < 200_000, "{rows}: {}", svg.len());
        }
    }
}
