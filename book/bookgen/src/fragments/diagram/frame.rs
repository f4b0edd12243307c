//! One step of a diagram as SVG.
//!
//! Texts are measured with the widths of DejaVu Sans, the widest of the fonts in which the book is
//! shown. A text that could run out of its box, out of the picture or into another one is an error.

use std::fmt::Write;

use anyhow::{Result, ensure};

use super::super::template::escaped;
use super::shape::{Anchor, Area, Kind, Point, Shape};

/// How wide a picture is. On a phone that is about the width of the page.
const WIDTH: f64 = 360.0;

/// The size of the letters, as in the style sheet.
const LETTER: f64 = 12.0;

/// From one line of text to the next.
const LINE: f64 = 15.0;

/// A page and the gap next to it.
const PAGE: (f64, f64) = (11.0, 3.0);

/// Half of a cross.
const CROSS: f64 = 8.0;

/// A line of text and where it is, with its middle at half of its height.
struct Placed<'a> {
    text: &'a str,
    at: Point,
    anchor: Anchor,
    area: Area,
}

/// How high a picture of all these shapes is.
pub(super) fn size(shapes: &[Shape]) -> f64 {
    let bottom = shapes.iter().flat_map(|shape| {
        let drawn = match &shape.kind {
            Kind::Box(area) | Kind::Bar(area) => area.y + area.height,
            Kind::Pages((_, y), (_, rows)) => y + f64::from(*rows) * (PAGE.0 + PAGE.1),
            Kind::Arrow(points) | Kind::Line(points) => {
                points.iter().map(|point| point.1).fold(0.0, f64::max)
            }
            Kind::Cross((_, y)) => y + CROSS,
            Kind::Text(_) => 0.0,
        };
        texts(shape).into_iter().map(|text| text.area.y + text.area.height).chain([drawn])
    });
    bottom.fold(0.0, f64::max).ceil() + 4.0
}

/// The picture of a step.
///
/// # Errors
///
/// Names the texts that run into one another, or out of where they belong.
pub(super) fn svg(shapes: &[&Shape], step: usize, height: f64, title: &str) -> Result<String> {
    check(shapes, height)?;
    let mut words: Vec<String> = Vec::new();
    for shape in shapes {
        let text = shape.lines.join(" ");
        if !text.is_empty() && !words.contains(&text) {
            words.push(text);
        }
    }
    // Nothing in an image can be chosen.
    let role = if shapes.iter().any(|shape| shape.link.is_some()) { "group" } else { "img" };
    let mut svg = format!(
        "<svg role=\"{role}\" data-step=\"{step}\" viewBox=\"0 0 {WIDTH} {height}\" text-anchor=\"middle\">\n\
         <title>{}</title><desc>{}</desc>\n",
        escaped(title),
        escaped(&words.join("; ")),
    );
    for shape in shapes {
        let is_new = step > 1 && !shape.steps.contains(&(step - 1));
        svg += &draw(shape, is_new);
        svg.push('\n');
    }
    Ok(svg + "</svg>")
}

fn draw(shape: &Shape, is_new: bool) -> String {
    let new = if is_new { "lab-new" } else { "" };
    let dashed = if shape.dashed { "lab-dashed" } else { "" };
    let classes = |names: &[&str]| {
        let names: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
        format!("class=\"{}\"", names.join(" "))
    };
    let class = |name: &str| classes(&[name, shape.ink, dashed, new]);
    let mut drawn = match &shape.kind {
        Kind::Box(area) => rect(area, &class("lab-box")),
        Kind::Bar(area) => rect(area, &class("lab-page")),
        Kind::Pages((x, y), (columns, rows)) => {
            let (side, gap) = PAGE;
            let places = (0..*rows).flat_map(|row| (0..*columns).map(move |column| (column, row)));
            let path: String = places
                .map(|(column, row)| {
                    let at = |origin: f64, place: u8| origin + f64::from(place) * (side + gap);
                    format!("M{} {}h{side}v{side}h-{side}z", at(*x, column), at(*y, row))
                })
                .collect();
            format!("<path {} d=\"{path}\"/>", class("lab-page"))
        }
        Kind::Line(points) => format!("<path {} d=\"{}\"/>", class("lab-way"), path(points)),
        Kind::Arrow(points) => format!(
            "<path {} d=\"{}\"/><path {} d=\"{}\"/>",
            class("lab-way"),
            path(points),
            classes(&["lab-tip", shape.ink]),
            tip(points)
        ),
        Kind::Cross((x, y)) => {
            format!("<path {} d=\"M{} {}l16 16m0 -16l-16 16\"/>", class("lab-cross"), x - CROSS, y - CROSS)
        }
        Kind::Text(_) => String::new(),
    };
    let code = if shape.code { " class=\"lab-code\"" } else { "" };
    for Placed { text, at: (x, y), anchor, .. } in texts(shape) {
        let anchor = match anchor {
            Anchor::Start => " text-anchor=\"start\"",
            Anchor::Middle => "",
            Anchor::End => " text-anchor=\"end\"",
        };
        write!(drawn, "<text x=\"{x}\" y=\"{y}\"{anchor}{code}>{}</text>", escaped(text))
            .expect("a string takes all text");
    }
    match &shape.link {
        Some(link) => format!("<a href=\"{}\">{drawn}</a>", escaped(link)),
        None => drawn,
    }
}

fn rect(area: &Area, class: &str) -> String {
    let Area { x, y, width, height } = area;
    format!("<rect {class} x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\"/>", tenths(*width))
}

/// As exact as can be seen.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn path(points: &[Point]) -> String {
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    format!("M{}", points.join("L"))
}

/// The head of an arrow at the end of its way.
fn tip(points: &[Point]) -> String {
    let [.., from, to] = points else { return String::new() };
    let length = (to.0 - from.0).hypot(to.1 - from.1).max(1.0);
    let (right, down) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
    let back = (to.0 - 8.0 * right, to.1 - 8.0 * down);
    let side =
        |sign: f64| format!("{} {}", tenths(back.0 - sign * 4.0 * down), tenths(back.1 + sign * 4.0 * right));
    format!("M{} {}L{}L{}z", to.0, to.1, side(1.0), side(-1.0))
}

/// The lines of text of a shape.
fn texts(shape: &Shape) -> Vec<Placed<'_>> {
    let lines = shape.lines.len() as f64;
    let (x, y, anchor) = match &shape.kind {
        Kind::Box(area) => (
            area.x + area.width / 2.0,
            area.y + area.height / 2.0 - (lines - 1.0) * LINE / 2.0,
            Anchor::Middle,
        ),
        Kind::Bar(area) => (area.x + area.width + 6.0, area.y + area.height / 2.0, Anchor::Start),
        Kind::Text((x, y)) => (*x, *y, shape.anchor),
        // A name stands above its pages.
        Kind::Pages((x, y), _) => (*x, y - 9.0, Anchor::Start),
        Kind::Arrow(points) | Kind::Line(points) => {
            let (from, to) = (points[0], points[1]);
            ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0 - 9.0, Anchor::Middle)
        }
        Kind::Cross((x, y)) => (*x, y + CROSS + LETTER, Anchor::Middle),
    };
    let place = |(row, text)| {
        let at: Point = (x, y + row as f64 * LINE);
        let width = width(text, shape.code);
        let left = match anchor {
            Anchor::Start => at.0,
            Anchor::Middle => at.0 - width / 2.0,
            Anchor::End => at.0 - width,
        };
        let area = Area { x: left, y: at.1 - LETTER / 2.0, width, height: LETTER };
        Placed { text, at, anchor, area }
    };
    shape.lines.iter().map(String::as_str).enumerate().map(place).collect()
}

fn check(shapes: &[&Shape], height: f64) -> Result<()> {
    let picture = Area { x: 0.0, y: 0.0, width: WIDTH, height };
    let mut seen: Vec<Placed<'_>> = Vec::new();
    for shape in shapes {
        for text in texts(shape) {
            let around = match &shape.kind {
                Kind::Box(area) => *area,
                _ => picture,
            };
            let words = text.text;
            ensure!(
                is_within(&text.area, &around),
                "\"{words}\" needs {:.0} from {:.0}, {:.0} on, and there is not so much room",
                text.area.width,
                text.area.x,
                text.area.y
            );
            if let Some(other) = seen.iter().find(|other| overlap(&other.area, &text.area)) {
                anyhow::bail!("\"{words}\" runs into \"{}\"", other.text);
            }
            seen.push(text);
        }
    }
    Ok(())
}

fn is_within(inner: &Area, outer: &Area) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

fn overlap(one: &Area, other: &Area) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

/// How wide a text is at most.
fn width(text: &str, code: bool) -> f64 {
    let of = |char: char| match char {
        _ if code => 0.61,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.34,
        'f' | 't' | 'r' | '(' | ')' | '/' | '-' => 0.43,
        'm' | 'w' | 'M' | 'W' | '%' | '→' => 0.98,
        char if char.is_ascii_uppercase() => 0.74,
        _ => 0.64,
    };
    text.chars().map(of).sum::<f64>() * LETTER
}

#[cfg(test)]
mod tests {
    use super::super::shape::parse;
    use super::*;

    fn drawn(text: &str) -> Result<String> {
        let shapes = parse(text, 1, |_, _| Ok(1.0))?;
        let height = size(&shapes);
        svg(&shapes.iter().collect::<Vec<_>>(), 1, height, "a title")
    }

    #[test]
    fn a_picture_is_as_high_as_its_shapes_and_says_what_it_shows() {
        let svg = drawn("box 0 10 100 40 | a <b>\narrow 0 80 50 80").unwrap();
        assert!(svg.contains("viewBox=\"0 0 360 84\""), "{svg}");
        assert!(svg.contains("<desc>a &lt;b&gt;</desc>"), "{svg}");
        assert!(svg.contains("role=\"img\""), "{svg}");
        assert!(drawn("box 0 10 100 40 to=a.html | a link").unwrap().contains("role=\"group\""));
        assert!(svg.contains("d=\"M50 80L42 84L42 76z\""), "{svg}");
    }

    #[test]
    fn texts_that_have_no_room_are_no_picture() {
        for (text, why) in [
            ("box 0 0 30 20 | a long text", "not so much room"),
            ("text 300 20 | a long text", "not so much room"),
            ("text 10 20 | one\ntext 15 25 | two", "\"two\" runs into \"one\""),
        ] {
            let error = format!("{:#}", drawn(text).unwrap_err());
            assert!(error.contains(why), "{error}");
        }
    }
}
