//! Points as SVG: what came of the same work with one size at several values.
//!
//! It looks as the figures over time do: the same frame, the same colours, and a letter at the last
//! point of each trail. Both axes begin at 0, so that twice as far is twice as much.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::frame::{Caption, element};
use super::ink::{FAINT, GRID, INK, curve};
use super::pen::{badge, disc, line, text};
use super::{CHARACTER, WIDTH, label};
use crate::chart::letter;
use crate::chart::scale::{Axis, amount};
use crate::model::metric::Unit;

/// What is to be seen: trails of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// The headline.
    pub(crate) title: String,
    /// What is drawn across.
    pub(crate) x: Reach,
    /// What is drawn up.
    pub(crate) y: Reach,
    /// The trails, in the order of the legend.
    pub(crate) trails: Vec<Trail>,
}

/// What the places along an axis are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// In words.
    pub(crate) label: String,
    /// What is counted.
    pub(crate) unit: Unit,
}

/// Points that belong together, joined in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trail {
    /// What they are of, most often a variant.
    pub(crate) label: String,
    /// The points.
    pub(crate) dots: Vec<Dot>,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dot {
    /// How far across, in the unit of the axis.
    pub(crate) x: u64,
    /// How far up, in the unit of the axis.
    pub(crate) y: u64,
    /// What stands next to it; most often the value of the size that is swept.
    pub(crate) label: String,
}

const TOP: i32 = 62;
const BOTTOM: i32 = 300;
const RIGHT: i32 = WIDTH - 40;

/// From one line of the legend to the next.
const STEP: i32 = 19;

/// Half of the height of a label, with the air around it.
const LINE: i32 = 8;

struct Layout {
    left: i32,
    across: Axis,
    up: Axis,
}

/// Draws the points as one `<svg>` element, with ids that begin with `prefix`, and in the custom
/// properties that [`draw`](super::draw) has.
pub fn draw(points: &Points, prefix: &str) -> String {
    let dots = || points.trails.iter().flat_map(|trail| &trail.dots);
    let across = Axis::of_values(points.x.unit, dots().map(|dot| dot.x).max().unwrap_or(0), 8);
    let up = Axis::of_values(points.y.unit, dots().map(|dot| dot.y).max().unwrap_or(0), 6);
    let layout = Layout { left: (up.widest() as i32 * CHARACTER + 24).max(64), across, up };
    let legend = BOTTOM + 56;
    let height = legend + points.trails.len() as i32 * STEP;
    let caption = Caption {
        title: &points.title,
        description: description(points),
        inks: points.trails.len(),
        data: String::new(),
    };
    element(&caption, prefix, height, |paper| {
        draw_axes(points, &layout, paper);
        draw_trails(points, &layout, paper);
        for (index, trail) in points.trails.iter().enumerate() {
            let y = legend + index as i32 * STEP;
            badge(paper, curve(index), 7, (12, y), letter(index));
            text(paper, &INK, 12, HPos::Left, (24, y), &label::fit(&label::clean(&trail.label), 80, '…'));
        }
    })
}

/// The points in words.
fn description(points: &Points) -> String {
    let trails = points.trails.iter().enumerate().map(|(index, trail)| {
        let dots = trail.dots.iter().map(|dot| {
            let place = format!("{} at {}", amount(points.y.unit, dot.y), amount(points.x.unit, dot.x));
            match label::clean(&dot.label) {
                label if label.is_empty() => place,
                label => format!("{label}: {place}"),
            }
        });
        let dots = dots.collect::<Vec<_>>().join(", ");
        format!("{} {}: {dots}.", letter(index), label::clean(&trail.label))
    });
    let axes = [&points.y.label, &points.x.label].map(|label| label::clean(label));
    std::iter::once(format!("{} over {}.", axes[0], axes[1])).chain(trails).collect::<Vec<_>>().join(" ")
}

fn draw_axes(points: &Points, layout: &Layout, paper: &Paper) {
    text(paper, &INK, 15, HPos::Left, (12, 20), &label::fit(&label::clean(&points.title), 90, '…'));
    let name = |reach: &Reach| label::fit(&label::clean(&reach.label), 90, '…');
    text(paper, &FAINT, 12, HPos::Left, (12, 42), &name(&points.y));
    text(paper, &FAINT, 12, HPos::Right, (RIGHT, BOTTOM + 34), &name(&points.x));
    for (value, name) in &layout.up.ticks {
        let y = layout.y(*value);
        line(paper, &GRID, 1, vec![(layout.left, y), (RIGHT, y)]);
        text(paper, &FAINT, 12, HPos::Right, (layout.left - 6, y), name);
    }
    for (value, name) in &layout.across.ticks {
        let x = layout.x(*value);
        line(paper, &GRID, 1, vec![(x, TOP), (x, BOTTOM + 5)]);
        text(paper, &FAINT, 12, HPos::Center, (x, BOTTOM + 14), name);
    }
}

fn draw_trails(points: &Points, layout: &Layout, paper: &Paper) {
    let at = |dot: &Dot| (layout.x(dot.x as f64), layout.y(dot.y as f64));
    let mut labels = Vec::new();
    for (index, trail) in points.trails.iter().enumerate() {
        let places: Vec<(i32, i32)> = trail.dots.iter().map(at).collect();
        if places.len() > 1 {
            line(paper, curve(index), 2, places.clone());
        }
        for &place in &places {
            disc(paper, curve(index), 4, place);
        }
        for (dot, &(x, y)) in trail.dots.iter().zip(&places) {
            let label = label::fit(&label::clean(&dot.label), 12, '…');
            let place = (x + 11, y - 10, label::width(&label) as i32 * CHARACTER);
            // A label that would lie on another one is left out: the table has all of them.
            if labels.iter().all(|other| are_apart(place, *other)) {
                text(paper, &INK, 12, HPos::Left, (place.0, place.1), &label);
                labels.push(place);
            }
        }
    }
    for (index, trail) in points.trails.iter().enumerate() {
        if let Some(last) = trail.dots.last() {
            badge(paper, curve(index), 7, at(last), letter(index));
        }
    }
}

/// Whether two labels, each as its left end, its height and its width, can both be read.
fn are_apart(one: (i32, i32, i32), other: (i32, i32, i32)) -> bool {
    one.0 + one.2 < other.0 || other.0 + other.2 < one.0 || (one.1 - other.1).abs() >= 2 * LINE
}

impl Layout {
    fn x(&self, value: f64) -> i32 {
        self.left + (self.across.place(value) * f64::from(RIGHT - self.left)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        BOTTOM - (self.up.place(value) * f64::from(BOTTOM - TOP)).round() as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(dots: &[(u64, u64, &str)]) -> Points {
        let dots = dots.iter().map(|&(x, y, label)| Dot { x, y, label: label.into() }).collect();
        Points {
            title: "Memory <b> over work".into(),
            x: Reach { label: "cpu".into(), unit: Unit::Microseconds },
            y: Reach { label: "peak & more".into(), unit: Unit::Bytes },
            trails: vec![Trail { label: "policy-tasks".into(), dots }],
        }
    }

    #[test]
    fn every_point_is_drawn_and_described() {
        let svg = draw(&points(&[(900_000, 2 << 20, "1"), (400_000, 600 << 20, "300")]), "every");
        let picture = roxmltree::Document::parse(&svg).unwrap();
        let of =
            |name: &str| picture.descendants().filter(|node| node.has_tag_name(name)).collect::<Vec<_>>();
        assert_eq!(of("title")[0].text(), Some("Memory <b> over work"));
        assert_eq!(
            of("desc")[0].text(),
            Some("peak & more over cpu. a policy-tasks: 1: 2 MiB at 900 ms, 300: 600 MiB at 400 ms.")
        );
        // A badge is at the last point, and in the legend.
        assert_eq!(of("circle").len(), 2 + 2);
        assert!(of("text").iter().any(|text| text.text().is_some_and(|text| text.trim() == "300")));
    }

    #[test]
    fn no_point_and_points_without_height_are_drawn_as_well() {
        for dots in [&[][..], &[(0, 0, "")], &[(u64::MAX, u64::MAX, "a\u{1b}[2J\u{ffff}"), (0, 0, "")]] {
            assert!(roxmltree::Document::parse(&draw(&points(dots), "odd")).is_ok());
        }
    }

    #[test]
    fn labels_that_would_lie_on_one_another_are_left_out() {
        let svg = draw(&points(&[(10, 10, "one"), (10, 10, "two"), (90, 90, "far")]), "near");
        assert!(svg.contains("one") && svg.contains("far"));
        assert_eq!(svg.matches("two").count(), 1, "in the description alone");
    }
}
