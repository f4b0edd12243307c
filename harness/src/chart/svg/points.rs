//! Points as SVG: the results of the same work with one size at several values.
//!
//! It looks like the figures over time: the same frame, the same colours, and a letter at the last point of each
//! trail. Both axes begin at 0, so twice as far is twice as much.

use plotters::style::text_anchor::HPos;

use super::backend::Paper;
use super::frame::{Caption, element};
use super::ink::{FAINT, GRID, INK, curve};
use super::pen::{badge, disc, line, text};
use super::{CHARACTER, NARROW, WIDTH, draw_headline, label};
use crate::chart::letter;
use crate::chart::scale::{Axis, amount};
use crate::model::metric::Unit;

/// The picture: trails of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Points {
    /// The headline.
    pub(crate) title: String,
    /// The horizontal quantity.
    pub(crate) x: Reach,
    /// The vertical quantity.
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

/// The height of the plot.
const HEIGHT: i32 = 238;

/// From one line of the legend to the next.
const STEP: i32 = 19;

/// Half of the height of a label, with the air around it.
const LINE: i32 = 8;

struct Layout {
    width: i32,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    legend: i32,
    across: Axis,
    up: Axis,
    /// The lines of the headline, and of what the axes are.
    title: Vec<String>,
    names: [Vec<String>; 2],
}

/// Draws the points as one `<svg>` element, with ids that begin with `prefix`, and in the custom
/// properties that [`draw`](super::draw) has.
pub fn draw(points: &Points, prefix: &str) -> String {
    draw_in(points, prefix, WIDTH)
}

/// Draws the points as [`draw`] does, for a phone.
pub fn draw_narrow(points: &Points, prefix: &str) -> String {
    draw_in(points, prefix, NARROW)
}

fn draw_in(points: &Points, prefix: &str, width: i32) -> String {
    let layout = Layout::of(points, width);
    let caption = Caption {
        title: &points.title,
        description: description(points),
        inks: points.trails.len(),
        data: String::new(),
        size: (width, layout.legend + points.trails.len() as i32 * STEP),
    };
    element(&caption, prefix, |paper| {
        draw_axes(&layout, paper);
        draw_trails(points, &layout, paper);
        for (index, trail) in points.trails.iter().enumerate() {
            let y = layout.legend + index as i32 * STEP;
            let name = label::fit(&label::clean(&trail.label), columns(width - 24), '…');
            badge(paper, curve(index), 7, (12, y), letter(index));
            text(paper, &INK, 12, HPos::Left, (24, y), &name);
        }
    })
}

/// So many characters fit into a part of the picture.
fn columns(width: i32) -> usize {
    (width / CHARACTER) as usize
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

fn draw_axes(layout: &Layout, paper: &Paper) {
    let Layout { left, right, top, bottom, .. } = *layout;
    draw_headline(&layout.title, paper);
    let [up, across] = &layout.names;
    for (y, name) in (0..up.len() as i32).rev().map(|line| top - 20 - 16 * line).zip(up) {
        text(paper, &FAINT, 12, HPos::Left, (12, y), name);
    }
    for (y, name) in (bottom + 34..).step_by(16).zip(across) {
        text(paper, &FAINT, 12, HPos::Right, (right, y), name);
    }
    for (value, _) in &layout.up.ticks {
        let y = layout.y(*value);
        line(paper, &GRID, 1, vec![(left, y), (right, y)]);
    }
    for (value, _) in &layout.across.ticks {
        let x = layout.x(*value);
        line(paper, &GRID, 1, vec![(x, top), (x, bottom + 5)]);
    }
    for (value, name) in &layout.up.ticks {
        text(paper, &FAINT, 12, HPos::Right, (left - 6, layout.y(*value)), name);
    }
    for (value, name) in &layout.across.ticks {
        text(paper, &FAINT, 12, HPos::Center, (layout.x(*value), bottom + 14), name);
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
            let width = label::width(&label) as i32 * CHARACTER;
            let is_inside = x + 11 + width <= layout.width;
            let place = (if is_inside { x + 11 } else { x - 11 - width }, y - 10, width);
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
    fn of(points: &Points, width: i32) -> Self {
        let dots = || points.trails.iter().flat_map(|trail| &trail.dots);
        let is_narrow = super::is_narrow(width);
        let [far, high] = if is_narrow { [4, 5] } else { [8, 6] };
        let across = Axis::of_values(points.x.unit, dots().map(|dot| dot.x).max().unwrap_or(0), far);
        let up = Axis::of_values(points.y.unit, dots().map(|dot| dot.y).max().unwrap_or(0), high);
        let left = up.widest() as i32 * CHARACTER + if is_narrow { 14 } else { 24 };
        let left = if is_narrow { left } else { left.max(64) };
        let right = width - if is_narrow { 28 } else { 40 };
        // Letters of the headline are larger.
        let title = label::wrap(&label::clean(&points.title), ((width - 24) / 9) as usize, 3, '…');
        let name = |reach: &Reach, room: i32| label::wrap(&label::clean(&reach.label), columns(room), 3, '…');
        let names = [name(&points.y, width - 24), name(&points.x, right - 12)];
        let [head, before, after] =
            [title.len(), names[0].len(), names[1].len()].map(|lines| lines.max(1) as i32 - 1);
        let top = 62 + head * super::LINE + before * 16;
        let bottom = top + HEIGHT;
        let legend = bottom + 56 + after * 16;
        Layout { width, left, right, top, bottom, legend, across, up, title, names }
    }

    fn x(&self, value: f64) -> i32 {
        self.left + (self.across.place(value) * f64::from(self.right - self.left)).round() as i32
    }

    fn y(&self, value: f64) -> i32 {
        self.bottom - (self.up.place(value) * f64::from(self.bottom - self.top)).round() as i32
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
    fn what_is_drawn_for_a_phone_says_the_same_and_has_its_words_inside() {
        let mut points = points(&[(900_000, 2 << 20, "seventeen"), (400_000, 600 << 20, "300")]);
        points.title = "A headline that is longer than a phone is wide, by some words".into();
        points.y.label = "a quantity with a name that needs more than one line of a phone".into();
        let pictures = [draw(&points, "wide"), draw_narrow(&points, "narrow")];
        let [wide, narrow] = pictures.each_ref().map(|svg| roxmltree::Document::parse(svg).unwrap());
        let words = |picture: &roxmltree::Document<'_>, name: &str| -> Vec<String> {
            let all = picture.descendants().filter(|node| node.has_tag_name(name));
            all.map(|node| node.text().unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(words(&wide, "desc"), words(&narrow, "desc"));
        let all = words(&narrow, "text").join(" ");
        for text in [&*points.title, &points.y.label, &points.x.label, "seventeen", "policy-tasks"] {
            assert!(all.contains(text), "{text} isn't in {all}");
        }
        for text in narrow.descendants().filter(|node| node.has_tag_name("text")) {
            let x: i32 = text.attribute("x").unwrap().parse().unwrap();
            let width = label::width(text.text().unwrap()) as i32 * CHARACTER;
            let [left, right] = match text.attribute("text-anchor") {
                Some("end") => [x - width, x],
                Some("middle") => [x - width / 2, x + width / 2],
                _ => [x, x + width],
            };
            assert!(left >= 0 && right <= NARROW, "{:?} goes from {left} to {right}", text.text());
        }
    }

    #[test]
    fn labels_that_would_lie_on_one_another_are_left_out() {
        let svg = draw(&points(&[(10, 10, "one"), (10, 10, "two"), (90, 90, "far")]), "near");
        assert!(svg.contains("one") && svg.contains("far"));
        assert_eq!(svg.matches("two").count(), 1, "in the description alone");
    }
}
